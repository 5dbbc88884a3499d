"""Taking over listings from archives: idempotent, and one bad row never stops the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.listings.drafts import CapabilityDraft, ListingDraft, NeedDraft
from consortia.listings.lifecycle import FINAL_STATUSES, TRANSITIONS, Step
from consortia.listings.models import DEFAULT_VALIDITY_DAYS, Capability, Listing, Need
from consortia.listings.services.checking import CheckedListing, checked
from consortia.listings.services.quantities import folded_labels
from consortia.listings.services.references import References, references_of
from consortia.listings.services.writing import base_of, event_payload, insert, replace_content
from consortia.organizations.models import Organization
from ronghe.common.errors import DomainError, FieldErrors, InvalidInput
from ronghe.events.services import emit_many

_CHUNK: Final = 200
_DECIDED_HERE: Final = frozenset({"valid_until", "source", "source_id"})
_PART_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "uses": ("technology_id", "route_id", "weight"),
    "interface_uses": ("interface_id", "mode"),
    "translations": ("language", "title", "summary", "description", "is_machine_made"),
}
_MEASURE_COLUMNS: Final = (
    "operator", "value", "value_high", "unit", "tolerance", "conditions", "methods", "tier",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row of an archive that was left out, and why."""

    source_id: str
    message: str
    fields: FieldErrors


@dataclass(slots=True)
class ImportedListings:
    """What an import did.

    Attributes:
        ids: id in the source → primary key, for every row that is now stored.
        created: how many rows are new.
        updated: how many had changed in the source.
        unchanged: how many were there already.
        problems: the rows that were left out.
    """

    ids: dict[str, int] = field(default_factory=dict)
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)


def import_needs(*, organization: Organization, drafts: Sequence[NeedDraft], source: str) -> ImportedListings:
    """Store an archive's needs as open needs of an organization; for importers, so nobody's rights are asked.

    Each draft carries its `source_id`. Importing again updates what changed in the source and leaves the rest alone;
    a need that somebody closed or withdrew since is not opened again. Dates in the past are kept, for archives are old.

    Args:
        organization: the body whose needs they are.
        drafts: the rows.
        source: name of the archive, part of each row's identity.
    """
    return _import(Need, organization=organization, drafts=drafts, source=source)


def import_capabilities(
    *, organization: Organization, drafts: Sequence[CapabilityDraft], source: str
) -> ImportedListings:
    """Store an archive's capabilities as open capabilities of an organization; see `import_needs`."""
    return _import(Capability, organization=organization, drafts=drafts, source=source)


def _import(
    model: type[Listing], *, organization: Organization, drafts: Sequence[ListingDraft], source: str
) -> ImportedListings:
    done = ImportedListings()
    for start in range(0, len(drafts), _CHUNK):
        chunk = [replace(draft, source=source) for draft in drafts[start : start + _CHUNK]]
        _import_chunk(model, organization, chunk, done)
    return done


@transaction.atomic
def _import_chunk(
    model: type[Listing], organization: Organization, drafts: Sequence[ListingDraft], done: ImportedListings
) -> None:
    references = references_of(drafts)
    known = model._default_manager.filter(
        source=drafts[0].source, source_id__in=[draft.source_id for draft in drafts]
    ).prefetch_related(*_PART_COLUMNS, "parameters__quantity__known_labels")
    by_source_id = {listing.source_id: listing for listing in known}
    happened: dict[str, list[Listing]] = {}
    for draft in drafts:
        before = by_source_id.get(draft.source_id)
        try:
            _require_identity(draft, done)
            with transaction.atomic():
                listing, kinds = _upsert(draft, before, organization, references)
        except DomainError as error:
            done.problems.append(RowProblem(draft.source_id, error.message, error.fields))
            continue
        done.ids[draft.source_id] = listing.pk
        done.created += before is None
        done.updated += before is not None and bool(kinds)
        done.unchanged += not kinds
        for kind in kinds:
            happened.setdefault(kind, []).append(listing)
    for kind, listings in happened.items():
        emit_many(kind=kind, subjects=map(base_of, listings), payload=event_payload(listings[0]))


