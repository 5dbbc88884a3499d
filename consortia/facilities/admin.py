"""Facilities, slots and bookings in the admin: finding and reading; what has rules is changed through services."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from consortia.facilities import services
from consortia.facilities.models import Booking, Facility, FacilityTechnology, Slot
from consortia.listings.admin import ReadOnly
from consortia.organizations.viewing import viewer_of_request
from ronghe.common.errors import DomainError


class FacilityTechnologyInline(ReadOnly, TabularInline):
    """The technologies a facility serves."""

    model = FacilityTechnology
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what each row shows."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("technology", "route")


class SlotInline(ReadOnly, TabularInline):
    """The slots of a facility."""

    model = Slot
    extra = 0
    fields = ("starts_at", "ends_at", "capacity")


@admin.register(Facility)
class FacilityAdmin(ReadOnly, ModelAdmin):
    """Facilities."""

    list_display = ("__str__", "organization", "trl_in", "trl_out", "is_active", "source")
    list_filter = ("is_active", "is_fictitious", "source", "trl_in")
    search_fields = ("names", "organization__display_name", "source_id")
    list_select_related = ("organization",)
    inlines = (FacilityTechnologyInline, SlotInline)


@admin.register(FacilityTechnology)
class FacilityTechnologyAdmin(ReadOnly, ModelAdmin):
    """Which facility serves which technology."""

    list_display = ("facility", "technology", "route", "weight")
    search_fields = ("technology__key", "route__key")
    list_select_related = ("facility", "technology", "route")


@admin.register(Slot)
class SlotAdmin(ReadOnly, ModelAdmin):
    """Windows in which facilities can be booked."""

    list_display = ("facility", "starts_at", "ends_at", "capacity")
    search_fields = ("facility__names", "facility__organization__display_name")
    list_select_related = ("facility",)
    date_hierarchy = "starts_at"


@admin.register(Booking)
class BookingAdmin(ReadOnly, ModelAdmin):
    """Bookings of both sides."""

    list_display = ("organization", "slot", "starts_at", "ends_at", "units", "status")
    list_filter = ("status",)
    search_fields = ("organization__display_name", "purpose")
    list_select_related = ("organization", "slot")
    actions = ("cancel",)

    @admin.action(description=_("Cancel the booking"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Booking]) -> None:
        """Free the units of every booking chosen."""
        for booking in queryset.select_related("slot__facility"):
            try:
                services.cancel_booking(actor=viewer_of_request(request), booking=booking)
            except DomainError as error:
                self.message_user(request, f"{booking}: {error.message}", messages.ERROR)
            else:
                self.message_user(request, f"{booking}: {booking.get_status_display()}", messages.SUCCESS)
