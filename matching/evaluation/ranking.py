"""Running the engine over a set of needs, and reporting how good its lists were at what cost."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from matching.engine import POINT_STEPS, Assessed, Index, Need, Settings
from matching.evaluation.metrics import Estimate, Metric, Scores, estimate, estimate_difference, measure_all

Progress = Callable[[str, int, int], None]
"""Called with a stage, the units done and the units in all (0: nobody knows)."""

_KIBIBYTES_PER_MEBIBYTE: Final = 1024
_DECIMALS: Final = 4


def silent(_stage: str, _done: int, _total: int) -> None:
    """Report to nobody."""


def deep_enough(settings: Settings, depth: int) -> Settings:
    """Return settings whose lists reach down to `depth`; what stands above does not change by it."""
    return replace(settings, top_k=max(settings.top_k, depth), shortlist=max(settings.shortlist, depth))


@dataclass(frozen=True, slots=True)
class Ranked:
    """The list of one need, best first."""

    need: str
    organizations: tuple[str, ...]
    scores: tuple[float, ...]


def rank_needs(index: Index, needs: Iterable[Need], progress: Progress = silent) -> list[Ranked]:
    """Return the engine's lists, in the order of the needs.

    The same ones as `Index.match` gives, without the explanations, which take most of its time.
    """
    waiting = list(needs)
    found = index.assess(waiting, progress=progress)
    order = np.lexsort((found.organization, -found.score, found.need))
    bounds = np.searchsorted(found.need[order], np.arange(len(waiting) + 1)).tolist()
    return [
        _ranked(need, found, order[start : min(start + index.settings.top_k, end)])
        for need, start, end in zip(waiting, bounds[:-1], bounds[1:], strict=True)
    ]


def _ranked(need: Need, found: Assessed, pairs: npt.NDArray[np.int64]) -> Ranked:
    return Ranked(
        need=need.id,
        organizations=tuple(found.organization_ids[row] for row in found.organization[pairs].tolist()),
        scores=tuple((found.score[pairs] / POINT_STEPS).tolist()),
    )


def score_lists(
    lists: Sequence[Ranked], relevant: Mapping[str, Iterable[str]], metrics: Mapping[str, Metric]
) -> dict[str, list[float]]:
    """Return every metric's value per need, with binary relevance; needs without anything relevant are left out."""
    scores: dict[str, list[float]] = {name: [] for name in metrics}
    for ranked in lists:
        grades = dict.fromkeys(relevant[ranked.need], 1.0)
        if grades:
            for name, value in measure_all(ranked.organizations, grades, metrics).items():
                scores[name].append(value)
    return scores


def means(scores: Scores) -> dict[str, float]:
    """Return each metric's mean over needs, for a report."""
    return {name: _rounded(estimate(values).mean) for name, values in scores.items()}


def intervals(scores: Scores) -> dict[str, list[float]]:
    """Return the bounds between which each metric's mean lies with 95 % confidence, for a report."""
    return {name: _bounds(estimate(values)) for name, values in scores.items()}


def differences(scores: Scores, others: Scores) -> dict[str, dict[str, Any]]:
    """Return by how much each metric is higher in `scores` than in `others`, need by need, with its interval."""
    found = {name: estimate_difference(values, others[name]) for name, values in scores.items()}
    return {name: {"difference": _rounded(one.mean), "interval": _bounds(one)} for name, one in found.items()}


def _bounds(found: Estimate) -> list[float]:
    return [_rounded(found.low), _rounded(found.high)]


def _rounded(value: float) -> float:
    return round(value, _DECIMALS)


class Stopwatch:
    """Takes the time of stages, one after another, on a clock that nobody can set back."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.monotonic()

    def lap(self, stage: str) -> None:
        """Give the time since the last lap to a stage."""
        now = time.monotonic()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self._since, 2)
        self._since = now


def peak_memory_mb() -> int:
    """Return the most memory that this process has had resident, in mebibytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _KIBIBYTES_PER_MEBIBYTE
