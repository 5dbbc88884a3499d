"""A sentence encoder that takes its time, so that a worker can be killed in the middle of its work."""

import hashlib
import os
import time
from collections.abc import Sequence

import numpy as np

SECONDS = float(os.environ.get("SLOW_ENCODER_SECONDS", "1.5"))


class SlowEncoder:
    """Vectors that depend on the sentence alone."""

    name = "slow"
    dimension = 8

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        time.sleep(SECONDS)
        digests = [hashlib.blake2b(sentence.encode(), digest_size=self.dimension).digest() for sentence in sentences]
        return np.array([list(digest) for digest in digests], dtype=np.float64) + 1.0
