"""Offering slots and taking them back."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.facilities.models import Booking, Facility, Slot
from consortia.facilities.policies import require_can_edit_facility
from ronghe.common.errors import Conflict, NotFound
from ronghe.common.validation import Faults
from ronghe.events.services import emit

MOST_CAPACITY: Final = 1000
LONGEST_SLOT: Final = timedelta(days=366)


@transaction.atomic
def offer_slot(*, actor: Viewer, facility: Facility, starts_at: datetime, ends_at: datetime, capacity: int = 1) -> Slot:
    """Open a window in which the facility can be booked.

    Args:
        actor: who offers.
        facility: the facility; its windows never overlap, though one may begin where another ends.
        starts_at: not in the past, with a time zone.
        ends_at: after `starts_at`, within 366 days of it.
        capacity: how many units can be in use at once, 1 to 1000.

    Raises:
        InvalidInput: naming every fault.
        NotFound, NotAllowed: the actor does not write for the organization that runs it.
        Conflict: the window overlaps another of the facility.
    """
    require_can_edit_facility(actor, facility)
    _check(starts_at, ends_at, capacity)
    # Two who offer at once must see each other's windows, so offers of a facility wait for one another on its row.
    Facility.objects.select_for_update().get(pk=facility.pk)
    overlapping = Slot.objects.filter(facility=facility, starts_at__lt=ends_at, ends_at__gt=starts_at).first()
    if overlapping is not None:
        message = _("This window overlaps the slot %(slot)s. Choose a time outside it.") % {"slot": overlapping}
        raise Conflict(message, code="slot_overlap", fields={"starts_at": [message]})
    slot = Slot.objects.create(facility=facility, starts_at=starts_at, ends_at=ends_at, capacity=capacity)
    emit(kind="slot.offered", subject=slot, payload=_payload(facility))
    return slot


@transaction.atomic
def withdraw_slot(*, actor: Viewer, slot: Slot) -> None:
    """Take a window back; requests that were declined or cancelled go with it.

    Raises:
        NotFound, NotAllowed: the actor does not write for the organization that runs the facility.
        Conflict: somebody holds a booking in it.
    """
    require_can_edit_facility(actor, slot.facility)
    # Whoever books locks the slot as well, so no booking can come in between the question and the deletion.
    slot = locked_slot(slot)
    held = Booking.objects.filter(slot=slot, status__in=Booking.HOLDING).count()
    if held:
        message = _("There are %(count)d bookings in this slot. Decline or cancel them first.") % {"count": held}
        raise Conflict(message, code="slot_booked")
    emit(kind="slot.withdrawn", subject=slot, payload=_payload(slot.facility))
    Booking.objects.filter(slot=slot).delete()
    slot.delete()


def locked_slot(slot: Slot) -> Slot:
    """The slot with its facility, its row held until the transaction ends.

    Raises:
        NotFound: somebody withdrew it.
    """
    locked = Slot.objects.select_for_update(of=("self",)).select_related("facility__organization")
    current = locked.filter(pk=slot.pk).first()
    if current is None:
        raise NotFound(_("This slot was withdrawn."))
    return current


def check_window(starts_at: datetime, ends_at: datetime, faults: Faults) -> bool:
    """Note what is wrong with a window in itself; True when it can be compared with others."""
    aware = True
    for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if not isinstance(moment, datetime) or timezone.is_naive(moment):
            faults.add(name, _("Give a date and time with a time zone, such as 2027-03-01T09:00:00+08:00."))
            aware = False
    if not aware:
        return False
    if ends_at <= starts_at:
        faults.add("ends_at", _("The end is not after the start."))
    if starts_at < timezone.now():
        faults.add("starts_at", _("The start is in the past. Give a later time."))
    return True


def _check(starts_at: datetime, ends_at: datetime, capacity: int) -> None:
    faults = Faults()
    if check_window(starts_at, ends_at, faults) and ends_at - starts_at > LONGEST_SLOT:
        faults.add("ends_at", _("A slot lasts at most 366 days. Offer several."))
    if isinstance(capacity, bool) or not isinstance(capacity, int) or not 1 <= capacity <= MOST_CAPACITY:
        faults.add("capacity", _("Give a whole number from 1 to %(most)d.") % {"most": MOST_CAPACITY})
    faults.raise_if_any()


def _payload(facility: Facility) -> dict[str, int]:
    return {"facility": facility.pk, "organization": facility.organization_id}
