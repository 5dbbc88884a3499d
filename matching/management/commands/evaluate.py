"""`manage.py evaluate`: how good the matches are, on outcomes and judgements that nobody tuned to."""

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.core.management.base import BaseCommand, CommandError

from matching.engine import Settings
from matching.evaluation.cordis import METRICS, Actions, Period, Task
from matching.evaluation.cordis_report import CordisReport, evaluate_cordis
from matching.evaluation.judged import DEFAULT_TOP, evaluate_judged
from matching.evaluation.judged_text import judged_lines
from matching.evaluation.settings_file import read_settings
from matching.management.progress import shown_progress
from ronghe.common.errors import DomainError, InvalidInput
from ronghe.common.exit_codes import INTERRUPTED


class Command(BaseCommand):
    """Evaluates the engine on real consortia and on judged sets."""

    help = (
        "Measure matching quality; needs no database. "
        "Example: manage.py evaluate cordis cordis-HORIZONprojects-csv.zip --from 2024-07-01 --to 2025-01-01 --json"
    )

    requires_system_checks = ()  # it measures the engine and serves nobody: a fresh checkout will do

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One subcommand per kind of data."""
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
        _add_cordis(
            kinds.add_parser("cordis", help="real consortia of the European framework programme, split in time")
        )
        _add_judged(kinds.add_parser("judged", help="any set with graded judgements, as JSON lists in a folder"))

    def handle(self, *, kind: str, **options: Any) -> None:
        """Hand over to the evaluation that was asked for."""
        try:
            if kind == "judged":
                self._judged(**options)
            else:
                self._cordis(**options)
        except DomainError as error:
            raise CommandError(error.message) from error
        except KeyboardInterrupt:
            raise CommandError("The evaluation was stopped.", returncode=INTERRUPTED) from None

    def _cordis(
        self,
        *,
        archive: Path,
        start: date,
        end: date,
        task: str,
        actions: str,
        engine_settings: Path | None,
        against: Path | None,
        scores: Path | None,
        as_json: bool,
        **_options: Any,
    ) -> None:
        period = Period(start, end)
        chosen = _chosen_settings(engine_settings)
        other = None if against is None else read_settings(against, field="against")
        with _opened_for_rows(scores) as rows, shown_progress() as progress:
            report = evaluate_cordis(
                archive,
                period=period,
                task=Task(task),
                actions=Actions(actions),
                settings=chosen,
                against=other,
                cache=Path(django_settings.VECTOR_CACHE_DIR),
                progress=progress,
            )
            if rows is not None:
                rows.writerow(("need", "organization", "score"))
                rows.writerows(_rows(report))
        self._tell(report.as_json(), as_json=as_json)

    def _judged(
        self,
        *,
        folder: Path,
        top: int,
        engine_settings: Path | None,
        against: Path | None,
        scores: Path | None,
        as_json: bool,
        **_options: Any,
    ) -> None:
        chosen = _chosen_settings(engine_settings)
        other = None if against is None else read_settings(against, field="against")
        with _opened_for_rows(scores) as rows, shown_progress() as progress:
            report = evaluate_judged(
                folder,
                settings=chosen,
                against=other,
                top=top,
                cache=Path(django_settings.VECTOR_CACHE_DIR),
                progress=progress,
            )
            if rows is not None:
                rows.writerow(("need", "organization", "capability", "score"))
                rows.writerows(report.rows())
        found = report.as_json()
        self.stdout.write(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(judged_lines(found)))

    def _tell(self, report: dict[str, Any], *, as_json: bool) -> None:
        """Print one line of JSON, or a table for people."""
        if as_json:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        self.stdout.write(
            f"{report['needs']} needs, {report['candidates']} candidates; "
            f"{report['left_out']} projects without a relevant candidate left out."
        )
        for warning in report["warnings"]:
            self.stdout.write(f"Warning: {warning}")
        for reason, count in report["rows_left_out"].items():
            self.stdout.write(f"left out {count} × {reason}")
        for name in METRICS:
            self.stdout.write(f"{name:>8} {report[name]:.3f}  {_interval(report['intervals'][name])}")
            if "against" in report:
                compared = report["against"]["differences"][name]
                self.stdout.write(
                    f"         {compared['difference']:+.3f}  {_interval(compared['interval'])} against "
                    f"{report['against'][name]:.3f}"
                )
        for kind, values in report["by_organization_type"].items():
            shown = "  ".join(f"{name} {values[name]:.3f}" for name in METRICS)
            self.stdout.write(f"{kind} ({values['needs']} needs): {shown}")
        seconds = ", ".join(f"{stage} {value:.1f} s" for stage, value in report["seconds"].items())
        self.stdout.write(f"{seconds}; at most {report['peak_memory_mb']} MiB.")


def _add_cordis(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, metavar="ARCHIVE.zip", help="the archive of CSV files as published")
    parser.add_argument(
        "--from", dest="start", type=_day, required=True, metavar="DATE",
        help="first day on which needs were signed, such as 2024-07-01; what was signed before is history",
    )  # fmt: skip
    parser.add_argument("--to", dest="end", type=_day, required=True, metavar="DATE", help="the day after the last one")
    parser.add_argument(
        "--task", choices=[str(task) for task in Task], default=str(Task.PARTNERS),
        help="completion names the coordinator as the owner of the need",
    )  # fmt: skip
    parser.add_argument(
        "--actions", choices=[str(actions) for actions in Actions], default=str(Actions.CONSORTIUM),
        help="consortium leaves out fellowships, whose texts name their host",
    )  # fmt: skip
    parser.add_argument("--scores", type=Path, metavar="OUT.csv", help="write every ranked row to this file")
    _add_shared(parser)


def _add_judged(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="the folder with needs.json and the files beside it"
    )
    parser.add_argument(
        "--top", type=int, default=DEFAULT_TOP, metavar="N",
        help="rows per need that are ranked; all organizations where there are fewer",
    )  # fmt: skip
    parser.add_argument("--scores", type=Path, metavar="OUT.csv", help="write every ranked row to this file")
    _add_shared(parser)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no day; write it as 2024-07-01") from None


def _add_shared(parser: argparse.ArgumentParser) -> None:
    """What every kind of evaluation takes."""
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one line of JSON")
    parser.add_argument(
        # Django keeps --settings for its own on every command line.
        "--engine-settings", type=Path, metavar="SETTINGS.json",
        help="settings of the engine; what the file does not name has its default",
    )  # fmt: skip
    parser.add_argument(
        "--against", type=Path, metavar="SETTINGS.json", help="compare with these settings, need by need"
    )


def _chosen_settings(path: Path | None) -> Settings:
    if path is not None:
        return read_settings(path, field="engine_settings")
    return Settings(encoder=django_settings.MATCHING_ENCODER or None)


def _rows(report: CordisReport) -> Iterator[tuple[str, str, float]]:
    for ranked in report.lists:
        for organization, score in zip(ranked.organizations, ranked.scores, strict=True):
            yield ranked.need, organization, score


@contextmanager
def _opened_for_rows(path: Path | None) -> Iterator[Any]:
    """Open a CSV file at once, so that a path that cannot be written is told before the work and not after it."""
    if path is None:
        yield None
        return
    try:
        stream = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        message = f"The scores cannot be written to {path}: {error.strerror}. Name a file in a folder you may write to."
        raise InvalidInput(message, fields={"scores": [message]}) from error
    with stream:
        yield csv.writer(stream)


def _interval(bounds: Sequence[float]) -> str:
    return f"[{bounds[0]:.3f}, {bounds[1]:.3f}]"
