"""Tables of separated values, their columns found by header and their faulty rows reported."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from consortia.imports.archives.faults import UnreadableArchive
from consortia.imports.problems import Problem, ProblemLog, Tally

SEPARATOR: Final = ";"
HEADER_ROW: Final = 1
# What the csv module says when it can no longer tell where a record ends.
_LOST: Final = ("unexpected end of data", "field larger than field limit")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read; a table without a needed one cannot be understood."""

    name: str
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its number as a spreadsheet counts, and its cells by column, "" for a column that is missing."""

    number: int
    cells: dict[str, str]


class Table:
    """A table of an archive, read row by row.

    Attributes:
        name: the file.
        unknown: columns that are there and not read.
        missing: columns that are read as empty, because the file has none.
    """

    def __init__(
        self, name: str, *, lines: Iterator[str], columns: Sequence[Column], tally: Tally, log: ProblemLog
    ) -> None:
        """Read the header.

        Raises:
            UnreadableArchive: there is none, or a needed column is missing.
        """
        self.name = name
        self._tally = tally
        self._log = log
        # Strict, so that a quotation mark out of place is reported and not guessed at.
        self._records = csv.reader(lines, delimiter=SEPARATOR, strict=True)
        self._header = [label.strip() for label in self._read_header()]
        self._refuse_twins()
        read = {column.name for column in columns}
        self.unknown = [label for label in self._header if label not in read]
        self.missing = [column.name for column in columns if column.name not in self._header]
        self._refuse_missing([column.name for column in columns if column.is_needed])
        self._places = [
            (column.name, self._header.index(column.name)) for column in columns if column.name in self._header
        ]
        self._blanks = dict.fromkeys(self.missing, "")

    def __iter__(self) -> Iterator[Row]:
        """Every record of the right width; others are reported and counted as refused."""
        number = HEADER_ROW
        while True:
            number += 1
            record = self._next(number)
            if record is None:
                return
            if not record:
                continue
            self._tally.read += 1
            if len(record) != len(self._header):
                reason = f"The row has {len(record)} cells, the header {len(self._header)}. The row was left out."
                self._refuse(number, "wrong_width", reason, value=SEPARATOR.join(record[:3]))
                continue
            yield Row(number, {**self._blanks, **{name: record[place] for name, place in self._places}})

    def _next(self, number: int) -> list[str] | None:
        """The next record; empty when it cannot be parsed, None at the end."""
        try:
            return next(self._records, None)
        except csv.Error as error:
            if str(error).startswith(_LOST):
                raise UnreadableArchive(
                    f"{self.name}, row {number}: a quotation mark is opened and not closed. "
                    "Use the archive as it was published."
                ) from error
            self._tally.read += 1
            self._refuse(number, "malformed_row", f"The row cannot be parsed: {error}. The row was left out.")
            return []

    def _refuse(self, number: int, kind: str, reason: str, *, value: str = "") -> None:
        self._tally.refused += 1
        self._log.add(Problem(kind=kind, file=self.name, row=number, value=value, reason=reason, is_refused=True))

    def _read_header(self) -> list[str]:
        try:
            return next(self._records, [])
        except csv.Error as error:
            raise UnreadableArchive(
                f"{self.name}: the header cannot be parsed. Its cells are separated by “{SEPARATOR}”; "
                "give the archive as it was published."
            ) from error

    def _refuse_twins(self) -> None:
        twins = sorted({label for label in self._header if self._header.count(label) > 1})
        if twins:
            raise UnreadableArchive(f"{self.name} has the column {', '.join(twins)} twice. Leave one.")

    def _refuse_missing(self, needed: Sequence[str]) -> None:
        absent = [name for name in needed if name in self.missing]
        if absent:
            raise UnreadableArchive(
                f"{self.name} lacks the column {', '.join(absent)}. Its cells are separated by “{SEPARATOR}” and its "
                "first row names the columns; give the archive as it was published."
            )
