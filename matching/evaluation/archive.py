"""The European Commission's archive of projects, read for evaluation: only what a need would carry when published.

What became known after the award (results, EuroSciVoc codes, contributions, end dates) is not even read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from consortia.imports.archives.cells import Cells
from consortia.imports.archives.limits import Limits
from consortia.imports.archives.tables import Column, Table
from consortia.imports.archives.zipped import TextArchive, open_archive
from consortia.imports.cordis.layout import (
    COUNTRIES,
    ORGANIZATION_TYPES,
    ORGANIZATIONS,
    PROJECTS,
    ROLE_STRENGTH,
    ROLES,
)
from consortia.imports.problems import ProblemLog, Tally

_COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    PROJECTS: (
        Column("id", is_needed=True),
        Column("title", is_needed=True),
        Column("objective"),
        Column("keywords"),
        Column("legalBasis"),
        Column("topics"),
        Column("fundingScheme"),
        Column("ecSignatureDate", is_needed=True),
    ),
    ORGANIZATIONS: (
        Column("projectID", is_needed=True),
        Column("organisationID", is_needed=True),
        Column("name", is_needed=True),
        Column("shortName"),
        Column("activityType"),
        Column("SME"),
        Column("country"),
        Column("role", is_needed=True),
    ),
}
_MEANING_OF_COLUMNS: Final[Mapping[str, str]] = {
    "fundingScheme": "every project counts as a consortium, fellowships and grants to single researchers too",
    "objective": "needs and projects are read by title and keywords alone",
    "legalBasis": "programmes are no words of needs and projects",
    "shortName": "short names of participants stay in the texts",
    "activityType": "every organization is of unknown type",
}
"""What it does to an evaluation when an optional column is not there."""
_NO_ID: Final = frozenset({"", "nan", "none", "null", "n/a"})
"""What tools write where an identifier is missing."""
_LONGEST_TEXT: Final = 20_000
_LONGEST_LINE: Final = 2000
_COORDINATOR: Final = ROLES["coordinator"]


@dataclass(frozen=True, slots=True)
class Part:
    """An organization's part in a project, and how the project's rows describe the organization."""

    organization: str
    names: frozenset[str]
    """Legal and short names."""
    type: str | None
    is_sme: bool | None
    country: str | None
    role: str
    """A value of `Participation.Role`."""

    @property
    def coordinates(self) -> bool:
        """Say whether the organization leads the project."""
        return self.role == _COORDINATOR


@dataclass(frozen=True, slots=True)
class Project:
    """A signed project with its participants, one part per organization, in the order of their ids."""

    id: str
    title: str
    objective: str
    keywords: str
    legal_basis: str
    call: str
    """The topic of the call it answered."""
    scheme: str
    signed_on: date
    parts: tuple[Part, ...]

    @property
    def coordinator(self) -> Part | None:
        """The organization that leads it; None where the rows name none."""
        return next((part for part in self.parts if part.coordinates), None)


@dataclass(slots=True)
class Omissions:
    """What of an archive an evaluation does without."""

    columns: list[str] = field(default_factory=list)
    """Sentences on optional columns that are not there, and what follows from it."""
    rows: Counter[str] = field(default_factory=Counter)
    """Rows left out by file and reason."""

    def add_table(self, table: Table) -> None:
        """Note the columns that a table lacks."""
        for name in table.missing:
            meaning = _MEANING_OF_COLUMNS.get(name, "it is read as empty")
            self.columns.append(f"{table.name} has no column {name}: {meaning}.")

    def add_rows(self, file: str, reason: str, count: int = 1) -> None:
        """Count rows that were left out."""
        if count:
            self.rows[f"{file}: {reason}"] += count


@dataclass(slots=True)
class _Rows:
    """Rows of one project as they are found."""

    title: str
    objective: str
    keywords: str
    legal_basis: str
    call: str
    scheme: str
    signed_on: date
    parts: dict[str, Part] = field(default_factory=dict)


def read_projects(
    path: Path,
    *,
    on_bytes: Callable[[int], None],
    limits: Limits | None = None,
    omissions: Omissions | None = None,
) -> list[Project]:
    """Return the signed projects of an archive in the bulk layout, in the order of their ids.

    Rows without an id, a title or a date of signature are left out: without a date nobody can say what came before.

    Args:
        path: the zip archive as published.
        on_bytes: told how many bytes were read, for progress.
        limits: how much the archive may hold; None takes the settings.
        omissions: takes in the columns that are missing and the rows that are left out.

    Raises:
        UnreadableArchive: the archive is missing, damaged, or lacks a file or a needed column.
    """
    omissions = Omissions() if omissions is None else omissions
    with open_archive(path, members=(PROJECTS, ORGANIZATIONS), limits=limits or Limits.from_settings()) as archive:
        # Both headers first, so that a wrong table is refused before the long one is read.
        for name in _COLUMNS:
            omissions.add_table(_table(archive, name, lambda _size: None, Tally()))
        tallies = {name: Tally() for name in _COLUMNS}
        found = dict(_project_rows(_table(archive, PROJECTS, on_bytes, tallies[PROJECTS]), omissions))
        _add_parts(_table(archive, ORGANIZATIONS, on_bytes, tallies[ORGANIZATIONS]), found, omissions)
        for name, tally in tallies.items():
            omissions.add_rows(name, "cannot be read", tally.refused)
    return [_project(name, found[name]) for name in sorted(found)]


def _table(archive: TextArchive, name: str, on_bytes: Callable[[int], None], tally: Tally) -> Table:
    lines = archive.lines(name, on_bytes=on_bytes)
    return Table(name, lines=lines, columns=_COLUMNS[name], tally=tally, log=ProblemLog())


def _cells(table: Table) -> Iterator[Cells]:
    log = ProblemLog()
    for row in table:
        yield Cells(row, file=table.name, log=log)


def _identifier(cells: Cells, column: str) -> str:
    """Return an identifier, empty where there is none."""
    found = cells.line(column, longest=_LONGEST_LINE)
    return "" if found.casefold() in _NO_ID else found


def _project_rows(table: Table, omissions: Omissions) -> Iterator[tuple[str, _Rows]]:
    seen: set[str] = set()
    for cells in _cells(table):
        name = _identifier(cells, "id")
        title = cells.line("title", longest=_LONGEST_LINE)
        signed_on = cells.day("ecSignatureDate")
        if not name or not title or signed_on is None or name in seen:
            omissions.add_rows(table.name, "id seen before" if name in seen else "no id, title or date of signature")
            continue
        seen.add(name)
        yield (
            name,
            _Rows(
                title=title,
                objective=cells.text("objective", longest=_LONGEST_TEXT),
                keywords=cells.line("keywords", longest=_LONGEST_LINE),
                legal_basis=cells.line("legalBasis", longest=_LONGEST_LINE),
                call=cells.line("topics", longest=_LONGEST_LINE),
                scheme=cells.line("fundingScheme", longest=_LONGEST_LINE),
                signed_on=signed_on,
            ),
        )


def _add_parts(table: Table, projects: Mapping[str, _Rows], omissions: Omissions) -> None:
    for cells in _cells(table):
        rows = projects.get(_identifier(cells, "projectID"))
        organization = _identifier(cells, "organisationID")
        if rows is None or not organization:
            omissions.add_rows(table.name, "no organization" if not organization else "of a project that is not read")
            continue
        part = _part(cells, organization)
        former = rows.parts.get(organization)
        rows.parts[organization] = part if former is None else _merged(former, part)


def _part(cells: Cells, organization: str) -> Part:
    names = (cells.line(column, longest=_LONGEST_LINE) for column in ("name", "shortName"))
    country = cells.line("country", longest=_LONGEST_LINE)
    return Part(
        organization=organization,
        names=frozenset(filter(None, names)),
        type=ORGANIZATION_TYPES.get(cells.line("activityType", longest=_LONGEST_LINE)),
        is_sme=cells.flag("SME"),
        country=COUNTRIES.get(country, country) or None,
        role=cells.choice("role", ROLES, otherwise=ROLES["participant"]),
    )


def _merged(first: Part, second: Part) -> Part:
    """Unite two rows of one organization in one project: the stronger role and all names."""
    return Part(
        organization=first.organization,
        names=first.names | second.names,
        type=first.type or second.type,
        is_sme=second.is_sme if first.is_sme is None else first.is_sme,
        country=first.country or second.country,
        role=min(first.role, second.role, key=ROLE_STRENGTH.index),
    )


def _project(name: str, rows: _Rows) -> Project:
    return Project(
        id=name,
        title=rows.title,
        objective=rows.objective,
        keywords=rows.keywords,
        legal_basis=rows.legal_basis,
        call=rows.call,
        scheme=rows.scheme,
        signed_on=rows.signed_on,
        parts=tuple(rows.parts[organization] for organization in sorted(rows.parts)),
    )
