"""Recording the organizations of an archive: many at once, and as often as one likes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.db import models
from django.utils.translation import gettext as _

from consortia.organizations.identifiers import compact_identifier
from consortia.organizations.models import Identifier, Membership, Organization, OrganizationName
from consortia.organizations.naming import LONGEST_NAME, display_name_of, name_rows
from consortia.organizations.services.registration import LONGEST_DESCRIPTION
from ronghe.common.errors import InvalidInput
from ronghe.common.validation import RowProblem, checked_texts, unique_or_conflict
from ronghe.events.services import emit

CHUNK: Final = 500

IdentifierKey = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedOrganization:
    """An organization as an archive describes it.

    Attributes:
        key: how the archive calls it; problems and the result name it so.
        names: official name by language tag.
        identifiers: pairs of scheme and value. The first one is what the organization is recognized by the next
            time; without any, its `source_id` is; without that, its source, name and country are.
        source_id: a lasting id that the archive gives it and nobody else.
        descriptions: text by language tag, each at most 4000 characters.
        region: ISO 3166-2; `nuts_code` is Eurostat's.
        is_fictitious: it belongs to a demonstration.
    """

    key: str
    names: Mapping[str, str]
    type: str
    identifiers: Sequence[tuple[str, str]] = ()
    source_id: str = ""
    aliases: Sequence[str] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict)
    country: str = ""
    region: str = ""
    nuts_code: str = ""
    city: str = ""
    is_sme: bool | None = None
    size: str = ""
    ownership: str = ""
    latitude: float | None = None
    longitude: float | None = None
    website: str = ""
    contact_email: str = ""
    is_fictitious: bool = False


@dataclass(slots=True)
class ImportedOrganizations:
    """What became of the rows of an archive.

    Attributes:
        ids: primary key of the organization by the row's key, for every row that was not refused.
        created: how many are new.
        updated: how many changed.
        problems: what was left out, row by row.
    """

    ids: dict[str, int] = field(default_factory=dict)
    created: int = 0
    updated: int = 0
    problems: list[RowProblem] = field(default_factory=list)


def record_imported_organizations(*, records: Iterable[ImportedOrganization], source: str) -> ImportedOrganizations:
    """Create or update the organizations of an archive; doing it twice is doing it once.

    Organizations that people have taken over, or that came from elsewhere, are recognized but not overwritten. A
    fault in a field leaves the field out, a fault in the name the row; both are reported, none is raised. Every chunk
    is a transaction with one event `organization.imported`, so an import that breaks off goes on where it stopped.

    Args:
        records: the rows, read once.
        source: the archive's name, at most 40 characters.

    Raises:
        Conflict: somebody gave one of the identifiers away in the same moment; run the import again.
    """
    outcome = ImportedOrganizations()
    rows = iter(records)
    while chunk := list(islice(rows, CHUNK)):
        with unique_or_conflict(_("Another import writes the same rows. Run it again."), field="identifiers"):
            _Chunk(chunk, source, outcome).record()
    return outcome


_FIELDS: Final = (
    "type",
    "country",
    "region",
    "nuts_code",
    "city",
    "is_sme",
    "size",
    "ownership",
    "latitude",
    "longitude",
    "website",
    "contact_email",
    "is_fictitious",
)
# A wrong value of these refuses the row; of any other it is left out.
_NEEDED: Final = frozenset({"type"})
_COMPARED: Final = ("names", "descriptions", *_FIELDS)
_CHECKS: Final[Mapping[str, Any]] = {name: Organization._meta.get_field(name) for name in _FIELDS}


class _Chunk:
    """Some rows on their way into the database, in one transaction."""

    def __init__(self, records: Sequence[ImportedOrganization], source: str, outcome: ImportedOrganizations) -> None:
        self.source = source
        self.outcome = outcome
        self.drafts: dict[str, Organization] = {}
        self.identifiers: dict[str, list[IdentifierKey]] = {}
        self.records: dict[str, ImportedOrganization] = {}
        for record in records:
            if record.key not in self.drafts and record.key not in outcome.ids:
                self._draft(record)

    def record(self) -> None:
        """Write what is new and what has changed."""
        holders = self._holders()
        known = self._recognized(holders)
        created = self._create([key for key in self.drafts if key not in known], known)
        updated = self._update(known, exclude=created)
        self._identify(known, holders)
        self.outcome.ids.update(known)
        self.outcome.created += len(created)
        self.outcome.updated += len(updated)
        if touched := sorted(created | updated):
            first = Organization(pk=touched[0])
            emit(kind="organization.imported", subject=first, payload={"organizations": touched, "source": self.source})

    def _report(self, key: str, field_name: str, message: str, *, is_refused: bool = False) -> None:
        self.outcome.problems.append(RowProblem(key, field_name, message, is_refused))

    def _draft(self, record: ImportedOrganization) -> None:
        """An unsaved organization of the row, without what is at fault; none when the row is refused."""
        try:
            names = checked_texts(record.names, field="names", longest=LONGEST_NAME, required=True)
            draft = Organization(names=names, display_name=display_name_of(names), source=self.source)
            draft.source_id = record.source_id
            draft.descriptions = checked_texts(record.descriptions, field="descriptions", longest=LONGEST_DESCRIPTION)
            self._take_fields(draft, record)
        except InvalidInput as error:
            for field_name, messages in error.fields.items():
                self._report(record.key, field_name, messages[0], is_refused=True)
            return
        self.drafts[record.key] = draft
        self.records[record.key] = record
        self.identifiers[record.key] = list(self._compact(record))

    def _take_fields(self, draft: Organization, record: ImportedOrganization) -> None:
        for name, model_field in _CHECKS.items():
            try:
                setattr(draft, name, model_field.clean(getattr(record, name), draft))
            except ValidationError as error:
                if name in _NEEDED:
                    raise InvalidInput(error.messages[0], fields={name: error.messages}) from error
                self._report(record.key, name, error.messages[0])
        if draft.latitude is None or draft.longitude is None:
            draft.latitude = draft.longitude = None

    def _compact(self, record: ImportedOrganization) -> Iterator[IdentifierKey]:
        for scheme, value in record.identifiers:
            try:
                yield scheme, compact_identifier(scheme, value, field=scheme)
            except InvalidInput as error:
                self._report(record.key, scheme, f"{value[:40]}: {error.message}")

    def _holders(self) -> dict[IdentifierKey, int]:
        """Which organization holds each of the chunk's identifiers already."""
        by_scheme: dict[str, set[str]] = {}
        for identifiers in self.identifiers.values():
            for scheme, value in identifiers:
                by_scheme.setdefault(scheme, set()).add(value)
        wanted = models.Q(pk__in=[])
        for scheme, values in by_scheme.items():
            wanted |= models.Q(scheme=scheme, value__in=values)
        rows = Identifier.objects.filter(wanted).values_list("scheme", "value", "organization_id")
        return {(scheme, value): organization_id for scheme, value, organization_id in rows}

    def _recognized(self, holders: Mapping[IdentifierKey, int]) -> dict[str, int]:
        """The rows whose organization is known, by their first identifier, else by their id, else by name."""
        known: dict[str, int] = {}
        with_id: list[str] = []
        nameless: list[str] = []
        for key, identifiers in self.identifiers.items():
            if identifiers and identifiers[0] in holders:
                known[key] = holders[identifiers[0]]
            elif not identifiers:
                (with_id if self.records[key].source_id else nameless).append(key)
        if with_id:
            known |= self._recognized_by_source_id(with_id)
        if nameless:
            known |= self._recognized_by_name(nameless)
        return known

    def _recognized_by_source_id(self, keys: Sequence[str]) -> dict[str, int]:
        ids = {self.records[key].source_id: key for key in keys}
        rows = Organization.objects.filter(source=self.source, source_id__in=ids).values_list("source_id", "pk")
        return {ids[source_id]: pk for source_id, pk in rows}

    def _recognized_by_name(self, keys: Sequence[str]) -> dict[str, int]:
        names = {self.drafts[key].display_name for key in keys}
        rows = Organization.objects.filter(
            source=self.source, source_id="", display_name__in=names, identifiers__isnull=True
        )
        stored = {(name, country): pk for pk, name, country in rows.values_list("pk", "display_name", "country")}
        found = {key: stored.get((self.drafts[key].display_name, self.drafts[key].country)) for key in keys}
        return {key: pk for key, pk in found.items() if pk is not None}

    def _create(self, keys: Sequence[str], known: dict[str, int]) -> set[int]:
        """Create the organizations of the rows; rows that share a first identifier share the organization."""
        first_rows: dict[IdentifierKey, str] = {}
        for key in keys:
            identity = self.identifiers[key][0] if self.identifiers[key] else ("", key)
            first_rows.setdefault(identity, key)
        Organization.objects.bulk_create([self.drafts[key] for key in first_rows.values()])
        for key in keys:
            identity = self.identifiers[key][0] if self.identifiers[key] else ("", key)
            known[key] = self.drafts[first_rows[identity]].pk
        OrganizationName.objects.bulk_create(
            name for key in first_rows.values() for name in self._names_of(key, self.drafts[key])
        )
        return {self.drafts[key].pk for key in first_rows.values()}

    def _update(self, known: Mapping[str, int], *, exclude: set[int]) -> set[int]:
        """Bring organizations that still belong to the archive to its state."""
        owned = Membership.objects.filter(organization=models.OuterRef("pk"))
        mine = Organization.objects.select_for_update().filter(~models.Exists(owned), source=self.source)
        stored = mine.in_bulk(set(known.values()) - exclude)
        changed: dict[int, str] = {}
        for key, pk in known.items():
            organization = stored.get(pk)
            if organization is None or pk in changed or not _differs(organization, self.drafts[key]):
                continue
            changed[pk] = key
            for name in (*_said(self.drafts[key]), "display_name"):
                setattr(organization, name, getattr(self.drafts[key], name))
            organization.version += 1
        if changed:
            Organization.objects.bulk_update(
                [stored[pk] for pk in changed], [*_COMPARED, "display_name", "version"], batch_size=CHUNK
            )
            OrganizationName.objects.filter(organization__in=changed).delete()
            OrganizationName.objects.bulk_create(
                name for pk, key in changed.items() for name in self._names_of(key, stored[pk])
            )
        return set(changed)

    def _names_of(self, key: str, organization: Organization) -> Iterator[OrganizationName]:
        aliases = [alias.strip()[:LONGEST_NAME] for alias in self.records[key].aliases]
        return name_rows(organization, [alias for alias in aliases if alias])

    def _identify(self, known: Mapping[str, int], holders: dict[IdentifierKey, int]) -> None:
        """Give the organizations their identifiers; one that another organization holds is reported instead."""
        filled = set(
            Identifier.objects.filter(organization__in=set(known.values()))
            .exclude(scheme=Identifier.Scheme.VAT)
            .values_list("organization_id", "scheme")
        )
        new = []
        for key, identifiers in self.identifiers.items():
            for scheme, value in identifiers:
                holder = holders.get((scheme, value))
                if holder == known[key]:
                    continue
                if holder is not None:
                    self._report(key, scheme, _("%(value)s belongs to another organization.") % {"value": value})
                elif (known[key], scheme) in filled:
                    self._report(key, scheme, _("The organization has another identifier of this register."))
                else:
                    holders[scheme, value] = known[key]
                    if scheme != Identifier.Scheme.VAT:
                        filled.add((known[key], scheme))
                    new.append(Identifier(organization_id=known[key], scheme=scheme, value=value))
        Identifier.objects.bulk_create(new)


def _differs(stored: Organization, draft: Organization) -> bool:
    return any(getattr(stored, name) != getattr(draft, name) for name in _said(draft))


def _said(draft: Organization) -> list[str]:
    """What the archive says of the organization: its silence takes nothing away that a curator has added."""
    return [name for name in _COMPARED if getattr(draft, name) not in EMPTY_VALUES]
