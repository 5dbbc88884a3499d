"""Booking slots: never more units at once than there are, however many ask at the same time."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.facilities.models import Booking, Slot
from consortia.facilities.occupancy import Occupation, peak_units
from consortia.facilities.policies import (
    can_edit_facility,
    require_can_cancel,
    require_can_decide,
    require_can_see_slots,
)
from consortia.facilities.services.offering import check_window, locked_slot
from consortia.listings.policies import require_can_write_for
from consortia.organizations.models import Organization
from ronghe.common.errors import Conflict
from ronghe.common.validation import Faults, check_record
from ronghe.events.services import emit


@transaction.atomic
def book_slot(
    *,
    actor: Viewer,
    slot: Slot,
    organization: Organization,
    starts_at: datetime,
    ends_at: datetime,
    units: int = 1,
    purpose: str = "",
) -> Booking:
    """Ask for a part of a slot; the units are held from now on, until the request is declined or cancelled.

    An organization may book its own facility, because its own use takes capacity from others; as it need not ask
    itself, such a booking is confirmed at once.

    Args:
        actor: who books.
        slot: the window.
        organization: for whom.
        starts_at: within the slot, not in the past, with a time zone.
        ends_at: after `starts_at`, within the slot.
        units: how many of the slot's units, from 1.
        purpose: at most 500 characters.

    Raises:
        InvalidInput: naming every fault.
        NotFound, NotAllowed: the facility does not exist for the actor, or they do not write for the organization.
        Conflict: the facility is not offered, the organization is barred, or too few units are free.
    """
    require_can_see_slots(actor, slot.facility)
    require_can_write_for(actor, organization)
    # Whoever books or withdraws this slot waits here, so what is counted below is what holds at the commit.
    slot = locked_slot(slot)
    booking = Booking(
        slot=slot,
        organization=organization,
        booked_by_id=actor.user_id,
        starts_at=starts_at,
        ends_at=ends_at,
        units=units,
        purpose=purpose.strip(),
        status=_first_status(actor, slot, organization),
    )
    _check(booking)
    _require_standing(slot, organization)
    _require_room(booking)
    booking.save(force_insert=True)
    emit(kind="booking.requested", subject=booking, payload=_payload(booking))
    if booking.status == Booking.Status.CONFIRMED:
        emit(kind="booking.confirmed", subject=booking, payload=_payload(booking))
    return booking


@transaction.atomic
def confirm_booking(*, actor: Viewer, booking: Booking) -> Booking:
    """Agree to a request; its units were held since it was made.

    Raises:
        NotFound, NotAllowed: the actor does not write for the organization that runs the facility.
        Conflict: it is no longer a request.
    """
    require_can_decide(actor, booking)
    return _move(booking, {Booking.Status.REQUESTED}, Booking.Status.CONFIRMED)


@transaction.atomic
def decline_booking(*, actor: Viewer, booking: Booking) -> Booking:
    """Turn a request down and free its units.

    Raises:
        NotFound, NotAllowed: the actor does not write for the organization that runs the facility.
        Conflict: it is no longer a request.
    """
    require_can_decide(actor, booking)
    return _move(booking, {Booking.Status.REQUESTED}, Booking.Status.DECLINED)


@transaction.atomic
def cancel_booking(*, actor: Viewer, booking: Booking) -> Booking:
    """Give a booking up, from either side, and free its units.

    Raises:
        NotFound, NotAllowed: the actor writes for neither side.
        Conflict: it is declined or cancelled already.
    """
    require_can_cancel(actor, booking)
    return _move(booking, Booking.HOLDING, Booking.Status.CANCELLED)


def _first_status(actor: Viewer, slot: Slot, organization: Organization) -> Booking.Status:
    own = organization.pk == slot.facility.organization_id and can_edit_facility(actor, slot.facility)
    return Booking.Status.CONFIRMED if own else Booking.Status.REQUESTED


def _check(booking: Booking) -> None:
    faults = Faults()
    slot = booking.slot
    units = booking.units
    if isinstance(units, bool) or not isinstance(units, int) or not 1 <= units <= slot.capacity:
        faults.add("units", _("Give a whole number from 1 to %(most)d.") % {"most": slot.capacity})
        booking.units = 1
    if check_window(booking.starts_at, booking.ends_at, faults):
        if booking.starts_at < slot.starts_at:
            faults.add("starts_at", _("The slot opens only at %(start)s.") % {"start": slot.starts_at.isoformat()})
        if booking.ends_at > slot.ends_at:
            faults.add("ends_at", _("The slot ends at %(end)s already.") % {"end": slot.ends_at.isoformat()})
        with faults.collecting():
            check_record(booking, exclude=["slot", "organization", "booked_by"])
    faults.raise_if_any()


def _require_standing(slot: Slot, organization: Organization) -> None:
    if not slot.facility.is_active:
        raise Conflict(_("This facility is not offered at present."), code="facility_inactive")
    if organization.status in {Organization.Status.SUSPENDED, Organization.Status.MERGED}:
        message = _("The organization is %(status)s and cannot book. Ask a curator.")
        raise Conflict(message % {"status": organization.get_status_display()}, code="organization_barred")


def _require_room(booking: Booking) -> None:
    held = Booking.objects.filter(
        slot=booking.slot,
        status__in=Booking.HOLDING,
        starts_at__lt=booking.ends_at,
        ends_at__gt=booking.starts_at,
    ).values_list("starts_at", "ends_at", "units")
    peak = peak_units((Occupation(*row) for row in held), starts_at=booking.starts_at, ends_at=booking.ends_at)
    free = booking.slot.capacity - peak
    if booking.units > free:
        message = _("Only %(free)d of %(capacity)d units are free at that time. Ask for fewer, or for another time.")
        text = message % {"free": free, "capacity": booking.slot.capacity}
        raise Conflict(text, code="slot_full", fields={"units": [text]})


def _move(booking: Booking, sources: "frozenset[str] | set[Booking.Status]", target: Booking.Status) -> Booking:
    # Two who decide at once: the one whose update hits has decided.
    moved = Booking.objects.filter(pk=booking.pk, status__in=sources).update(status=target, updated_at=timezone.now())
    booking.refresh_from_db(fields=["status", "updated_at"])
    if not moved:
        message = _("This booking is %(status)s, so this is no longer possible.")
        raise Conflict(message % {"status": booking.get_status_display()}, code="booking_decided")
    emit(kind=f"booking.{target.value}", subject=booking, payload=_payload(booking))
    return booking


def _payload(booking: Booking) -> dict[str, Any]:
    facility = booking.slot.facility
    return {"facility": facility.pk, "organization": facility.organization_id, "booked_for": booking.organization_id}
