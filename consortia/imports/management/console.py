"""What the import commands share: how they show progress, tell the outcome, and end."""

import argparse
import json
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from consortia.imports.problems import ProblemLog, report_file
from consortia.imports.services import ImportOutcome
from ronghe.common.errors import DomainError
from ronghe.common.exit_codes import INTERRUPTED

_KIBIBYTES_PER_MEBIBYTE: Final = 1024


class Lines:
    """Progress as plain lines, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begin(self, stage: str, *, total: int | None, done: int = 0) -> None:
        """Name the stage."""
        amount = "" if total is None else f": {total}"
        self._console.print(f"{stage}{amount}" + (f", of which {done} were done before" if done else ""))

    def advance(self, amount: int) -> None:
        """A line for every chunk would bury the rest."""


class Bars:
    """Progress as one bar per stage, for terminals."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", visible=False)

    def begin(self, stage: str, *, total: int | None, done: int = 0) -> None:
        """Draw the stage's bar."""
        self._task = self._progress.add_task(stage, total=total, completed=done)

    def advance(self, amount: int) -> None:
        """Move the stage's bar."""
        self._progress.update(self._task, advance=amount)


def add_shared_arguments(parser: argparse.ArgumentParser) -> None:
    """What every import takes besides its archive."""
    parser.add_argument("--json", action="store_true", dest="as_json", help="print the outcome as one JSON object")
    parser.add_argument(
        "--report", type=Path, metavar="FILE.csv", help="write every problem to this file, with file, row and field"
    )


def run_import(
    command: BaseCommand,
    *,
    work: Callable[[Lines | Bars, ProblemLog], ImportOutcome],
    as_json: bool,
    report: Path | None,
) -> None:
    """Do an import on the console, and tell what became of the archive.

    Args:
        command: the command that asks.
        work: the import.
        as_json: print one JSON object on standard output and nothing else there.
        report: where every problem is written.

    Raises:
        CommandError: it cannot be done; the message says what to do.
        SystemExit: it was interrupted.
    """
    started = time.monotonic()
    try:
        with interruptible(), report_file(report) as write, shown_progress() as progress:
            outcome = work(progress, ProblemLog(write=write))
    except DomainError as error:
        raise CommandError(error.message) from error
    except KeyboardInterrupt:
        command.stderr.write("Stopped. What is done stays; run the same command again to go on.")
        raise SystemExit(INTERRUPTED) from None
    measured = {"seconds": round(time.monotonic() - started, 1), "peak_mebibytes": _peak_mebibytes()}
    if as_json:
        command.stdout.write(json.dumps({**outcome.as_json(), **measured}, ensure_ascii=False))
    else:
        _tell(command, outcome, measured, report)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM stop an import as Ctrl-C does: the chunk at work is rolled back, the rest stays."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def shown_progress() -> Iterator[Lines | Bars]:
    """Bars on a terminal, plain lines elsewhere."""
    # On standard error, so that standard output holds the outcome alone.
    console = Console(stderr=True, highlight=False)
    if not sys.stderr.isatty():
        yield Lines(console)
        return
    columns = (
        TextColumn("{task.description:>14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield Bars(progress)


def _peak_mebibytes() -> int:
    """The most memory that this process has had, resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _KIBIBYTES_PER_MEBIBYTE


def _tell(command: BaseCommand, outcome: ImportOutcome, measured: dict[str, Any], report: Path | None) -> None:
    say = command.stdout.write
    for note in outcome.notes:
        say(note)
    for name, tally in outcome.files.items():
        say(
            f"{name}: {tally.read} rows read = {tally.imported} imported + {tally.merged} merged "
            f"+ {tally.refused} left out"
        )
    for name, counts in outcome.records.items():
        say(f"{name}: " + ", ".join(f"{number} {state}" for state, number in counts.items()))
    if outcome.problems:
        say("problems: " + ", ".join(f"{number} {kind}" for kind, number in sorted(outcome.problems.items())))
        say(f"Each is in {report}." if report else "Run it with --report FILE.csv to have each of them with its row.")
    say(f"Done in {measured['seconds']} s with at most {measured['peak_mebibytes']} MiB.")
