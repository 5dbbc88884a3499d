"""Who may write facilities, offer slots and decide on bookings."""

from django.utils.translation import gettext as _

from consortia.disclosure.policies import highest_tier, may_see_field, visible
from consortia.disclosure.viewer import Viewer
from consortia.facilities.models import Booking, Facility
from ronghe.common.errors import NotAllowed, NotFound


def can_edit_facility(viewer: Viewer, facility: Facility) -> bool:
    """Whoever may write for the organization that runs it."""
    return viewer.is_curator or facility.organization_id in viewer.editable_ids


def can_decide_booking(viewer: Viewer, booking: Booking) -> bool:
    """Whoever may edit the facility that is booked."""
    return can_edit_facility(viewer, booking.slot.facility)


def can_cancel_booking(viewer: Viewer, booking: Booking) -> bool:
    """Whoever writes for the organization that booked, or runs the facility."""
    return booking.organization_id in viewer.editable_ids or can_decide_booking(viewer, booking)


def can_see_booking(viewer: Viewer, booking: Booking) -> bool:
    """The people of both sides, and curators."""
    sides = {booking.organization_id, booking.slot.facility.organization_id}
    return viewer.is_curator or bool(sides & viewer.organization_ids)


def require_can_see_facility(viewer: Viewer, facility: Facility) -> None:
    """End here when the facility does not exist for the viewer.

    Raises:
        NotFound: so it is.
    """
    if not visible(viewer, Facility.objects.filter(pk=facility.pk)).exists():
        raise NotFound(_("There is no such facility."))


def require_can_see_slots(viewer: Viewer, facility: Facility) -> None:
    """End here when the facility, or when it can be booked, is hidden from the viewer.

    Raises:
        NotFound: so it is.
    """
    require_can_see_facility(viewer, facility)
    if not may_see_field(facility, "slots", reached=highest_tier(viewer, facility.organization_id)):
        raise NotFound(_("There is no such slot, or it is over."))


def require_can_edit_facility(viewer: Viewer, facility: Facility) -> None:
    """End here when the viewer may not edit the facility.

    Raises:
        NotFound: the viewer may not know that it exists.
        NotAllowed: they may see it, but it is another organization's.
    """
    if can_edit_facility(viewer, facility):
        return
    require_can_see_facility(viewer, facility)
    raise NotAllowed(_("Only owners and editors of the organization that runs this facility may do this."))


def require_can_decide(viewer: Viewer, booking: Booking) -> None:
    """End here when the viewer may not confirm or decline the booking.

    Raises:
        NotFound: the viewer may not know of it.
        NotAllowed: they booked, but do not run the facility.
    """
    if can_decide_booking(viewer, booking):
        return
    _require_can_see(viewer, booking)
    raise NotAllowed(_("Only the organization that runs the facility decides on bookings."))


def require_can_cancel(viewer: Viewer, booking: Booking) -> None:
    """End here when the viewer may not cancel the booking.

    Raises:
        NotFound: the viewer may not know of it.
        NotAllowed: they belong to one of the sides but may not write for it.
    """
    if can_cancel_booking(viewer, booking):
        return
    _require_can_see(viewer, booking)
    raise NotAllowed(_("Only owners and editors of one of the two organizations may cancel a booking."))


def _require_can_see(viewer: Viewer, booking: Booking) -> None:
    if not can_see_booking(viewer, booking):
        raise NotFound(_("There is no such booking."))
