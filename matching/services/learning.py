"""Learning a weight set: examples in, a draft with its provenance and its evaluation out.

Nothing is stored before everything is known, so that whoever interrupts leaves no half of a weight set.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from matching import engine
from matching.evaluation.archive import Project, read_projects
from matching.evaluation.comparison import Comparison
from matching.evaluation.cordis import Period, Task
from matching.evaluation.learning import take_consortia
from matching.evaluation.ranking import Progress, silent
from matching.evaluation.training import (
    DEFAULT_RIDGE,
    Examples,
    Fitted,
    TrainingError,
    fit_weights,
    join_examples,
    settle_weights,
)
from matching.loading.feedback import load_feedback
from matching.models import WeightSet
from matching.services.configuration import current_settings
from matching.services.weights import draft_weight_set, evaluate_weight_set
from ronghe.common.errors import InvalidInput

_READ: Final = "read"
_LEARN: Final = "learn"


@dataclass(frozen=True, slots=True)
class Archive:
    """Real consortia to learn from: trained on one period, measured on the equally long one after it."""

    path: Path
    period: Period
    tasks: tuple[Task, ...] = tuple(Task)

    @property
    def held_out(self) -> Period:
        """The period that training never sees."""
        return Period(self.period.end, self.period.end + (self.period.end - self.period.start))


@dataclass(frozen=True, slots=True)
class Lesson:
    """What to learn from: consortia, what people did with their matches here, or both."""

    archive: Archive | None = None
    feedback: bool = False
    ridge: float = DEFAULT_RIDGE
    """How strongly weights stay near the engine's defaults."""


@dataclass(slots=True)
class _Taught:
    """What was gathered on the way to a weight set."""

    examples: list[Examples] = field(default_factory=list)
    provenance: dict[str, Any] = field(default_factory=dict)


def train_weight_set(*, lesson: Lesson, progress: Progress = silent) -> WeightSet:
    """Learn weights, measure them beside the weights in force, and store them as an evaluated weight set.

    Args:
        lesson: what to learn from.
        progress: told how far it is; may raise to cancel, which leaves nothing behind before the draft is complete.

    Raises:
        InvalidInput: there is nothing to learn from, or it cannot be read.
    """
    if lesson.archive is None and not lesson.feedback:
        raise InvalidInput(_("Say what to learn from: an archive of consortia, feedback, or both."))
    if not lesson.ridge > 0:
        message = _("Give a pull towards the default weights above 0.")
        raise InvalidInput(message, fields={"ridge": [message]})
    in_force = current_settings()
    taught = _Taught()
    projects = _projects(lesson.archive, progress)
    if lesson.archive is not None:
        _learn_from_archive(taught, lesson.archive, projects, in_force, progress)
    if lesson.feedback:
        _learn_from_feedback(taught)
    fitted = _fitted(taught.examples, lesson.ridge, progress)
    held_out = [] if lesson.archive is None else _measured(lesson.archive, projects, in_force, fitted, progress)
    weight_set = draft_weight_set(
        weights=fitted.weights, provenance=_provenance(taught, lesson, fitted, in_force), held_out=held_out
    )
    return evaluate_weight_set(weight_set=weight_set)


def _projects(archive: Archive | None, progress: Progress) -> Sequence[Project]:
    if archive is None:
        return ()
    read = 0

    def count(size: int) -> None:
        nonlocal read
        read += size
        progress(_READ, read, 0)

    return read_projects(archive.path, on_bytes=count)


def _learn_from_archive(
    taught: _Taught, archive: Archive, projects: Sequence[Project], in_force: engine.Settings, progress: Progress
) -> None:
    # Shortlists as the default weights draw them: the weights in force may themselves come from these data.
    defaults = engine.Settings(encoder=in_force.encoder)
    consortia = take_consortia(
        projects, archive.period, archive.tasks, defaults, cache=Path(settings.VECTOR_CACHE_DIR), progress=progress
    )
    taught.examples += consortia.examples(progress)
    taught.provenance["cordis"] = {
        "archive": archive.path.name,
        "sha256": _digest(archive.path),
        "from": archive.period.start.isoformat(),
        "to": archive.period.end.isoformat(),
        "held_out_to": archive.held_out.end.isoformat(),
        "tasks": [str(task) for task in archive.tasks],
    }


def _learn_from_feedback(taught: _Taught) -> None:
    examples = load_feedback()
    taught.examples.append(examples)
    taught.provenance["feedback"] = {"needs": examples.needs, "matches": len(examples.gain)}


def _fitted(parts: Sequence[Examples], ridge: float, progress: Progress) -> Fitted:
    examples = join_examples(parts)
    try:
        fitted = fit_weights(examples, ridge=ridge, on_step=lambda step: progress(_LEARN, step, 0))
        return settle_weights(examples, fitted)
    except TrainingError as error:
        raise InvalidInput(str(error)) from error


def _measured(
    archive: Archive, projects: Sequence[Project], in_force: engine.Settings, fitted: Fitted, progress: Progress
) -> list[Comparison]:
    """The learned weights beside those in force, on the held-out period."""
    consortia = take_consortia(
        projects, archive.held_out, archive.tasks, in_force, cache=Path(settings.VECTOR_CACHE_DIR), progress=progress
    )
    return consortia.compare_weights(in_force.weights, fitted.weights, progress)


def _provenance(taught: _Taught, lesson: Lesson, fitted: Fitted, in_force: engine.Settings) -> dict[str, Any]:
    return {
        **taught.provenance,
        "ridge": lesson.ridge,
        "taught": list(fitted.taught),
        "step": fitted.step,
        "needs": fitted.needs,
        "candidates": fitted.candidates,
        "loss": {"before": round(fitted.loss_before, 4), "after": round(fitted.loss_after, 4)},
        "settings": in_force.to_json(),
    }


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
