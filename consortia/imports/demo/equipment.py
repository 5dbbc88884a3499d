"""Facilities of the demo network, their slots and a few bookings."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from consortia.facilities.drafts import FacilityDraft
from consortia.facilities.models import Booking, Facility, Slot
from consortia.facilities.services import (
    book_slot,
    confirm_booking,
    offer_slot,
    register_facility,
    revise_facility,
)
from consortia.imports.demo.dates import window
from consortia.imports.demo.offers import technology_uses
from consortia.imports.demo.records import BookingEntry, FacilityEntry
from consortia.imports.demo.work import SOURCE, Work
from consortia.organizations.models import Organization

# Compared apart, for they are rows of their own.
_USES: Final = "technologies"


def load_facilities(work: Work, organizations: Mapping[str, Organization]) -> None:
    """Bring facilities to the state of the files, and offer the slots and ask for the bookings that are missing.

    A slot that overlaps one on offer is left out: somebody has arranged that time otherwise by now.
    """
    entries = work.network.facilities
    stored = Facility.objects.filter(source=SOURCE).select_related("organization")
    known = {row.source_id: row for row in stored.prefetch_related("uses__technology", "uses__route")}
    work.progress.begin("facilities", total=len(entries))
    for entry in entries:
        organization = organizations.get(entry.organization)
        facility = None
        if organization is not None:
            with work.log.collecting(entry.id):
                facility = _load_facility(work, organization, _draft(entry), known.get(entry.id))
        if facility is not None:
            slots = _load_slots(work, facility, entry)
            _load_bookings(work, slots, entry, organizations)
        work.progress.advance(1)


def _draft(entry: FacilityEntry) -> FacilityDraft:
    mrl_in, mrl_out = entry.mrl or (None, None)
    throughput, price = entry.throughput, entry.price
    return FacilityDraft(
        names=entry.names,
        language=entry.lang,
        description=entry.description,
        scale=entry.scale,
        batch=entry.batch,
        throughput=throughput.value if throughput else None,
        throughput_unit=throughput.unit if throughput else "",
        precision=entry.precision,
        feedstocks=entry.feedstocks,
        certificates=entry.certificates,
        services=entry.services,
        trl_in=entry.trl[0],
        trl_out=entry.trl[1],
        mrl_in=mrl_in,
        mrl_out=mrl_out,
        access=entry.access,
        price_amount=price.amount if price else None,
        price_unit=price.unit if price else "",
        currency=price.currency if price else "",
        safety=entry.safety,
        ip_terms=entry.ip_terms,
        technologies=technology_uses(entry),
        source=SOURCE,
        source_id=entry.id,
        is_fictitious=True,
    )


def _load_facility(work: Work, organization: Organization, draft: FacilityDraft, known: Facility | None) -> Facility:
    if known is None:
        work.tally("facilities").count(created=True)
        return register_facility(actor=work.actor, organization=organization, draft=draft)
    # What its people decided since is no text of the files.
    draft = replace(draft, is_active=known.is_active, disclosure=known.disclosure)
    changed = _differs(known, draft)
    if changed:
        revise_facility(actor=work.actor, facility=known, draft=draft)
    work.tally("facilities").count(updated=changed)
    return known


def _differs(facility: Facility, draft: FacilityDraft) -> bool:
    for item in fields(draft):
        if item.name != _USES and getattr(facility, item.name) != _as_stored(getattr(draft, item.name)):
            return True
    uses = {(use.technology.key, use.route.key if use.route else None, use.weight) for use in facility.uses.all()}
    return uses != {(use.technology, use.route, use.weight) for use in draft.technologies}


def _as_stored(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _load_slots(work: Work, facility: Facility, entry: FacilityEntry) -> list[Slot]:
    """The facility's slots, with those that were missing."""
    slots = list(facility.slots.all())
    for number, given in enumerate(entry.slots):
        starts_at, ends_at = window(given.start, given.end)
        is_new = not any(slot.starts_at < ends_at and slot.ends_at > starts_at for slot in slots)
        if is_new:
            with work.log.collecting(entry.id, prefix=f"slots.{number}."):
                slots.append(
                    offer_slot(
                        actor=work.actor,
                        facility=facility,
                        starts_at=starts_at,
                        ends_at=ends_at,
                        capacity=given.capacity,
                    )
                )
        work.tally("slots").count(created=is_new)
    return slots


def _load_bookings(
    work: Work, slots: Iterable[Slot], entry: FacilityEntry, organizations: Mapping[str, Organization]
) -> None:
    stored = Booking.objects.filter(slot__in=[slot.pk for slot in slots] if entry.bookings else [])
    known = set(stored.values_list("organization_id", "starts_at"))
    for number, given in enumerate(entry.bookings):
        organization = organizations.get(given.organization)
        starts_at, ends_at = window(given.start, given.end)
        slot = next((slot for slot in slots if slot.starts_at <= starts_at and ends_at <= slot.ends_at), None)
        if organization is None or slot is None:
            continue
        # A booking that was declined or cancelled since is not asked for again.
        is_new = (organization.pk, starts_at) not in known
        if is_new:
            with work.log.collecting(entry.id, prefix=f"bookings.{number}."):
                _book(work, slot, organization, given)
        work.tally("bookings").count(created=is_new)


def _book(work: Work, slot: Slot, organization: Organization, given: BookingEntry) -> None:
    starts_at, ends_at = window(given.start, given.end)
    booking = book_slot(
        actor=work.actor,
        slot=slot,
        organization=organization,
        starts_at=starts_at,
        ends_at=ends_at,
        units=given.units,
        purpose=given.purpose,
    )
    if given.confirmed:
        confirm_booking(actor=work.actor, booking=booking)
