"""From the archive to the spool: every row checked, merged or reported; the platform's database is not touched."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from consortia.imports.archives.cells import Cells
from consortia.imports.archives.faults import UnreadableArchive
from consortia.imports.archives.tables import Row, Table
from consortia.imports.archives.zipped import TextArchive
from consortia.imports.cordis.layout import (
    COLUMNS,
    COUNTRIES,
    MEMBERS,
    ORGANIZATION_TYPES,
    ORGANIZATIONS,
    PROJECTS,
    ROLES,
    SCHEME,
    TOPICS,
)
from consortia.imports.cordis.spool import Spool, SpooledOrganization, SpooledParticipation, SpooledProject
from consortia.imports.problems import Problem, ProblemLog, Tally

_PIC: Final = re.compile(r"[0-9]{9}")
_LONGEST_ID: Final = 20
_LONGEST_TITLE: Final = 500
_LONGEST_ABSTRACT: Final = 20_000
_LONGEST_KEYWORDS: Final = 2000
_LONGEST_CALL: Final = 120
_LONGEST_FUNDING_SCHEME: Final = 60
_LONGEST_NAME: Final = 300
_LONGEST_LABEL: Final = 200
_LONGEST_CITY: Final = 120
_LONGEST_URL: Final = 300
_LONGEST_PATH: Final = 2000
_MOST_CONCEPTS: Final = 50_000
# The columns that describe the organization and not its part in the project.
_DESCRIBING: Final = (
    "name",
    "shortName",
    "vatNumber",
    "activityType",
    "SME",
    "country",
    "nutsCode",
    "city",
    "geolocation",
    "organizationURL",
)
# Of these, a later row that says otherwise is reported; coordinates of one house differ in the seventh digit.
_COMPARED: Final[Mapping[str, str]] = {
    "vat": "vatNumber",
    "type": "activityType",
    "is_sme": "SME",
    "country": "country",
    "nuts_code": "nutsCode",
    "city": "city",
    "website": "organizationURL",
}


@dataclass(slots=True)
class Reading:
    """What reading the archive found.

    Attributes:
        tallies: rows by file.
        log: what could not be taken.
        unknown_columns: by file, columns that are not read.
        missing_columns: by file, columns that are read as empty.
    """

    log: ProblemLog
    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in MEMBERS})
    unknown_columns: dict[str, list[str]] = field(default_factory=dict)
    missing_columns: dict[str, list[str]] = field(default_factory=dict)


def read_archive(archive: TextArchive, *, spool: Spool, log: ProblemLog, on_bytes: Callable[[int], None]) -> Reading:
    """Read all three tables into the spool.

    Args:
        archive: the open archive.
        spool: an empty spool.
        log: takes what cannot be taken.
        on_bytes: told how many bytes were read, for progress.

    Raises:
        UnreadableArchive: a table as a whole cannot be read.
    """
    reading = Reading(log=log)
    # All headers first: an archive with a wrong table is refused at once, not after minutes.
    for name in MEMBERS:
        table = _table(archive, name, Reading(log=ProblemLog()), _ignore)
        reading.unknown_columns[name] = table.unknown
        reading.missing_columns[name] = table.missing
    _read_projects(_table(archive, PROJECTS, reading, on_bytes), spool, reading)
    _read_organizations(_table(archive, ORGANIZATIONS, reading, on_bytes), spool, reading)
    _read_topics(_table(archive, TOPICS, reading, on_bytes), spool, reading)
    _drop_orphans(spool, reading)
    if spool.count("concept") > _MOST_CONCEPTS:
        raise UnreadableArchive(f"{TOPICS} names more than {_MOST_CONCEPTS} concepts; EuroSciVoc has about a thousand.")
    return reading


def _ignore(_size: int) -> None:
    """Headers are read twice and counted once."""


def _table(archive: TextArchive, name: str, reading: Reading, on_bytes: Callable[[int], None]) -> Table:
    lines = archive.lines(name, on_bytes=on_bytes)
    return Table(name, lines=lines, columns=COLUMNS[name], tally=reading.tallies[name], log=reading.log)


def _accepted_rows(table: Table, reading: Reading) -> Iterator[tuple[Row, Cells]]:
    """Rows with their cells; a row that the caller refuses is counted when the next one is asked for."""
    for row in table:
        cells = Cells(row, file=table.name, log=reading.log)
        yield row, cells
        if cells.is_refused:
            reading.tallies[table.name].refused += 1


def _read_projects(table: Table, spool: Spool, reading: Reading) -> None:
    for row, cells in _accepted_rows(table, reading):
        project_id = cells.needed_line("id", longest=_LONGEST_ID)
        title = cells.needed_line("title", longest=_LONGEST_TITLE)
        if cells.is_refused:
            continue
        started_on, ended_on = cells.day("startDate"), cells.day("endDate")
        if started_on and ended_on and ended_on < started_on:
            cells.report("reversed_dates", "endDate", f"Before the start, {started_on}. Taken as unknown.")
            ended_on = None
        signed_on = cells.day("ecSignatureDate")
        cost = cells.amount("totalCost") or cells.amount("ecMaxContribution")
        is_new = spool.add_project(
            SpooledProject(
                row=row.number,
                id=project_id,
                title=_named(title, cells.line("acronym", longest=_LONGEST_CALL)),
                abstract=cells.text("objective", longest=_LONGEST_ABSTRACT),
                keywords=cells.line("keywords", longest=_LONGEST_KEYWORDS),
                started_on=_day_text(started_on),
                ended_on=_day_text(ended_on),
                signed_on=_day_text(signed_on),
                call=cells.line("topics", longest=_LONGEST_CALL) or cells.line("masterCall", longest=_LONGEST_CALL),
                funding_scheme=cells.line("fundingScheme", longest=_LONGEST_FUNDING_SCHEME),
                cost=_amount_text(cost),
            )
        )
        if not is_new:
            cells.refuse("duplicate_row", "id", "An earlier row has this id. This row was left out.")


def _named(title: str, acronym: str) -> str:
    """The title with the acronym by which people know the project."""
    named = f"{title} ({acronym})"
    return title if not acronym or acronym.casefold() in title.casefold() or len(named) > _LONGEST_TITLE else named


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _amount_text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _read_organizations(table: Table, spool: Spool, reading: Reading) -> None:
    tally = reading.tallies[table.name]
    descriptions = _Descriptions(spool)
    for row, cells in _accepted_rows(table, reading):
        project_id = cells.needed_line("projectID", longest=_LONGEST_ID)
        pic = cells.needed_line("organisationID", longest=_LONGEST_ID)
        name = cells.needed_line("name", longest=_LONGEST_NAME)
        if pic and not _PIC.fullmatch(pic):
            cells.refuse("invalid_pic", "organisationID", "A PIC has nine digits. The row was left out.")
        if cells.is_refused:
            continue
        descriptions.take(row, cells, pic=pic, name=name)
        contribution = cells.amount("ecContribution") or cells.amount("netEcContribution")
        is_new = spool.add_participation(
            SpooledParticipation(
                project=project_id,
                pic=pic,
                row=row.number,
                role=cells.choice("role", ROLES, otherwise=ROLES["participant"]),
                contribution=_amount_text(contribution),
            )
        )
        tally.merged += not is_new


class _Descriptions:
    """Organizations as rows describe them; most rows repeat word for word what an earlier one said."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        # Hashes, not rows, so that a large archive fits; without them, reading takes three times as long.
        self._last_seen: dict[str, int] = {}

    def take(self, row: Row, cells: Cells, *, pic: str, name: str) -> None:
        """Spool what the row says of its organization, if that is anything new."""
        fingerprint = hash(tuple([row.cells[column] for column in _DESCRIBING]))
        if self._last_seen.get(pic) == fingerprint:
            return
        self._last_seen[pic] = fingerprint
        _spool_organization(_organization(row, cells, pic=pic, name=name), cells, self._spool)


