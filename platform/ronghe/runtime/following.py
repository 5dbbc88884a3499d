"""Following a match run on a terminal, and telling its result in a few lines."""

import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from matching.models import Match, MatchRun

LOOK_SECONDS: Final = 0.25
UNCLAIMED_SECONDS: Final = 90.0
"""So long may a run wait for a worker before somebody is told that there is none."""
REASONS_SHOWN: Final = 5


class RunFailed(Exception):
    """The run ended without its result, or nobody took it; the message says why."""


def follow(run: MatchRun) -> MatchRun:
    """Show a run's progress until it is done: a bar on a terminal, a line per stage elsewhere.

    Raises:
        RunFailed: it failed, was cancelled, or no worker takes it.
    """
    show = _on_terminal if sys.stdout.isatty() else _in_lines
    show(_states(run))
    if run.status != MatchRun.Status.DONE:
        raise RunFailed(
            f"The match run {run.pk} is {run.get_status_display()}: {run.error or 'no error was recorded'}."
        )
    return run


def _states(run: MatchRun) -> Iterator[MatchRun]:
    """The run, again and again as its row changes, until it has ended."""
    deadline = time.monotonic() + UNCLAIMED_SECONDS
    while True:
        run.refresh_from_db()
        yield run
        if run.status not in MatchRun.ACTIVE:
            return
        if run.status == MatchRun.Status.QUEUED and time.monotonic() > deadline:
            raise RunFailed(f"No worker has taken the match run {run.pk}. Start one: manage.py worker")
        time.sleep(LOOK_SECONDS)


def _on_terminal(states: Iterator[MatchRun]) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("needs"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console()) as progress:
        task = progress.add_task("Waiting for a worker", total=None)
        for run in states:
            progress.update(task, description=_stage(run), total=run.needs_total or None, completed=run.needs_done)


def _in_lines(states: Iterator[MatchRun]) -> None:
    told = ""
    for run in states:
        if _stage(run) != told:
            told = _stage(run)
            sys.stdout.write(f"{told}\n")
            sys.stdout.flush()


def _stage(run: MatchRun) -> str:
    return {
        MatchRun.Status.QUEUED: "Waiting for a worker",
        MatchRun.Status.INDEXING: "Reading everything and building the index",
        MatchRun.Status.MATCHING: "Matching needs with organizations",
        MatchRun.Status.DONE: "Matched",
    }.get(MatchRun.Status(run.status), str(run.get_status_display()))


def tell_run(run: MatchRun, say: Callable[[str], None]) -> None:
    """One line on what a finished run did."""
    seconds = run.timings.get("total", 0)
    say(f"{run.needs_done} needs matched in {seconds:.1f} s, {run.matches_written} matches written.")
    if run.problems:
        say(f"{len(run.problems)} records were left out; the run in the admin names each with the reason.")


def tell_match(place: int, match: Match, say: Callable[[str], None]) -> None:
    """A match with the criteria that gave it most points, in a few lines."""
    say(f"{place:2}. {match.score:6.2f}  {match.need.title}  ({match.need.organization})")
    say(f"            → {match.organization}")
    points = [(Decimal(str(entry["points"])), str(entry["criterion"])) for entry in match.contributions]
    best = sorted(points, key=lambda entry: (-entry[0], entry[1]))[:REASONS_SHOWN]
    reasons = [f"{criterion.replace('_', ' ')} +{given}" for given, criterion in best if given > 0]
    say(f"              {', '.join(reasons)}")
