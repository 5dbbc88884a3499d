"""A scratch database on disk in which the three tables of the archive meet.

The tables refer to each other in any order, and merging and joining them in memory would need the more of it the larger
the archive is. Nothing is written to the platform's own database before the archive has been read to its end.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final, NamedTuple

from consortia.imports.cordis.layout import ROLE_STRENGTH

_SCHEMA: Final = """
CREATE TABLE project (
    seq INTEGER PRIMARY KEY, row INTEGER, id TEXT UNIQUE, title TEXT, abstract TEXT, keywords TEXT, started_on TEXT,
    ended_on TEXT, signed_on TEXT, call TEXT, funding_scheme TEXT, cost TEXT
);
CREATE TABLE organization (
    seq INTEGER PRIMARY KEY, row INTEGER, pic TEXT UNIQUE, vat TEXT, name TEXT, short_name TEXT, type TEXT,
    is_sme INTEGER, country TEXT, nuts_code TEXT, city TEXT, latitude REAL, longitude REAL, website TEXT
);
CREATE TABLE alias (pic TEXT, text TEXT, PRIMARY KEY (pic, text)) WITHOUT ROWID;
CREATE TABLE participation (
    project TEXT, pic TEXT, row INTEGER, role TEXT, contribution TEXT, PRIMARY KEY (project, pic)
) WITHOUT ROWID;
CREATE TABLE concept (seq INTEGER PRIMARY KEY, key TEXT UNIQUE, label TEXT);
CREATE TABLE broader (key TEXT, parent TEXT, PRIMARY KEY (key, parent)) WITHOUT ROWID;
CREATE TABLE link (project TEXT, key TEXT, row INTEGER, PRIMARY KEY (project, key)) WITHOUT ROWID;
"""


class SpooledProject(NamedTuple):
    """A project, its values checked; dates are ISO texts and the cost a decimal text, as SQLite keeps them."""

    row: int
    id: str
    title: str
    abstract: str
    keywords: str
    started_on: str | None
    ended_on: str | None
    signed_on: str | None
    call: str
    funding_scheme: str
    cost: str | None


class SpooledOrganization(NamedTuple):
    """An organization as its first row describes it, blanks filled from later ones."""

    row: int
    pic: str
    vat: str
    name: str
    short_name: str
    type: str
    is_sme: bool | None
    country: str
    nuts_code: str
    city: str
    latitude: float | None
    longitude: float | None
    website: str


class SpooledParticipation(NamedTuple):
    """An organization's part in a project."""

    project: str
    pic: str
    row: int
    role: str
    contribution: str | None


_BLANK: Final = frozenset({None, ""})
_ORGANIZATION_OF_PIC: Final = f"SELECT {', '.join(SpooledOrganization._fields)} FROM organization WHERE pic = ?"  # noqa: S608
_ORGANIZATION_PAGE: Final = (
    f"SELECT {', '.join(SpooledOrganization._fields)} FROM organization WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
)
_PROJECT_PAGE: Final = f"SELECT {', '.join(SpooledProject._fields)} FROM project WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608


