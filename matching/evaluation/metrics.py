"""Measures of a ranked list against what is known to be relevant, and how sure their means are.

A list is a sequence of identifiers, best first, without repetitions. What is relevant is a mapping from identifier to
grade; a grade of 0 or below, like an identifier that is not there, is irrelevant. Binary relevance is a grade of 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Grades = Mapping[str, float]
Metric = Callable[[Sequence[str], Grades], float]
Scores = Mapping[str, Sequence[float]]
"""By name of the metric, one value per need, the needs in the same order for all metrics."""

RESAMPLES: Final = 2000
CONFIDENCE: Final = 0.95
_SEED: Final = 20_240_701
_CHUNK: Final = 100


def recall(cutoff: int) -> Metric:
    """Return the share of what is relevant that stands among the first `cutoff`."""

    def measure(ranked: Sequence[str], grades: Grades) -> float:
        relevant = _relevant(grades)
        return len(relevant.intersection(ranked[:cutoff])) / len(relevant)

    return measure


def hit(cutoff: int) -> Metric:
    """Return 1 where anything relevant stands among the first `cutoff`, else 0."""

    def measure(ranked: Sequence[str], grades: Grades) -> float:
        return float(not _relevant(grades).isdisjoint(ranked[:cutoff]))

    return measure


def reciprocal_rank(cutoff: int | None = None) -> Metric:
    """Return 1 / rank of the first relevant entry, 0 where none stands among the first `cutoff` (None: anywhere)."""

    def measure(ranked: Sequence[str], grades: Grades) -> float:
        relevant = _relevant(grades)
        places = (place for place, name in enumerate(ranked[:cutoff], start=1) if name in relevant)
        first = next(places, None)
        return 0.0 if first is None else 1 / first

    return measure


def ndcg(cutoff: int) -> Metric:
    """Return the normalised discounted cumulative gain of the first `cutoff` entries.

    The gain is the grade itself and the discount log2(rank + 1) (Järvelin and Kekäläinen, 2002), as trec_eval has it.
    """

    def measure(ranked: Sequence[str], grades: Grades) -> float:
        gains = [max(grades.get(name, 0.0), 0.0) for name in ranked[:cutoff]]
        return _discounted(gains) / _discounted(sorted(_positive(grades), reverse=True)[:cutoff])

    return measure


def _discounted(gains: Sequence[float]) -> float:
    return math.fsum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def _relevant(grades: Grades) -> set[str]:
    relevant = {name for name, grade in grades.items() if grade > 0}
    if not relevant:
        raise ValueError("Nothing is relevant to this need; leave it out and count it.")
    return relevant


def _positive(grades: Grades) -> list[float]:
    return [grades[name] for name in _relevant(grades)]


def measure_all(ranked: Sequence[str], grades: Grades, metrics: Mapping[str, Metric]) -> dict[str, float]:
    """Return the value of every metric for one need.

    Raises `ValueError` when nothing is relevant: such a need says nothing of a ranking and is left out by the caller.
    """
    return {name: metric(ranked, grades) for name, metric in metrics.items()}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over needs, with the interval that holds it with 95 % confidence."""

    mean: float
    low: float
    high: float


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean with its percentile bootstrap interval (Efron, 1979), resampling needs.

    The resamples are the same in every run, so that equal values give equal intervals. Raises `ValueError` without
    any value.
    """
    if not len(values):
        raise ValueError("There is no need to average over.")
    column = np.asarray(values, dtype=np.float64)
    low, high = np.quantile(_resampled_means(column), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimate(math.fsum(values) / len(column), float(low), float(high))


def estimate_difference(values: Sequence[float], others: Sequence[float]) -> Estimate:
    """Return the mean of ``values - others``, need by need, with its interval.

    Pairing takes out what makes needs easy or hard for both. Raises `ValueError` for lists of different lengths.
    """
    return estimate([one - other for one, other in zip(values, others, strict=True)])


def _resampled_means(column: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    chance = np.random.default_rng(_SEED)
    parts = []
    for start in range(0, RESAMPLES, _CHUNK):  # in chunks, so that many needs cost no gigabytes
        drawn = chance.integers(len(column), size=(min(_CHUNK, RESAMPLES - start), len(column)))
        parts.append(column[drawn].mean(axis=1))
    return np.concatenate(parts)
