"""Recording the past projects of an archive: many at once, and as often as one likes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from consortia.evidence.models import Experience, Participation
from ronghe.common.errors import InvalidInput
from ronghe.common.validation import RowProblem, check_record, unique_or_conflict
from ronghe.events.services import emit

CHUNK: Final = 500
BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedParticipation:
    """An organization's part in an imported project.

    Attributes:
        organization_id: primary key, as `record_imported_organizations` returned it.
        role: one of `Participation.Role`.
        contribution: in the project's currency.
    """

    organization_id: int
    role: str = Participation.Role.PARTICIPANT
    contribution: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedExperience:
    """A past project as an archive describes it.

    Attributes:
        source_id: how the archive calls it; it is recognized by it the next time.
        technology_ids: primary keys, as `import_concepts` returned them.
    """

    source_id: str
    title: str
    language: str
    participations: Sequence[ImportedParticipation]
    abstract: str = ""
    keywords: str = ""
    started_on: date | None = None
    ended_on: date | None = None
    signed_on: date | None = None
    call: str = ""
    funding_scheme: str = ""
    cost: Decimal | None = None
    currency: str = ""
    technology_ids: Sequence[int] = ()


@dataclass(slots=True)
class ImportedExperiences:
    """What became of the rows of an archive; `problems` names what was left out, row by row."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    participations: int = 0
    problems: list[RowProblem] = field(default_factory=list)


def record_imported_experience(*, records: Iterable[ImportedExperience], source: str) -> ImportedExperiences:
    """Create or update the past projects of an archive; doing it twice is doing it once.

    Every chunk is a transaction with one event `experience.imported`, so memory is bounded and an import that breaks
    off goes on where it stopped. A faulty row is left out and reported, never raised.

    Args:
        records: the rows, read once.
        source: the archive's name, at most 40 characters.

    Raises:
        Conflict: somebody else imports the same rows in the same moment; run the import again.
    """
    outcome = ImportedExperiences()
    rows = iter(records)
    while chunk := list(islice(rows, CHUNK)):
        with unique_or_conflict(_("Another import writes the same rows. Run it again."), field="source_id"):
            _record_chunk(chunk, source, outcome)
    return outcome


_FIELDS: Final = (
    "title",
    "abstract",
    "keywords",
    "language",
    "started_on",
    "ended_on",
    "signed_on",
    "call",
    "funding_scheme",
    "cost",
    "currency",
)


def _record_chunk(records: Sequence[ImportedExperience], source: str, outcome: ImportedExperiences) -> None:
    accepted = {record.source_id: record for record in records if _is_accepted(record, source, outcome)}
    rows = {
        row.source_id: row
        for row in Experience.objects.select_for_update().filter(source=source, source_id__in=accepted)
    }
    created = [_draft(record, source) for key, record in accepted.items() if key not in rows]
    updated = [row for key, row in rows.items() if _take_over(row, accepted[key])]
    Experience.objects.bulk_create(created, batch_size=BATCH)
    Experience.objects.bulk_update(updated, _FIELDS, batch_size=BATCH)
    rows.update({row.source_id: row for row in created})
    by_pk = {row.pk: accepted[key] for key, row in rows.items()}
    touched = {row.pk for row in (*created, *updated)}
    touched |= _record_participations(by_pk, outcome)
    touched |= _record_technologies(by_pk)
    outcome.created += len(created)
    outcome.updated += len(touched) - len(created)
    outcome.unchanged += len(rows) - len(touched)
    if touched:
        first = Experience(pk=min(touched))
        emit(kind="experience.imported", subject=first, payload={"experiences": len(touched), "source": source})


def _draft(record: ImportedExperience, source: str) -> Experience:
    stated = {name: getattr(record, name) for name in _FIELDS}
    return Experience(source=source, source_id=record.source_id, **stated)


def _is_accepted(record: ImportedExperience, source: str, outcome: ImportedExperiences) -> bool:
    """Whether the row can be written; if not, why is reported."""
    try:
        check_record(_draft(record, source))
        if record.started_on and record.ended_on and record.ended_on < record.started_on:
            message = _("It ends before it starts.")
            raise InvalidInput(message, fields={"ended_on": [message]})
    except InvalidInput as error:
        for name, messages in error.fields.items():
            outcome.problems.append(RowProblem(record.source_id, name, messages[0], is_refused=True))
        return False
    return True


def _take_over(row: Experience, record: ImportedExperience) -> bool:
    """Put the archive's state into the row; whether that changed anything."""
    changed = False
    for name in _FIELDS:
        stated: Any = getattr(record, name)
        if getattr(row, name) != stated:
            setattr(row, name, stated)
            changed = True
    return changed


def _record_participations(by_pk: dict[int, ImportedExperience], outcome: ImportedExperiences) -> set[int]:
    """Bring participations to the archive's state; the projects in which something changed."""
    wanted = {(pk, part.organization_id): part for pk, record in by_pk.items() for part in _parts(record, outcome)}
    outcome.participations += len(wanted)
    stored = {
        (row.experience_id, row.organization_id): row for row in Participation.objects.filter(experience__in=by_pk)
    }
    new = [
        Participation(experience_id=pk, organization_id=organization, role=part.role, contribution=part.contribution)
        for (pk, organization), part in wanted.items()
        if (pk, organization) not in stored
    ]
    changed = []
    for key, row in stored.items():
        part = wanted.get(key)
        if part is not None and (row.role, row.contribution) != (part.role, part.contribution):
            row.role, row.contribution = part.role, part.contribution
            changed.append(row)
    gone = [row for key, row in stored.items() if key not in wanted]
    Participation.objects.bulk_create(new, batch_size=BATCH)
    Participation.objects.bulk_update(changed, ["role", "contribution"], batch_size=BATCH)
    Participation.objects.filter(pk__in=[row.pk for row in gone]).delete()
    return {row.experience_id for row in (*new, *changed, *gone)}


def _parts(record: ImportedExperience, outcome: ImportedExperiences) -> Iterable[ImportedParticipation]:
    """The row's participations, each organization once: a coordinator stays one."""
    parts: dict[int, ImportedParticipation] = {}
    for part in record.participations:
        known = parts.get(part.organization_id)
        if known is not None:
            message = _("Organization %(id)d stands twice; a coordinator or the first one counts.") % {
                "id": part.organization_id
            }
            outcome.problems.append(RowProblem(record.source_id, "participations", message))
        if part.role not in Participation.Role.values:
            message = _("“%(role)s” is no role.") % {"role": part.role[:40]}
            outcome.problems.append(RowProblem(record.source_id, "participations", message))
        elif known is None or part.role == Participation.Role.COORDINATOR:
            parts[part.organization_id] = part
    return parts.values()


def _record_technologies(by_pk: dict[int, ImportedExperience]) -> set[int]:
    """Bring technologies to the archive's state; the projects in which something changed."""
    through: Any = Experience.technologies.through
    wanted = {(pk, technology) for pk, record in by_pk.items() for technology in record.technology_ids}
    links = through.objects.filter(experience__in=by_pk)
    stored = {
        (pk, technology): link for link, pk, technology in links.values_list("pk", "experience_id", "technology_id")
    }
    new = sorted(wanted - set(stored))
    gone = set(stored) - wanted
    through.objects.bulk_create(
        [through(experience_id=pk, technology_id=technology) for pk, technology in new], batch_size=BATCH
    )
    through.objects.filter(pk__in=[stored[pair] for pair in gone]).delete()
    return {pk for pk, _technology in (*new, *gone)}
