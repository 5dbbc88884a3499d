"""Selection: the best of each need by a total order, nothing left to chance."""

from __future__ import annotations

import numpy as np

from matching.engine import kernels
from matching.engine.columns import Array, Ints


def top(needs: Ints, values: Array, order: Ints, limit: int) -> Ints:
    """Return the places of each need's `limit` best pairs, best first; equal values go by `order`.

    `needs` ascend; values are whole numbers or single-precision ones, and not negative.
    """
    starts = np.append(0, np.cumsum(np.bincount(needs)))
    # The bits of floating-point numbers that are not negative are in the order of the numbers.
    strength = values.view(np.int32) if values.dtype == np.float32 else values.astype(np.int32)
    kept = kernels.keep_strongest(starts, strength, order.astype(np.int64), limit)
    return np.asarray(kept[np.lexsort((order[kept], -values[kept], needs[kept]))], dtype=np.int64)
