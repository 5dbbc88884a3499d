"""Endpoints of facilities, their slots and bookings."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from consortia.disclosure.models import Reveal
from consortia.facilities import selectors, services
from consortia.facilities.disclosed import facility_view_of, facility_views_of
from consortia.facilities.drafts import FacilityDraft
from consortia.facilities.filters import BookingFilter, FacilityFilter, SlotFilter
from consortia.facilities.models import Booking, Facility, Slot
from consortia.facilities.policies import require_can_edit_facility, require_can_see_slots
from consortia.facilities.serializers import (
    BookingInputSerializer,
    BookingSerializer,
    FacilityInputSerializer,
    FacilityRevisionSerializer,
    FacilitySerializer,
    SlotInputSerializer,
    SlotSerializer,
    draft_fields,
)
from consortia.organizations.selectors import organization_for
from consortia.organizations.viewing import Viewing
from ronghe.common.errors import InvalidInput, NotFound


def _checked(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _named(field: str, find: Callable[[], Any]) -> Any:
    """A record that a body names by its id; one that does not exist for the client is a fault of that field."""
    try:
        return find()
    except NotFound as error:
        raise InvalidInput(error.message, fields={field: [error.message]}) from error


class FacilityViewSet(Viewing, GenericViewSet[Facility]):
    """Equipment that others can use."""

    queryset = Facility.objects.none()
    serializer_class = FacilitySerializer
    filterset_class = FacilityFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    ordering = "-id"

    def get_queryset(self) -> QuerySet[Facility]:
        """Those that exist for the client."""
        return selectors.visible_facilities(self.viewer)

    @extend_schema(responses=FacilitySerializer(many=True))
    def list(self, request: Request) -> Response:
        """Those that exist for the client, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        views = facility_views_of(self.viewer, page or [], surface=Reveal.Surface.API)
        return self.get_paginated_response(self.get_serializer(views, many=True).data)

    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """One facility, as far as the client may see it."""
        return self._answer(public_id)

    @extend_schema(request=FacilityInputSerializer, responses={201: FacilitySerializer})
    def create(self, request: Request) -> Response:
        """Put a facility on offer."""
        given = _checked(FacilityInputSerializer(data=request.data))
        organization = _named("organization", lambda: organization_for(self.viewer, given["organization"]))
        draft = FacilityDraft(**draft_fields(given))
        facility = services.register_facility(actor=self.viewer, organization=organization, draft=draft)
        return self._answer(facility.public_id, status=status.HTTP_201_CREATED)

    @extend_schema(request=FacilityRevisionSerializer)
    def update(self, request: Request, public_id: UUID) -> Response:
        """Replace everything; what is not given becomes empty. `version` is the one that was read."""
        given = _checked(FacilityRevisionSerializer(data=request.data))
        facility = selectors.facility_for(self.viewer, public_id)
        return self._revised(facility, FacilityDraft(**draft_fields(given)), given)

    @extend_schema(request=FacilityRevisionSerializer)
    def partial_update(self, request: Request, public_id: UUID) -> Response:
        """Replace what is given; lists are replaced as a whole. `version` is the one that was read."""
        given = _checked(FacilityRevisionSerializer(data=request.data, partial=True))
        facility = selectors.facility_for(self.viewer, public_id)
        # Before the record's own text is read into a draft, for it holds fields that others may not see.
        require_can_edit_facility(self.viewer, facility)
        return self._revised(facility, replace(selectors.draft_of(facility), **draft_fields(given)), given)

    def _revised(self, facility: Facility, draft: FacilityDraft, given: dict[str, Any]) -> Response:
        if "version" not in given:
            message = _("Give the version that you read, so that nobody's work is overwritten.")
            raise InvalidInput(message, fields={"version": [message]})
        services.revise_facility(actor=self.viewer, facility=facility, draft=draft, expected_version=given["version"])
        return self._answer(facility.public_id)

    def _answer(self, public_id: UUID, *, status: int = status.HTTP_200_OK) -> Response:
        facility = selectors.facility_for(self.viewer, public_id)
        view = facility_view_of(self.viewer, facility, surface=Reveal.Surface.API)
        return Response(self.get_serializer(view).data, status=status)


class SlotViewSet(Viewing, GenericViewSet[Slot]):
    """Windows in which facilities can be booked."""

    queryset = Slot.objects.none()
    serializer_class = SlotSerializer
    filterset_class = SlotFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    ordering = ("starts_at", "id")

    def get_queryset(self) -> QuerySet[Slot]:
        """Those that have not ended, of facilities that show their slots to the client."""
        return selectors.shown_slots(self.viewer)

    @extend_schema(responses=SlotSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Those that have not ended and are shown to the client, soonest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """One slot with what is free in it."""
        slot = selectors.slot_for(self.viewer, public_id)
        require_can_see_slots(self.viewer, slot.facility)
        return Response(self.get_serializer(slot).data)

    @extend_schema(request=SlotInputSerializer, responses={201: SlotSerializer})
    def create(self, request: Request) -> Response:
        """Open a window."""
        given = _checked(SlotInputSerializer(data=request.data))
        facility = _named("facility", lambda: selectors.facility_for(self.viewer, given.pop("facility")))
        slot = services.offer_slot(actor=self.viewer, facility=facility, **given)
        shown = selectors.slot_for(self.viewer, slot.public_id)
        return Response(self.get_serializer(shown).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, public_id: UUID) -> Response:
        """Take a window back in which nobody holds a booking."""
        services.withdraw_slot(actor=self.viewer, slot=selectors.slot_for(self.viewer, public_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class BookingViewSet(Viewing, GenericViewSet[Booking]):
    """Bookings of the client's organizations and of their facilities."""

    queryset = Booking.objects.none()
    serializer_class = BookingSerializer
    filterset_class = BookingFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    ordering = "-id"

    def get_queryset(self) -> QuerySet[Booking]:
        """Those of either side that the client belongs to."""
        return selectors.visible_bookings(self.viewer)

    @extend_schema(responses=BookingSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Those of either side that the client belongs to, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """One booking."""
        return Response(self.get_serializer(selectors.booking_for(self.viewer, public_id)).data)

    @extend_schema(request=BookingInputSerializer, responses={201: BookingSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a part of a slot; its units are held from now on."""
        given = _checked(BookingInputSerializer(data=request.data))
        slot = _named("slot", lambda: selectors.slot_for(self.viewer, given.pop("slot")))
        organization = _named("organization", lambda: organization_for(self.viewer, given.pop("organization")))
        booking = services.book_slot(actor=self.viewer, slot=slot, organization=organization, **given)
        return Response(self.get_serializer(booking).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, public_id: UUID) -> Response:
        """Agree to a request."""
        return self._decided(services.confirm_booking, public_id)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, public_id: UUID) -> Response:
        """Turn a request down."""
        return self._decided(services.decline_booking, public_id)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: UUID) -> Response:
        """Give a booking up, from either side."""
        return self._decided(services.cancel_booking, public_id)

    def _decided(self, service: Callable[..., Booking], public_id: UUID) -> Response:
        booking = service(actor=self.viewer, booking=selectors.booking_for(self.viewer, public_id))
        return Response(self.get_serializer(booking).data)


api_routes = [
    ("facilities", FacilityViewSet, "facility"),
    ("slots", SlotViewSet, "slot"),
    ("bookings", BookingViewSet, "booking"),
]