def _organization(row: Row, cells: Cells, *, pic: str, name: str) -> SpooledOrganization:
    latitude, longitude = cells.place("geolocation")
    country = cells.line("country", longest=_LONGEST_ID)
    return SpooledOrganization(
        row=row.number,
        pic=pic,
        vat=cells.line("vatNumber", longest=_LONGEST_CITY),
        name=name,
        short_name=cells.line("shortName", longest=_LONGEST_NAME),
        type=cells.choice("activityType", ORGANIZATION_TYPES, otherwise=ORGANIZATION_TYPES["OTH"]),
        is_sme=cells.flag("SME"),
        country=COUNTRIES.get(country, country),
        nuts_code=cells.line("nutsCode", longest=_LONGEST_ID),
        city=cells.line("city", longest=_LONGEST_CITY),
        latitude=latitude,
        longitude=longitude,
        website=_address(cells.line("organizationURL", longest=_LONGEST_URL)),
    )


def _address(given: str) -> str:
    return f"https://{given}" if given and "://" not in given else given


def _spool_organization(organization: SpooledOrganization, cells: Cells, spool: Spool) -> None:
    for name, (kept, other) in spool.add_organization(organization).items():
        if name in {"name", "short_name"}:
            spool.add_alias(organization.pic, str(other))
        elif name in _COMPARED and str(kept).casefold() != str(other).casefold():
            shown = bool(kept) if name == "is_sme" else kept
            reason = f"An earlier row of this organization says “{shown}”, which was taken."
            cells.report("contradiction", _COMPARED[name], reason)


