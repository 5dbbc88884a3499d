"""One evaluation on real consortia from archive to report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from matching.engine import Settings
from matching.evaluation.archive import Omissions, read_projects
from matching.evaluation.cordis import DEPTH, METRICS, Actions, Period, Task, Trial, make_trial
from matching.evaluation.metrics import Scores
from matching.evaluation.ranking import (
    Progress,
    Ranked,
    Stopwatch,
    deep_enough,
    differences,
    intervals,
    means,
    peak_memory_mb,
    rank_needs,
    score_lists,
    silent,
)

_READ: Final = "read"
_INDEX: Final = "index"
_RANK: Final = "rank"


@dataclass(frozen=True, slots=True)
class CordisReport:
    """What an evaluation found."""

    period: Period
    task: Task
    actions: Actions
    trial: Trial
    omissions: Omissions
    lists: tuple[Ranked, ...]
    seconds: dict[str, float]
    against: Scores | None
    """The metrics of the other settings, where there are any."""

    @property
    def scores(self) -> dict[str, list[float]]:
        """Every metric per need."""
        return score_lists(self.lists, self.trial.relevant, METRICS)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values; metrics are means over needs, intervals hold them with 95 % confidence."""
        scores = self.scores
        report: dict[str, Any] = {
            "evaluation": "cordis",
            "task": self.task.value,
            "actions": self.actions.value,
            "from": self.period.start.isoformat(),
            "to": self.period.end.isoformat(),
            "needs": len(self.trial.needs),
            "candidates": len(self.trial.organizations),
            "left_out": self.trial.left_out,
            "warnings": list(self.omissions.columns),
            "rows_left_out": dict(sorted(self.omissions.rows.items())),
            **means(scores),
            "intervals": intervals(scores),
            "by_organization_type": self._by_type(),
            "seconds": self.seconds,
            "peak_memory_mb": peak_memory_mb(),
        }
        if self.against is not None:
            report["against"] = {**means(self.against), "differences": differences(scores, self.against)}
        return report

    def _by_type(self) -> dict[str, dict[str, Any]]:
        """The same lists, where only organizations of one type count as relevant."""
        types = self.trial.types
        found: dict[str, dict[str, Any]] = {}
        for kind in sorted(set(types.values())):
            relevant = {
                need: [name for name in names if types[name] == kind] for need, names in self.trial.relevant.items()
            }
            scores = score_lists(self.lists, relevant, METRICS)
            counted = len(next(iter(scores.values())))
            if counted:
                found[kind] = {"needs": counted, **means(scores), "intervals": intervals(scores)}
        return found


def evaluate_cordis(
    archive: Path,
    *,
    period: Period,
    task: Task,
    actions: Actions,
    settings: Settings,
    against: Settings | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> CordisReport:
    """Measure the engine's lists on the consortia of a period, whose history is all that it is given.

    Args:
        archive: the European Commission's archive in the bulk layout.
        period: the days on which the needs were signed.
        task: whether the coordinator is named as the owner of the need.
        actions: which projects are needs.
        settings: the engine's settings; the lists are read down to rank 100 whatever `top_k` says.
        against: other settings to compare with, need by need.
        cache: a folder for sentence vectors.
        progress: told how far it is.

    Raises:
        InvalidInput: the archive cannot be read, or nothing in it can be measured in this period.
    """
    watch = Stopwatch()
    read = 0

    def count(size: int) -> None:
        nonlocal read
        read += size
        progress(_READ, read, 0)

    omissions = Omissions()
    projects = read_projects(archive, on_bytes=count, omissions=omissions)
    trial = make_trial(projects, period, task=task, actions=actions)
    watch.lap(_READ)
    lists = _lists(trial, settings, cache, progress, watch)
    others = None if against is None else _lists(trial, against, cache, progress, Stopwatch())
    return CordisReport(
        period=period,
        task=task,
        actions=actions,
        trial=trial,
        omissions=omissions,
        lists=tuple(lists),
        seconds=watch.seconds,
        against=None if others is None else score_lists(others, trial.relevant, METRICS),
    )


def _lists(
    trial: Trial, settings: Settings, cache: Path | None, progress: Progress, watch: Stopwatch
) -> Sequence[Ranked]:
    index = trial.index(deep_enough(settings, DEPTH), cache=cache, progress=progress)
    watch.lap(_INDEX)
    lists = rank_needs(index, trial.needs, progress)
    watch.lap(_RANK)
    return lists
