"""Learning weights from real consortia: trained on one period, measured on a later one that training never saw."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from matching.engine import Index, Settings
from matching.evaluation.archive import Project
from matching.evaluation.comparison import Comparison, compare
from matching.evaluation.cordis import DEPTH, METRICS, Actions, Period, Task, Trial, make_trial
from matching.evaluation.metrics import Scores
from matching.evaluation.ranking import Progress, deep_enough, rank_needs, score_lists, silent
from matching.evaluation.training import Examples, examples_from

DECIDING: Final = "nDCG@20"


@dataclass(frozen=True, slots=True)
class Consortia:
    """The consortia of a period as tasks over one index of what came before it."""

    period: Period
    trials: Mapping[Task, Trial]
    index: Index

    def examples(self, progress: Progress = silent) -> list[Examples]:
        """Return the shortlists of all needs with who took part, one part per task."""
        found = []
        for trial in self.trials.values():
            gains = [dict.fromkeys(trial.relevant[need.id], 1.0) for need in trial.needs]
            found.append(examples_from(self.index.assess(trial.needs, progress=progress), gains))
        return found

    def compare_weights(
        self, before: Mapping[str, float], after: Mapping[str, float], progress: Progress = silent
    ) -> list[Comparison]:
        """Rank every task's needs under both sets of weights."""
        return [
            compare(
                f"CORDIS {task}, {self.period.start} to {self.period.end}",
                before=self._scores(trial, before, progress),
                after=self._scores(trial, after, progress),
                deciding=DECIDING,
            )
            for task, trial in self.trials.items()
        ]

    def _scores(self, trial: Trial, weights: Mapping[str, float], progress: Progress) -> Scores:
        return score_lists(rank_needs(self.index.with_weights(weights), trial.needs, progress), trial.relevant, METRICS)


def take_consortia(
    projects: Sequence[Project],
    period: Period,
    tasks: Collection[Task],
    settings: Settings,
    *,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Consortia:
    """Cut a period out of the archive and index its history once for all tasks.

    Args:
        projects: all projects that were read.
        period: the days on which the needs were signed.
        tasks: what is asked of the lists; at least one.
        settings: the engine's settings; lists are read down to rank 100 whatever `top_k` says.
        cache: a folder for sentence vectors.
        progress: told how far it is; may raise to cancel.

    Raises:
        InvalidInput: the archive has no history before the period, or no consortium in it.
    """
    trials = {task: make_trial(projects, period, task=task, actions=Actions.CONSORTIUM) for task in sorted(tasks)}
    first = next(iter(trials.values()))
    return Consortia(period, trials, first.index(deep_enough(settings, DEPTH), cache=cache, progress=progress))
