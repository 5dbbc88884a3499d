"""What can be read about facilities, their slots and bookings, on behalf of a viewer."""

from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.policies import may_filter_by, visible
from consortia.disclosure.viewer import Viewer
from consortia.facilities.drafts import FacilityDraft
from consortia.facilities.models import Booking, Facility, Slot
from consortia.listings.drafts import TechnologyUseDraft
from ronghe.common.lookups import first_or_not_found


def visible_facilities(viewer: Viewer) -> "QuerySet[Facility]":
    """Every facility that exists for the viewer, newest first, with what a view of it shows but its slots."""
    return (
        visible(viewer, Facility.objects.order_by("-id"))
        .select_related("organization")
        .prefetch_related("uses__technology", "uses__route")
    )


def facility_for(viewer: Viewer, public_id: UUID) -> Facility:
    """One facility.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    return first_or_not_found(visible_facilities(viewer).filter(public_id=public_id), _("There is no such facility."))


def coming_slots(viewer: Viewer) -> "QuerySet[Slot]":
    """Slots, of every facility that exists for the viewer, that have not ended, each with what holds its units.

    Whether a facility shows its slots to this viewer is told by `disclosed.facility_view_of`.
    """
    holding = Booking.objects.filter(status__in=Booking.HOLDING)
    return (
        Slot.objects.filter(facility__in=visible(viewer, Facility.objects.all()), ends_at__gt=timezone.now())
        .select_related("facility__organization")
        .prefetch_related(Prefetch("bookings", queryset=holding, to_attr="held"))
        .order_by("starts_at", "id")
    )


def shown_slots(viewer: Viewer) -> "QuerySet[Slot]":
    """Those of the coming slots that their facility shows to the viewer."""
    # Narrowed before paging: a cursor names the place where a page ends, so it would tell of a hidden slot there.
    showing = Facility.objects.filter(may_filter_by(viewer, Facility, "slots", owner="organization_id"))
    return coming_slots(viewer).filter(facility__in=showing)


def slot_for(viewer: Viewer, public_id: UUID) -> Slot:
    """One slot of a facility that exists for the viewer.

    Raises:
        NotFound: there is none.
    """
    return first_or_not_found(
        coming_slots(viewer).filter(public_id=public_id), _("There is no such slot, or it is over.")
    )


def visible_bookings(viewer: Viewer) -> "QuerySet[Booking]":
    """The bookings of the viewer's organizations and of their facilities; all of them for curators."""
    bookings = Booking.objects.select_related("slot__facility__organization", "organization").order_by("-id")
    if viewer.is_curator:
        return bookings
    return bookings.filter(
        Q(organization_id__in=viewer.organization_ids) | Q(slot__facility__organization_id__in=viewer.organization_ids)
    )


def booking_for(viewer: Viewer, public_id: UUID) -> Booking:
    """One booking.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    return first_or_not_found(visible_bookings(viewer).filter(public_id=public_id), _("There is no such booking."))


def draft_of(facility: Facility) -> FacilityDraft:
    """The facility as its author would write it again: where editing starts. For those who may edit it."""
    own = {name: getattr(facility, name) for name in FacilityDraft.__dataclass_fields__ if name != "technologies"}
    uses = [
        TechnologyUseDraft(technology=use.technology.key, route=use.route.key if use.route else None, weight=use.weight)
        for use in facility.uses.all()
    ]
    return FacilityDraft(**own, technologies=uses)
