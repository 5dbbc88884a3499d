"""How far a long command is, for whoever watches it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from matching.evaluation.ranking import Progress


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Bars on a terminal, one line per stage elsewhere; on standard error, so that the report stands alone."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    stages: dict[str, Any] = {}
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:

        def show(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total or None)
                if not console.is_terminal:
                    console.print(stage)
            bars.update(stages[stage], completed=done, total=total or None)

        yield show
