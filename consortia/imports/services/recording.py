"""From the spool into the rooms, chunk by chunk; each chunk and how far the import is are one transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from django.db import transaction

from consortia.evidence.services import record_imported_experience
from consortia.imports.cordis.layout import LANGUAGE, ORGANIZATIONS, PROJECTS, SCHEME, SOURCE, TOPICS
from consortia.imports.cordis.records import experience_record, organization_record
from consortia.imports.cordis.spool import Spool, SpooledOrganization, SpooledParticipation, SpooledProject
from consortia.imports.problems import Problem, ProblemLog, Tally
from consortia.imports.services.outcome import Progress
from consortia.imports.services.runs import Run
from consortia.organizations.models import Identifier
from consortia.organizations.selectors import organization_ids_by_identifier
from consortia.organizations.services import record_imported_organizations
from consortia.technologies.services import ImportedConcept, import_concepts
from ronghe.common.validation import RowProblem

TECHNOLOGIES_STAGE: Final = "technologies"
ORGANIZATIONS_STAGE: Final = "organizations"
EXPERIENCE_STAGE: Final = "experience"
# Large enough that a chunk's fixed cost disappears, small enough that a kill loses a second of work.
ORGANIZATIONS_PER_CHUNK: Final = 500
PROJECTS_PER_CHUNK: Final = 250

_COLUMN_OF: Final[Mapping[str, str]] = {
    "names": "name",
    "pic": "organisationID",
    "vat": "vatNumber",
    "nuts_code": "nutsCode",
    "website": "organizationURL",
    "latitude": "geolocation",
    "longitude": "geolocation",
    "source_id": "id",
    "abstract": "objective",
    "started_on": "startDate",
    "ended_on": "endDate",
    "signed_on": "ecSignatureDate",
    "cost": "totalCost",
    "call": "topics",
    "funding_scheme": "fundingScheme",
}


class Recorder:
    """Writes what the spool holds, beginning where the run was left."""

    def __init__(self, *, spool: Spool, run: Run, log: ProblemLog, progress: Progress) -> None:
        self._spool = spool
        self._run = run
        self._log = log
        self._progress = progress

    def record(self) -> None:
        """Write technologies, then organizations, then the projects that join them."""
        technology_ids = self._record_technologies()
        if self._run.stage != EXPERIENCE_STAGE:
            self._in_chunks(ORGANIZATIONS_STAGE, "organization", ORGANIZATIONS_PER_CHUNK, self._record_organizations)

        def record_projects(log: ProblemLog, after: int, limit: int) -> int:
            return self._record_projects(log, technology_ids, after, limit)

        self._in_chunks(EXPERIENCE_STAGE, "project", PROJECTS_PER_CHUNK, record_projects)

    def add_to_tallies(self, tallies: Mapping[str, Tally]) -> None:
        """Tell what became of the rows that the reading had accepted."""
        counted = self._run.counts.get(EXPERIENCE_STAGE, {})
        for name, tally in tallies.items():
            tally.imported += counted.get(f"{name}:imported", 0)
            tally.merged += counted.get(f"{name}:merged", 0)
            tally.refused += counted.get(f"{name}:refused", 0)

    def _record_technologies(self) -> Mapping[str, int]:
        # A thousand concepts take a moment, and the projects need their ids: so every import does it from the start.
        concepts = [
            ImportedConcept(key=key, labels={LANGUAGE: label}, broader_keys=broader)
            for key, label, broader in self._spool.concepts()
        ]
        self._progress.begin(TECHNOLOGIES_STAGE, total=len(concepts))
        ids = import_concepts(scheme=SCHEME, concepts=concepts)
        self._progress.advance(len(concepts))
        return ids

    def _in_chunks(
        self, stage: str, table: str, size: int, record_chunk: Callable[[ProblemLog, int, int], int]
    ) -> None:
        """Write a table of the spool, a chunk a transaction.

        Args:
            stage: what the run calls it.
            table: the table of the spool.
            size: rows of a chunk.
            record_chunk: writes at most so many rows after so many, and says how many there were.
        """
        position = self._run.position_in(stage)
        log = self._run.log_for(stage, self._log)
        self._progress.begin(stage, total=self._spool.count(table), done=position)
        while True:
            with transaction.atomic():
                written = record_chunk(log, position, size)
                position += written
                self._run.advance(stage=stage, position=position, log=log)
            self._progress.advance(written)
            if written < size:
                return

    def _record_organizations(self, log: ProblemLog, after: int, limit: int) -> int:
        page = self._spool.organizations(after=after, limit=limit)
        outcome = record_imported_organizations(
            records=[organization_record(spooled, names) for spooled, names in page], source=SOURCE
        )
        recognized = len(outcome.ids)
        self._run.add(
            ORGANIZATIONS_STAGE,
            {
                "created": outcome.created,
                "updated": outcome.updated,
                "unchanged": recognized - outcome.created - outcome.updated,
            },
        )
        _report(log, outcome.problems, ORGANIZATIONS, {spooled.pic: spooled for spooled, _names in page})
        return len(page)

    def _record_projects(self, log: ProblemLog, technology_ids: Mapping[str, int], after: int, limit: int) -> int:
        page = self._spool.projects(after=after, limit=limit)
        ids = [project.id for project in page]
        participations = self._spool.participations_of(ids)
        links = self._spool.links_of(ids)
        organization_ids = _organization_ids(participations.values())
        records = [
            experience_record(
                project,
                participations=participations.get(project.id, ()),
                organization_ids=organization_ids,
                technology_ids=[technology_ids[key] for key, _row in links.get(project.id, ())],
            )
            for project in page
        ]
        outcome = record_imported_experience(records=records, source=SOURCE)
        _report(log, outcome.problems, PROJECTS, {project.id: project for project in page})
        refused = {problem.key for problem in outcome.problems if problem.is_refused}
        counted = Counter(created=outcome.created, updated=outcome.updated, unchanged=outcome.unchanged)
        counted[f"{PROJECTS}:imported"] = len(page) - len(refused)
        counted[f"{PROJECTS}:refused"] = len(refused)
        counted[f"{TOPICS}:refused"] = _refuse_links(log, links, refused)
        counted[f"{TOPICS}:imported"] = sum(map(len, links.values())) - counted[f"{TOPICS}:refused"]
        all_parts = [part for parts in participations.values() for part in parts]
        left_out = _refuse_participations(log, all_parts, refused, organization_ids)
        counted[f"{ORGANIZATIONS}:refused"] = left_out
        counted[f"{ORGANIZATIONS}:imported"] = outcome.participations
        # Two PICs may lead to one organization, whose rows the service merges.
        counted[f"{ORGANIZATIONS}:merged"] = len(all_parts) - left_out - outcome.participations
        self._run.add(EXPERIENCE_STAGE, counted)
        return len(page)


def _organization_ids(participations: Iterable[Sequence[SpooledParticipation]]) -> dict[str, int]:
    pics = {part.pic for parts in participations for part in parts}
    return organization_ids_by_identifier(scheme=Identifier.Scheme.PIC, values=pics)


def _refuse_links(log: ProblemLog, links: Mapping[str, Sequence[tuple[str, int]]], refused_projects: set[str]) -> int:
    left_out = [(project, row) for project in sorted(refused_projects) for _key, row in links.get(project, ())]
    for project, row in left_out:
        log.add(_left_out(TOPICS, row, "projectID", project, "Its project was left out, and so was this row."))
    return len(left_out)


def _refuse_participations(
    log: ProblemLog,
    participations: Iterable[SpooledParticipation],
    refused_projects: set[str],
    organization_ids: Mapping[str, int],
) -> int:
    left_out = 0
    for part in participations:
        if part.project in refused_projects:
            reason = "Its project was left out, and so was this row."
            log.add(_left_out(ORGANIZATIONS, part.row, "projectID", part.project, reason))
        elif part.pic not in organization_ids:
            reason = "This organization was left out, and so was its part in the project."
            log.add(_left_out(ORGANIZATIONS, part.row, "organisationID", part.pic, reason))
        else:
            continue
        left_out += 1
    return left_out


def _left_out(file: str, row: int, field: str, value: str, reason: str) -> Problem:
    return Problem(kind="left_out", file=file, row=row, field=field, value=value, reason=reason, is_refused=True)


def _report(
    log: ProblemLog,
    problems: Iterable[RowProblem],
    file: str,
    spooled: Mapping[str, SpooledOrganization] | Mapping[str, SpooledProject],
) -> None:
    """Hand on what a service could not take, named as the archive names it."""
    for problem in problems:
        row = spooled[problem.key]
        log.add(
            Problem(
                kind=f"invalid_{problem.field or 'row'}"[:40],
                file=file,
                row=row.row,
                field=_COLUMN_OF.get(problem.field, problem.field),
                value=str(getattr(row, problem.field, problem.key)),
                reason=problem.message,
                is_refused=problem.is_refused,
            )
        )
