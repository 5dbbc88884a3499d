"""`manage.py train_scorecard`: learns the scorecard's weights from outcomes and stores them as a weight set."""

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.engine import DEFAULT_WEIGHTS
from matching.evaluation.comparison import Comparison
from matching.evaluation.cordis import Period, Task
from matching.evaluation.training import DEFAULT_RIDGE
from matching.management.progress import shown_progress
from matching.models import WeightSet
from matching.services.learning import Archive, Lesson, train_weight_set
from matching.services.weights import held_out_comparisons, reference_comparison
from ronghe.common.errors import DomainError
from ronghe.common.exit_codes import INTERRUPTED


class Command(BaseCommand):
    """Learns weights; a curator signs them off and activates them in the administration."""

    help = (
        "Learn the scorecard's weights from real consortia, from what people did with their matches, or from both. "
        "The result is measured on a later period and on the reference set, and waits for a curator. Example: "
        "manage.py train_scorecard --cordis cordis-HORIZONprojects-csv.zip --from 2023-07-01 --to 2024-01-01"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What to learn from, and how boldly."""
        parser.add_argument("--cordis", type=Path, metavar="ARCHIVE.zip", help="the archive of consortia as published")
        parser.add_argument(
            "--from", dest="start", type=date.fromisoformat, metavar="DATE",
            help="first day of the training period, such as 2023-07-01; what was signed before is history",
        )  # fmt: skip
        parser.add_argument(
            "--to", dest="end", type=date.fromisoformat, metavar="DATE",
            help="the day after its last one; the equally long period from then on is held out to measure on",
        )  # fmt: skip
        parser.add_argument(
            "--task", action="append", choices=[str(task) for task in Task],
            help="learn from this task only; both unless given",
        )  # fmt: skip
        parser.add_argument(
            "--feedback", action="store_true", help="learn from interests, refusals, introductions and contracts"
        )
        parser.add_argument(
            "--ridge", type=float, default=DEFAULT_RIDGE, metavar="X",
            help="how strongly weights stay near the defaults, above 0 (%(default)s)",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one line of JSON")

    def handle(self, *, as_json: bool, **options: Any) -> None:
        """Learn, store, report."""
        try:
            lesson = _lesson(**options)
            with shown_progress() as progress:
                weight_set = train_weight_set(lesson=lesson, progress=progress)
        except DomainError as error:
            raise CommandError(error.message) from error
        except KeyboardInterrupt:
            raise CommandError("Training was stopped.", returncode=INTERRUPTED) from None
        if as_json:
            self.stdout.write(json.dumps(_described(weight_set), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_told(weight_set)))


def _lesson(
    *,
    cordis: Path | None,
    start: date | None,
    end: date | None,
    task: list[str] | None,
    feedback: bool,
    ridge: float,
    **_options: Any,
) -> Lesson:
    if cordis is None:
        if start or end or task:
            raise CommandError("--from, --to and --task go with --cordis. Name the archive, or leave them out.")
        return Lesson(feedback=feedback, ridge=ridge)
    if start is None or end is None:
        raise CommandError("--cordis needs the training period. Give --from and --to, such as 2023-07-01.")
    tasks = tuple(Task(name) for name in dict.fromkeys(task or map(str, Task)))
    return Lesson(Archive(cordis, Period(start, end), tasks), feedback=feedback, ridge=ridge)


def _described(weight_set: WeightSet) -> dict[str, Any]:
    return {
        "id": str(weight_set.public_id),
        "number": weight_set.pk,
        "status": weight_set.status,
        "engine_version": weight_set.engine_version,
        "weights": weight_set.weights,
        "provenance": weight_set.provenance,
        "evaluation": weight_set.evaluation,
    }


def _told(weight_set: WeightSet) -> Iterator[str]:
    provenance = weight_set.provenance
    loss, step = provenance["loss"], 100 * provenance["step"]
    yield (
        f"Weight set {weight_set.pk} learned from {provenance['needs']} needs and {provenance['candidates']} "
        f"candidates; loss per need {loss['before']:.3f} before, {loss['after']:.3f} after; "
        f"{step:.0f} % of the way to where it is lowest, where the lists are best."
    )
    for name, points in weight_set.weights.items():
        kept = "" if name in provenance["taught"] else "  (nothing to learn it from: as it was)"
        yield f"{name:>18} {DEFAULT_WEIGHTS[name]:6.2f} → {points:6.2f}{kept}"
    reference = reference_comparison(weight_set)
    for comparison in [*held_out_comparisons(weight_set), *([reference] if reference else [])]:
        yield from _compared(comparison)
    yield "A curator can now sign it off and activate it in the administration."


def _compared(comparison: Comparison) -> Iterator[str]:
    verdict = "ranks worse" if comparison.is_worse else "does not rank worse"
    yield f"{comparison.name}, {comparison.needs} needs: {verdict}"
    for measure, change in comparison.changes.items():
        yield (
            f"{measure:>18} {change.before:.3f} → {change.after:.3f}  "
            f"{change.difference:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"
        )