class Spool:
    """What was read, kept in the order of the archive, so that two readings of it number everything alike."""

    def __init__(self) -> None:
        # A database without a name is a file that SQLite unlinks as soon as it has opened it.
        self._db = sqlite3.connect("", isolation_level=None)
        # A scratch file that dies with the process needs neither journal nor sync.
        self._db.executescript(
            f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32000; {_SCHEMA} BEGIN;"
        )

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def add_project(self, project: SpooledProject) -> bool:
        """Keep a project; False when there is one of this id."""
        return self._insert("project", project)

    def add_organization(self, organization: SpooledOrganization) -> Mapping[str, tuple[Any, Any]]:
        """Keep an organization, or fill the blanks of the one with this PIC.

        Returns:
            The fields in which it says otherwise than before: what is kept, and what is not.
        """
        if self._insert("organization", organization):
            return {}
        kept = self._db.execute(_ORGANIZATION_OF_PIC, (organization.pic,)).fetchone()
        if kept[1:] == organization[1:]:
            return {}
        told = {
            name: (old, new)
            for name, old, new in zip(organization._fields, kept, organization, strict=True)
            if name != "row" and new not in _BLANK
        }
        blanks = {name: new for name, (old, new) in told.items() if old in _BLANK}
        if blanks:
            assignments = ", ".join(f"{name} = ?" for name in blanks)
            self._db.execute(
                f"UPDATE organization SET {assignments} WHERE pic = ?",  # noqa: S608
                (*blanks.values(), organization.pic),
            )
        return {name: (old, new) for name, (old, new) in told.items() if name not in blanks and old != new}

    def add_alias(self, pic: str, text: str) -> None:
        """Keep another name of an organization."""
        self._db.execute("INSERT OR IGNORE INTO alias VALUES (?, ?)", (pic, text))

    def add_participation(self, participation: SpooledParticipation) -> bool:
        """Keep a participation; False when it was merged into one of the same organization in the same project.

        Of two, the stronger role and the larger contribution are kept: the archive repeats the same money in some rows,
        so a sum would count it twice.
        """
        if self._insert("participation", participation):
            return True
        pair = (participation.project, participation.pic)
        role, contribution = self._db.execute(
            "SELECT role, contribution FROM participation WHERE project = ? AND pic = ?", pair
        ).fetchone()
        amounts = [amount for amount in (contribution, participation.contribution) if amount is not None]
        self._db.execute(
            "UPDATE participation SET role = ?, contribution = ? WHERE project = ? AND pic = ?",
            (min(role, participation.role, key=ROLE_STRENGTH.index), max(amounts, key=float, default=None), *pair),
        )
        return False

    def add_concept(self, key: str, label: str, parent: str | None) -> str:
        """Keep a concept under its parent; returns the label that is kept, the first one given."""
        self._db.execute("INSERT OR IGNORE INTO concept (key, label) VALUES (?, ?)", (key, label))
        if parent is not None:
            self._db.execute("INSERT OR IGNORE INTO broader VALUES (?, ?)", (key, parent))
        kept: str = self._db.execute("SELECT label FROM concept WHERE key = ?", (key,)).fetchone()[0]
        return kept

    def add_link(self, project: str, key: str, row: int) -> bool:
        """Keep that a project is about a concept; False when that is known."""
        cursor = self._db.execute("INSERT OR IGNORE INTO link VALUES (?, ?, ?)", (project, key, row))
        return bool(cursor.rowcount)

    def count(self, table: str) -> int:
        """Rows of a table."""
        counted: int = self._db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608
        return counted

    def drop_orphans(self, table: str) -> Iterator[tuple[int, str]]:
        """Take out the participations or links of projects that are not there: row number and project of each."""
        condition = "project NOT IN (SELECT id FROM project)"
        yield from self._db.execute(f"SELECT row, project FROM {table} WHERE {condition} ORDER BY row")  # noqa: S608
        self._db.execute(f"DELETE FROM {table} WHERE {condition}")  # noqa: S608

    def concepts(self) -> Iterator[tuple[str, str, list[str]]]:
        """Every concept: key, label and keys of the broader ones."""
        parents = "SELECT group_concat(parent) FROM broader WHERE broader.key = concept.key"
        for key, label, broader in self._db.execute(f"SELECT key, label, ({parents}) FROM concept ORDER BY seq"):  # noqa: S608
            yield key, label, broader.split(",") if broader else []

    def organizations(self, *, after: int, limit: int) -> list[tuple[SpooledOrganization, list[str]]]:
        """The next organizations, each with its other names."""
        page = self._db.execute(_ORGANIZATION_PAGE, (after, limit))
        found = [SpooledOrganization._make(values) for values in page]
        names = self._grouped("alias", "pic", ["text"], [organization.pic for organization in found])
        return [(organization, [text for (text,) in names.get(organization.pic, ())]) for organization in found]

    def projects(self, *, after: int, limit: int) -> list[SpooledProject]:
        """The next projects."""
        return [SpooledProject._make(values) for values in self._db.execute(_PROJECT_PAGE, (after, limit))]

    def participations_of(self, projects: Sequence[str]) -> dict[str, list[SpooledParticipation]]:
        """Participations by project."""
        rows = self._grouped("participation", "project", SpooledParticipation._fields, projects)
        return {project: [SpooledParticipation._make(values) for values in found] for project, found in rows.items()}

    def links_of(self, projects: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
        """Concept key and row number by project."""
        return self._grouped("link", "project", ["key", "row"], projects)

    def _insert(self, table: str, record: SpooledProject | SpooledOrganization | SpooledParticipation) -> bool:
        places = ", ".join("?" * len(record))
        cursor = self._db.execute(
            f"INSERT OR IGNORE INTO {table} ({', '.join(record._fields)}) VALUES ({places})",  # noqa: S608
            record,
        )
        return bool(cursor.rowcount)

    def _grouped(
        self, table: str, by: str, columns: Sequence[str], keys: Sequence[str]
    ) -> dict[str, list[tuple[Any, ...]]]:
        places = ", ".join("?" * len(keys))
        rows = self._db.execute(
            f"SELECT {by}, {', '.join(columns)} FROM {table} WHERE {by} IN ({places})",  # noqa: S608
            list(keys),
        )
        grouped: dict[str, list[tuple[Any, ...]]] = {}
        for key, *values in rows:
            grouped.setdefault(key, []).append(tuple(values))
        return grouped


@contextmanager
def open_spool() -> Iterator[Spool]:
    """A spool that is gone afterwards, even when the process is killed."""
    with closing(Spool()) as spool:
        yield spool
