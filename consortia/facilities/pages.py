"""Pages of facilities: finding, reading, writing, offering slots, booking them and deciding on bookings."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortia.disclosure.models import Reveal
from consortia.disclosure.viewer import Viewer
from consortia.facilities import selectors, services
from consortia.facilities.disclosed import cards_of, facility_view_of, free_units
from consortia.facilities.filters import FacilityFilter
from consortia.facilities.forms import BookingForm, FacilityForm, SlotForm, chosen, typed_from
from consortia.facilities.models import Booking, Facility, VerificationService
from consortia.facilities.policies import (
    can_cancel_booking,
    can_decide_booking,
    require_can_edit_facility,
    require_can_see_slots,
)
from consortia.listings.wording import in_words
from consortia.organizations.models import Organization
from consortia.organizations.selectors import own_organizations
from consortia.organizations.viewing import viewer_of_request
from ronghe.common.errors import DomainError, StaleEdit
from ronghe.common.filters import filter_groups
from ronghe.common.pages.forms import add_domain_error
from ronghe.common.pages.paging import page_of

_DECISIONS: Final = {
    "confirm": services.confirm_booking,
    "decline": services.decline_booking,
    "cancel": services.cancel_booking,
}
_MOST_SLOTS: Final = 100
_USUAL_FILTERS: Final = ("q", "service", "trl", "technology")


@require_safe
def facility_list(request: HttpRequest) -> HttpResponse:
    """Facilities that exist for the reader, filtered."""
    viewer = viewer_of_request(request)
    filters = FacilityFilter(request.GET, queryset=selectors.visible_facilities(viewer), request=request)
    found = filters.qs if filters.is_valid() else selectors.visible_facilities(viewer).none()
    page = page_of(request, found)
    context = {
        "page": page,
        "cards": cards_of(viewer, list(page.object_list)),
        **filter_groups(filters.form, usual=_USUAL_FILTERS),
    }
    return render(request, "facilities/list.html", context)


@require_safe
def facility_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One facility as far as the reader may see it, with its slots and the bookings that concern the reader."""
    viewer = viewer_of_request(request)
    facility = selectors.facility_for(viewer, public_id)
    view = facility_view_of(viewer, facility, surface=Reveal.Surface.PAGE)
    slots = selectors.coming_slots(viewer).filter(facility=facility)[:_MOST_SLOTS] if view.shows_slots else []
    bookings = selectors.visible_bookings(viewer).filter(slot__facility=facility)[:_MOST_SLOTS]
    context = {
        "facility": view,
        "services": [VerificationService(name).label for name in view.fields["services"]],
        "hidden_labels": [FacilityForm.disclosed[name] for name in view.hidden],
        "slots": [(slot, free_units(slot)) for slot in slots],
        "bookings": [(booking, _decisions(viewer, booking)) for booking in bookings],
        "may_book": bool(viewer.editable_ids),
    }
    return render(request, "facilities/detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def facility_new(request: HttpRequest) -> HttpResponse:
    """Put a facility on offer."""
    viewer = viewer_of_request(request)
    organizations = _writable(viewer)
    if not organizations:
        return _to_registration(request)
    form = FacilityForm(request.POST or None, organizations=organizations)
    if form.is_bound and form.is_valid():
        try:
            facility = services.register_facility(
                actor=viewer, organization=chosen(form, organizations), draft=form.draft()
            )
        except DomainError as error:
            add_domain_error(form, error, names=form.service_names)
        else:
            messages.success(request, _("The facility is on offer. Add slots in which it can be booked."))
            return redirect("facilities:detail", public_id=facility.public_id)
    return render(request, "facilities/edit.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def facility_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a facility; whoever was overtaken sees both versions and loses nothing."""
    viewer = viewer_of_request(request)
    facility = selectors.facility_for(viewer, public_id)
    require_can_edit_facility(viewer, facility)
    stored = selectors.draft_of(facility)
    form = FacilityForm(request.POST or None, initial={**typed_from(stored), "version": facility.version})
    overtaken_by: list[tuple[str, str, str]] = []
    if form.is_bound and form.is_valid():
        try:
            services.revise_facility(
                actor=viewer,
                facility=facility,
                draft=form.draft(stored),
                expected_version=form.cleaned_data["version"],
            )
        except StaleEdit as error:
            current = selectors.facility_for(viewer, public_id)
            overtaken_by = _differences(form, current)
            form = _for_another_try(request.POST, current, error)
        except DomainError as error:
            add_domain_error(form, error, names=form.service_names)
        else:
            messages.success(request, _("Saved."))
            return redirect("facilities:detail", public_id=public_id)
    context = {"form": form, "facility": facility, "overtaken_by": overtaken_by}
    return render(request, "facilities/edit.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def slot_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Open a window in which a facility can be booked."""
    viewer = viewer_of_request(request)
    facility = selectors.facility_for(viewer, public_id)
    require_can_edit_facility(viewer, facility)
    form = SlotForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.offer_slot(actor=viewer, facility=facility, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("The slot is open for bookings."))
            return redirect("facilities:detail", public_id=public_id)
    return render(request, "facilities/slot.html", {"form": form, "facility": facility})


@login_required
@require_POST
def slot_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a window back; one that is booked comes back as a message."""
    viewer = viewer_of_request(request)
    slot = selectors.slot_for(viewer, public_id)
    services.withdraw_slot(actor=viewer, slot=slot)
    messages.success(request, _("The slot was withdrawn."))
    return redirect("facilities:detail", public_id=slot.facility.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def slot_book(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for a part of a slot."""
    viewer = viewer_of_request(request)
    slot = selectors.slot_for(viewer, public_id)
    require_can_see_slots(viewer, slot.facility)
    organizations = _writable(viewer)
    if not organizations:
        return _to_registration(request)
    initial = {"starts_at": slot.starts_at, "ends_at": slot.ends_at}
    form = BookingForm(request.POST or None, organizations=organizations, initial=initial)
    if form.is_bound and form.is_valid():
        typed = {name: value for name, value in form.cleaned_data.items() if name != "organization"}
        try:
            booking = services.book_slot(actor=viewer, slot=slot, organization=chosen(form, organizations), **typed)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _booked(booking))
            return redirect("facilities:detail", public_id=slot.facility.public_id)
    context = {"form": form, "slot": slot, "facility": slot.facility, "free": free_units(slot)}
    return render(request, "facilities/book.html", context)


@login_required
@require_POST
def booking_decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Confirm, decline or cancel a booking; a decision that comes too late comes back as a message."""
    viewer = viewer_of_request(request)
    booking = selectors.booking_for(viewer, public_id)
    service = _DECISIONS.get(request.POST.get("decision", ""))
    if service is None:
        raise Http404
    service(actor=viewer, booking=booking)
    messages.success(request, _("The booking is %(status)s now.") % {"status": booking.get_status_display()})
    return redirect("facilities:detail", public_id=booking.slot.facility.public_id)


def _writable(viewer: Viewer) -> list[Organization]:
    return list(own_organizations(viewer).filter(pk__in=viewer.editable_ids))


def _to_registration(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("Register an organization first: facilities are run, and booked, by one."))
    return redirect("organizations:new")


def _booked(booking: Booking) -> str:
    if booking.status == Booking.Status.CONFIRMED:
        return _("Booked.")
    return _("Asked for. The units are held for you until the facility's people answer.")


def _decisions(viewer: Viewer, booking: Booking) -> list[tuple[str, str]]:
    """What the viewer may decide about a booking: the name and the label of each button."""
    buttons = []
    if booking.status == Booking.Status.REQUESTED and can_decide_booking(viewer, booking):
        buttons += [("confirm", _("Confirm")), ("decline", _("Decline"))]
    if booking.status in Booking.HOLDING and can_cancel_booking(viewer, booking):
        buttons.append(("cancel", _("Cancel the booking")))
    return buttons


def _differences(form: FacilityForm, current: Facility) -> list[tuple[str, str, str]]:
    """Label, what was typed, and what is stored now, for each field in which the two differ."""
    now = typed_from(selectors.draft_of(current))
    empty: tuple[Any, ...] = (None, "", [])
    return [
        (str(form.fields[name].label), in_words(typed), in_words(now.get(name)))
        for name, typed in form.cleaned_data.items()
        if name != "version" and typed != now.get(name) and not (typed in empty and now.get(name) in empty)
    ]


def _for_another_try(sent: QueryDict, current: Facility, error: StaleEdit) -> FacilityForm:
    """The form as typed, but for the newest version: who saves it now has seen what was changed meanwhile."""
    data = sent.copy()
    data["version"] = str(current.version)
    again = FacilityForm(data)
    again.is_valid()
    again.add_error(None, error.message)
    return again