def _require_identity(draft: ListingDraft, done: ImportedListings) -> None:
    if not draft.source_id:
        message = _("The row has no id in the source, so it could not be found again.")
        raise InvalidInput(message, fields={"source_id": [message]})
    if draft.source_id in done.ids:
        message = _("The id “%(id)s” stands twice in the archive; the first row was taken.") % {"id": draft.source_id}
        raise InvalidInput(message, code="duplicate_row", fields={"source_id": [message]})


def _upsert(
    draft: ListingDraft, before: Listing | None, organization: Organization, references: References
) -> tuple[Listing, tuple[str, ...]]:
    """Store one row; returns the listing and the kinds of event that tell what happened, none when nothing did."""
    result = checked(draft, organization=organization, references=references, before=before, past_dates=True)
    if before is None:
        kinds = _put_in_place(result.record)
        return insert(result), kinds
    if before.status in FINAL_STATUSES or not _differs(before, result):
        return before, ()
    replace_content(before, result)
    return before, ("listing.revised", *_follow_validity(before))


def _put_in_place(listing: Listing) -> tuple[str, ...]:
    """Open an unsaved row, or let it arrive as expired; what happens to it thereby."""
    listing.published_at = timezone.now()
    listing.valid_until = listing.valid_until or timezone.localdate() + timedelta(days=DEFAULT_VALIDITY_DAYS)
    listing.status = Listing.Status.EXPIRED if _has_ended(listing) else Listing.Status.OPEN
    return ("listing.expired",) if _has_ended(listing) else ("listing.published", "listing.opened")


def _follow_validity(listing: Listing) -> tuple[str, ...]:
    """Expire a row whose validity the source has ended, open one whose validity it has extended."""
    if _has_ended(listing) and listing.status in TRANSITIONS[Step.EXPIRE].sources:
        listing.status, kind = Listing.Status.EXPIRED, TRANSITIONS[Step.EXPIRE].event
    elif not _has_ended(listing) and listing.status == Listing.Status.EXPIRED:
        listing.status, kind = Listing.Status.OPEN, TRANSITIONS[Step.RENEW].event
    else:
        return ()
    listing.save(update_fields=["status", "updated_at"])
    return (kind,)


def _has_ended(listing: Listing) -> bool:
    return listing.valid_until is not None and listing.valid_until < timezone.localdate()


def _differs(before: Listing, result: CheckedListing) -> bool:
    """Whether what the source says now is not what is stored."""
    compared = [name for name in result.columns if name not in _DECIDED_HERE]
    if any(getattr(before, name) != getattr(result.record, name) for name in compared):
        return True
    new_end = result.record.valid_until
    if new_end is not None and new_end != before.valid_until:
        return True
    parts: dict[str, Sequence[Any]] = {
        "uses": result.uses,
        "interface_uses": result.interfaces,
        "translations": result.translations,
    }
    for name, columns in _PART_COLUMNS.items():
        if not _same_rows(getattr(before, name).all(), parts[name], columns):
            return True
    return _measures_differ(before, result)


def _same_rows(stored: Iterable[Any], wanted: Iterable[Any], columns: Sequence[str]) -> bool:
    """Whether both hold the same rows, in whatever order."""
    # By equality and not by their texts: PostgreSQL gives the keys of a JSON object back in an order of its own.
    left = [[getattr(row, column) for column in columns] for row in wanted]
    for row in stored:
        values = [getattr(row, column) for column in columns]
        if values not in left:
            return False
        left.remove(values)
    return not left


def _measures_differ(before: Listing, result: CheckedListing) -> bool:
    stored = list(before.parameters.all())
    if not _same_rows(stored, (measure.row for measure in result.measures), _MEASURE_COLUMNS):
        return True
    known = {label.folded for row in stored for label in row.quantity.known_labels.all()}
    wanted = {folded for measure in result.measures for folded in folded_labels(measure.labels.values())}
    return not wanted <= known
