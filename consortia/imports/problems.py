"""What an import could not take: every case counted, some kept, all written to a report when one is asked for."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from ronghe.common.errors import InvalidInput

MAX_KEPT_PER_KIND: Final = 200
REPORT_COLUMNS: Final = ("file", "row", "field", "value", "kind", "reason", "left out")
_VALUE_EXCERPT: Final = 120
# A spreadsheet would take a foreign value that begins so for a formula and run it.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that could not be taken as it stands.

    Attributes:
        kind: what sort of problem, in snake_case.
        file: the member of the archive, or the archive itself.
        row: as a spreadsheet counts, so that the header is row 1; None for the file as a whole.
        field: the column, or "" for the whole row.
        value: what stands there.
        reason: what is wrong and what became of it.
        is_refused: whether the whole row was left out, not only the field.
    """

    kind: str
    file: str
    row: int | None
    field: str = ""
    value: str = ""
    reason: str
    is_refused: bool = False

    @property
    def excerpt(self) -> str:
        """The beginning of the value, without what is not text."""
        shown = "".join(char if char.isprintable() else " " for char in self.value[:_VALUE_EXCERPT])
        return shown.strip()


@dataclass(slots=True)
class ProblemLog:
    """Takes the problems of an import as they are found.

    Attributes:
        counts: how many there are by kind, none forgotten.
        kept: the first ones of each kind that nobody has stored yet.
        write: called with every problem.
    """

    counts: Counter[str] = field(default_factory=Counter)
    kept: list[Problem] = field(default_factory=list)
    write: Callable[[Problem], None] | None = None

    def add(self, problem: Problem) -> None:
        """Count a problem, and keep it while there are few of its kind."""
        self.counts[problem.kind] += 1
        if self.counts[problem.kind] <= MAX_KEPT_PER_KIND:
            self.kept.append(problem)
        if self.write is not None:
            self.write(problem)

    def take_kept(self) -> list[Problem]:
        """Hand over what is to be stored."""
        taken, self.kept = self.kept, []
        return taken


@dataclass(slots=True)
class Tally:
    """What became of the rows of one file: read = imported + merged + refused, once the import is done."""

    read: int = 0
    imported: int = 0
    merged: int = 0
    refused: int = 0

    @property
    def unaccounted(self) -> int:
        """Rows of which nothing is known; 0 when the import is done."""
        return self.read - self.imported - self.merged - self.refused

    def as_counts(self) -> Mapping[str, int]:
        """For people and machines to read."""
        return {"read": self.read, "imported": self.imported, "merged": self.merged, "refused": self.refused}


@contextmanager
def report_file(path: Path | None) -> Iterator[Callable[[Problem], None] | None]:
    """Open a CSV file that takes every problem; None when no path is given.

    Raises:
        InvalidInput: the file cannot be written.
    """
    if path is None:
        yield None
        return
    try:
        # With a byte order mark, or spreadsheets read the file in a local encoding.
        stream: TextIO = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        message = (
            f"The report {path} cannot be written: {error.strerror}. Name a file in a folder that you may write to."
        )
        raise InvalidInput(message, fields={"report": [message]}) from error
    with stream:
        writer = csv.writer(stream)
        writer.writerow(REPORT_COLUMNS)
        yield lambda problem: writer.writerow(_report_row(problem))


def _report_row(problem: Problem) -> list[str]:
    row = "" if problem.row is None else str(problem.row)
    left_out = "yes" if problem.is_refused else "no"
    cells = [problem.file, row, problem.field, problem.excerpt, problem.kind, problem.reason, left_out]
    return [f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells]