def _read_topics(table: Table, spool: Spool, reading: Reading) -> None:
    tally = reading.tallies[table.name]
    last_seen: dict[str, str] = {}
    for row, cells in _accepted_rows(table, reading):
        project_id = cells.needed_line("projectID", longest=_LONGEST_ID)
        code = cells.needed_line("euroSciVocCode", longest=_LONGEST_PATH)
        path = cells.needed_line("euroSciVocPath", longest=_LONGEST_PATH)
        if cells.is_refused:
            continue
        codes, labels = code.strip("/").split("/"), path.strip("/").split("/")
        if not _is_path(codes, labels):
            cells.refuse("invalid_path", "euroSciVocCode", "Code and path are no two lists of one length. Left out.")
            continue
        if last_seen.get(code) != path:
            last_seen[code] = path
            _spool_concepts(codes, labels, cells, spool)
        tally.merged += not spool.add_link(project_id, _key(codes[-1]), row.number)


def _is_path(codes: list[str], labels: list[str]) -> bool:
    whole = all(code.isascii() and code.isdigit() and len(code) <= _LONGEST_ID for code in codes)
    named = all(label.strip() and len(label) <= _LONGEST_LABEL for label in labels)
    return whole and named and len(codes) == len(labels) and len(set(codes)) == len(codes)


def _key(code: str) -> str:
    return f"{SCHEME}-{code}"


def _spool_concepts(codes: list[str], labels: list[str], cells: Cells, spool: Spool) -> None:
    parent = None
    for code, label in zip(codes, labels, strict=True):
        kept = spool.add_concept(_key(code), label.strip(), parent)
        if kept != label.strip():
            cells.report("contradiction", "euroSciVocPath", f"An earlier row calls {code} “{kept}”, which was taken.")
        parent = _key(code)


def _drop_orphans(spool: Spool, reading: Reading) -> None:
    for table, file in (("participation", ORGANIZATIONS), ("link", TOPICS)):
        for number, project_id in spool.drop_orphans(table):
            reading.tallies[file].refused += 1
            reading.log.add(
                Problem(
                    kind="unknown_project",
                    file=file,
                    row=number,
                    field="projectID",
                    value=project_id,
                    reason=f"{PROJECTS} has no such project, or its row was left out. The row was left out.",
                    is_refused=True,
                )
            )
