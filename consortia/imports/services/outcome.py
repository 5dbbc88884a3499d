"""What an import tells: while it works, and when it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from consortia.imports.problems import Tally


class Progress(Protocol):
    """Told how far an import is, to show it."""

    def begin(self, stage: str, *, total: int | None, done: int = 0) -> None:
        """A stage of `total` units begins, of which some may be done already; None when nobody knows how many."""

    def advance(self, amount: int) -> None:
        """So many more units of the stage are done."""


class Silent:
    """Progress that nobody watches."""

    def begin(self, stage: str, *, total: int | None, done: int = 0) -> None:
        """Nothing to show."""

    def advance(self, amount: int) -> None:
        """Nothing to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What became of an archive.

    Attributes:
        run_id: primary key of the import, None when nothing was to be written.
        files: rows by file: read = imported + merged + refused.
        records: what was written by kind of record: created, updated, unchanged.
        problems: how many problems of each kind.
        notes: what is not as usual in the archive, such as columns it lacks.
    """

    run_id: int | None
    files: Mapping[str, Tally]
    records: Mapping[str, Mapping[str, int]]
    problems: Mapping[str, int]
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For machines to read."""
        return {
            "run": self.run_id,
            "files": {name: dict(tally.as_counts()) for name, tally in self.files.items()},
            "records": {name: dict(counts) for name, counts in self.records.items()},
            "problems": dict(self.problems),
            "notes": self.notes,
        }
