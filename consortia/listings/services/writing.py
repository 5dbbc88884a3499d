"""Drafting and revising listings."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.listings.drafts import CapabilityDraft, ListingDraft, NeedDraft
from consortia.listings.lifecycle import FINAL_STATUSES
from consortia.listings.models import (
    Capability,
    Listing,
    ListingInterface,
    ListingTechnology,
    ListingTranslation,
    Need,
    Parameter,
)
from consortia.listings.policies import require_can_edit, require_can_write_for
from consortia.listings.services.checking import CheckedListing, checked
from consortia.listings.services.quantities import obtain_quantity_kind
from consortia.listings.services.references import references_of
from consortia.organizations.models import Organization
from ronghe.common.errors import Conflict, InvalidInput
from ronghe.common.validation import Faults, unique_or_conflict
from ronghe.events.services import emit

ListingT = TypeVar("ListingT", bound=Listing)
PartT = TypeVar("PartT", ListingTechnology, ListingInterface, ListingTranslation, Parameter)

# What says where a listing came from is fixed when it is made.
_FIXED_COLUMNS = frozenset({"side", "source", "source_id"})


def draft_need(*, actor: Viewer, organization: Organization, draft: NeedDraft) -> Need:
    """Write a need that only its own organization sees until it is published.

    Raises:
        InvalidInput: naming every fault of the draft.
        NotFound, NotAllowed: the actor does not write for the organization.
        Conflict: the organization was merged, or the source's id is taken.
    """
    return _draft(Need, actor=actor, organization=organization, draft=draft)


def draft_capability(*, actor: Viewer, organization: Organization, draft: CapabilityDraft) -> Capability:
    """Write a capability that only its own organization sees until it is published.

    Raises:
        InvalidInput: naming every fault of the draft.
        NotFound, NotAllowed: the actor does not write for the organization.
        Conflict: the organization was merged, or the source's id is taken.
    """
    return _draft(Capability, actor=actor, organization=organization, draft=draft)


@transaction.atomic
def _draft(model: type[ListingT], *, actor: Viewer, organization: Organization, draft: ListingDraft) -> ListingT:
    require_can_write_for(actor, organization)
    if organization.status == Organization.Status.MERGED:
        raise Conflict(_("This organization was merged into another. Write for that one."), code="merged")
    result = checked(draft, organization=organization, references=references_of([draft]))
    taken = _("A listing with this id of the source exists already. Revise that one.")
    with unique_or_conflict(taken, field="source_id"):
        listing = insert(result)
    emit(kind="listing.drafted", subject=base_of(listing), payload=event_payload(listing))
    assert isinstance(listing, model)  # noqa: S101  # narrows the type
    return listing


@transaction.atomic
def revise_listing(
    *, actor: Viewer, listing: ListingT, draft: ListingDraft, expected_version: int | None = None
) -> ListingT:
    """Replace everything its author writes of a listing; its state and its source stay.

    Args:
        actor: who saves.
        listing: a need or a capability.
        draft: the whole of the new text, of the same side.
        expected_version: the version the editor had read; None takes that of `listing`.

    Raises:
        InvalidInput: naming every fault of the draft.
        NotFound, NotAllowed: the actor does not write for its organization.
        StaleEdit: somebody else saved meanwhile.
        Conflict: the listing is closed or withdrawn.
    """
    require_can_edit(actor, listing)
    if isinstance(listing, Need) is not isinstance(draft, NeedDraft):
        raise InvalidInput(_("A need cannot become a capability, nor the other way round. Write a new one."))
    result = checked(draft, organization=listing.organization, references=references_of([draft]), before=listing)
    replace_content(listing, result, expected_version=expected_version)
    emit(kind="listing.revised", subject=base_of(listing), payload=event_payload(listing))
    return listing


def insert(result: CheckedListing) -> Listing:
    """Store a checked listing with all its parts, inside the caller's transaction."""
    result.record.save(force_insert=True)
    _write_parts(result.record, result)
    return result.record


def replace_content(listing: Listing, result: CheckedListing, *, expected_version: int | None = None) -> None:
    """Write checked content over a listing, inside the caller's transaction.

    Raises:
        StaleEdit: the row is at another version.
        Conflict: the listing is closed or withdrawn.
    """
    listing.claim_edit(expected_version=expected_version)
    # Read after the claim: from here on nobody else can move the listing.
    status = Listing.objects.values_list("status", flat=True).get(pk=listing.pk)
    if status in FINAL_STATUSES:
        message = _("This listing is %(status)s and no longer changes. Write a new one.")
        raise Conflict(message % {"status": Listing.Status(status).label}, code="listing_ended")
    columns = [name for name in result.columns if name not in _FIXED_COLUMNS]
    for name in columns:
        value = getattr(result.record, name)
        # A revision that names no day keeps the validity that publication gave.
        setattr(listing, name, value if name != "valid_until" or value else listing.valid_until)
    listing.save(update_fields=[*columns, "updated_at"])
    for related in (listing.uses, listing.parameters, listing.interface_uses, listing.translations):
        related.all().delete()
    _write_parts(listing, result)
    getattr(listing, "_prefetched_objects_cache", {}).clear()


def base_of(listing: Listing) -> Listing:
    """The listing behind a need or capability, so that events and ledger rows always name the same type."""
    return listing if type(listing) is Listing else listing.listing_ptr  # type: ignore[attr-defined]


def event_payload(listing: Listing) -> dict[str, Any]:
    """What every event on a listing carries."""
    return {"side": listing.side, "organization": listing.organization_id}


def _write_parts(listing: Listing, result: CheckedListing) -> None:
    base = base_of(listing)
    faults = Faults()
    for place, measure in enumerate(result.measures):
        with faults.collecting(prefix=f"parameters.{place}."):
            measure.row.quantity = obtain_quantity_kind(labels=measure.labels, measured=measure.base)
    faults.raise_if_any()
    _insert_parts(ListingTechnology, base, result.uses)
    _insert_parts(Parameter, base, [measure.row for measure in result.measures])
    _insert_parts(ListingInterface, base, result.interfaces)
    _insert_parts(ListingTranslation, base, result.translations)


def _insert_parts(model: type[PartT], listing: Listing, rows: Sequence[PartT]) -> None:
    for row in rows:
        row.listing = listing
    manager: models.Manager[PartT] = model._default_manager
    manager.bulk_create(rows)
