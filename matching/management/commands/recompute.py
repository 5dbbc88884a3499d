"""`manage.py recompute`: asks for a match run and stays with it."""

import argparse
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from consortia.disclosure.viewer import OPERATOR
from consortia.listings.models import Need
from matching.models import MatchRun
from matching.selectors import full_run_under_way
from matching.services.runs import cancel_run, request_full_run, request_incremental_run
from matching.services.waiting import NobodyWorks, OnProgress, compute_here, wait_for_run
from ronghe.common.errors import Conflict
from ronghe.common.exit_codes import INTERRUPTED

Status = MatchRun.Status


class Command(BaseCommand):
    """Recomputes the matches of all needs, or of one."""

    help = (
        "Recompute matches: of all needs, or of those that are named. Ctrl-C cancels the run. "
        "Example: manage.py recompute --need 0b8f4f0e-6a0c-4a7e-9d57-4f1d1c3f9a51 --json"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What to recompute, as of when, and whether to stay."""
        parser.add_argument(
            "--need", type=uuid.UUID, action="append", metavar="UUID", help="only this need; may be given several times"
        )
        parser.add_argument(
            "--as-of", type=date.fromisoformat, metavar="DATE", help="take this day, such as 2026-05-31, for today"
        )
        parser.add_argument("--json", action="store_true", help="print the run as one JSON object at the end")
        parser.add_argument(
            "--wait", action=argparse.BooleanOptionalAction, default=True, help="stay until the run has ended"
        )
        parser.add_argument(
            "--join", action="store_true", help="stay with the full run that waits or is at work, where there is one"
        )
        parser.add_argument(
            "--here", action="store_true", help="compute in this process; otherwise a worker has to be running"
        )

    def handle(
        self,
        *,
        need: list[uuid.UUID] | None,
        as_of: date | None,
        wait: bool,
        here: bool,
        join: bool,
        json: bool,
        **_options: Any,
    ) -> None:
        """Ask, wait, report."""
        if need and as_of:
            raise CommandError("--as-of goes with a recompute of everything. Leave out --need, or --as-of.")
        if join and (need or as_of):
            raise CommandError("--join goes with a recompute of everything. Leave it out, or --need and --as-of.")
        run = (full_run_under_way() if join else None) or self._requested(need, as_of)
        if here:
            run = self._stay(run, compute_here)
        elif wait:
            run = self._stay(run, wait_for_run)
        self._report(run, as_json=json)
        if run.status == Status.FAILED:
            raise CommandError(f"The run failed: {run.error}")
        if run.status == Status.CANCELLED:
            raise CommandError("The run was cancelled.", returncode=INTERRUPTED)

    @staticmethod
    def _requested(need: list[uuid.UUID] | None, as_of: date | None) -> MatchRun:
        if not need:
            return request_full_run(reason="command", as_of=as_of)
        found = dict(Need.objects.filter(public_id__in=need).values_list("public_id", "pk"))
        missing = [str(public_id) for public_id in need if public_id not in found]
        if missing:
            raise CommandError(f"There is no need {', '.join(missing)}. The id is the last part of its page's address.")
        run = request_incremental_run(reason="command", need_ids=list(found.values()))
        if run is None:
            raise CommandError("There is nothing to recompute.")
        return run

    def _stay(self, run: MatchRun, stay: Callable[..., MatchRun]) -> MatchRun:
        with _shown_progress(is_terminal=self.stderr.isatty()) as show:
            try:
                return stay(run=run, on_progress=show)
            except NobodyWorks as error:
                raise CommandError(str(error)) from error
            except KeyboardInterrupt:
                _cancel(run)
                raise CommandError("The run was cancelled.", returncode=INTERRUPTED) from None

    def _report(self, run: MatchRun, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(_described(run), ensure_ascii=False))
        elif run.status == Status.DONE:
            seconds = run.timings.get("total", 0.0)
            self.stdout.write(
                f"Matched {run.needs_done} needs in {seconds:.1f} s; {run.matches_written} matches changed"
                + (f"; {len(run.problems)} records were skipped." if run.problems else ".")
            )
        elif run.is_active:
            self.stdout.write(f"Run {run.public_id} is {run.get_status_display()}.")


def _cancel(run: MatchRun) -> None:
    try:
        cancel_run(actor=OPERATOR, run=run)
    except Conflict:
        return  # it had ended by itself


def _described(run: MatchRun) -> dict[str, Any]:
    return {
        "id": str(run.public_id),
        "scope": run.scope,
        "status": run.status,
        "as_of": run.as_of.isoformat() if run.as_of else None,
        "needs_total": run.needs_total,
        "needs_done": run.needs_done,
        "matches_written": run.matches_written,
        "problems": run.problems,
        "timings": run.timings,
        "error": run.error,
    }


@contextmanager
def _shown_progress(*, is_terminal: bool) -> Iterator[OnProgress]:
    """A progress bar on a terminal; nothing elsewhere, where it would fill a log."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not is_terminal, transient=True) as progress:
        bar = progress.add_task("", total=None)

        def show(run: MatchRun) -> None:
            if run.status == Status.INDEXING:
                done, total = run.stage_done, run.stage_total or None
            else:
                done, total = run.needs_done, run.needs_total or None
            text = f"{run.get_status_display()} {run.stage}".strip()
            progress.update(bar, description=text, completed=done, total=total)

        yield show
