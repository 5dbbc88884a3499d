"""Selection: the best of each need by a total order, nothing left to chance."""

from __future__ import annotations

import numpy as np

from matching.engine.columns import Array, Ints


def top(needs: Ints, values: Array, organizations: Ints, limit: int) -> Ints:
    """Return the places of each need's `limit` best pairs, best first; equal values go by organization row.

    Organization rows are in the order of the organizations' ids, so this is the order of score, then id.
    """
    order = np.lexsort((organizations, -values, needs))
    sorted_needs = needs[order]
    first = np.searchsorted(sorted_needs, sorted_needs)
    return order[np.arange(len(order)) - first < limit]
