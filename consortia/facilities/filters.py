"""Filters of facilities and slots, the same on pages and in the API."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from consortia.facilities.models import Booking, Facility, FacilityTechnology, Slot, VerificationService
from consortia.organizations.viewing import viewer_of_request
from ronghe.common.filters import YesNoFilter
from ronghe.common.readiness import TRL_HIGHEST, TRL_LOWEST
from ronghe.common.text import INTERFACE_LANGUAGES

Facilities = QuerySet[Any]


class FacilityFilter(django_filters.FilterSet):
    """Filters by what everybody may see."""

    q = django_filters.CharFilter(label=_("Words in the name"), method="by_words", max_length=200)
    technology = django_filters.CharFilter(
        label=_("Technology"), method="by_technology", max_length=80, help_text=_("Key of a technology.")
    )
    service = django_filters.ChoiceFilter(
        label=_("Verification service"), method="by_service", choices=VerificationService.choices
    )
    trl = django_filters.NumberFilter(
        label=_("TRL"), method="by_trl", decimal_places=0, min_value=TRL_LOWEST, max_value=TRL_HIGHEST
    )
    region = django_filters.CharFilter(
        label=_("Region"), field_name="organization__region", max_length=6, help_text=_("ISO 3166-2, such as CN-JS.")
    )
    organization = django_filters.UUIDFilter(
        label=_("Organization"), field_name="organization__public_id", help_text=_("Public id of the organization.")
    )
    mine = YesNoFilter(label=_("Own ones only"), method="by_mine")

    class Meta:
        model = Facility
        fields: ClassVar[list[str]] = []

    def by_words(self, facilities: Facilities, name: str, value: str) -> Facilities:
        """Names in any language."""
        named = Q()
        for tag, _name in INTERFACE_LANGUAGES:
            named |= Q(**{f"names__{tag}__icontains": value})
        return facilities.filter(named)

    def by_technology(self, facilities: Facilities, name: str, value: str) -> Facilities:
        """Serving the technology, on whatever route."""
        uses = FacilityTechnology.objects.filter(technology__key=value)
        return facilities.filter(pk__in=uses.values("facility_id"))

    def by_service(self, facilities: Facilities, name: str, value: str) -> Facilities:
        """Offering the verification service."""
        # SQLite cannot look into a list; as text, in both databases, every service stands in quotes.
        listed: Facilities = facilities.annotate(listed=Cast("services", TextField()))
        return listed.filter(listed__contains=f'"{value}"')

    def by_trl(self, facilities: Facilities, name: str, value: Any) -> Facilities:
        """The level lies between where technologies enter and where they leave."""
        return facilities.filter(trl_in__lte=value, trl_out__gte=value)

    def by_mine(self, facilities: Facilities, name: str, value: bool) -> Facilities:  # noqa: FBT001  # the library's signature
        """Of the viewer's own organizations."""
        own = viewer_of_request(self.request).organization_ids
        return facilities.filter(organization_id__in=own) if value else facilities.exclude(organization_id__in=own)


def validate_moment(moment: datetime) -> None:
    """Refuse a moment at the edge of the calendar, which has no equal in UTC for the database to compare with."""
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        message = _("Give a date and time with a time zone, such as 2027-03-01T09:00:00+08:00.")
        raise ValidationError(message, code="overflow") from error


class SlotFilter(django_filters.FilterSet):
    """Filters of slots."""

    facility = django_filters.UUIDFilter(
        label=_("Facility"), field_name="facility__public_id", help_text=_("Public id of the facility.")
    )
    after = django_filters.IsoDateTimeFilter(
        label=_("Ends after"), field_name="ends_at", lookup_expr="gt", validators=[validate_moment]
    )
    before = django_filters.IsoDateTimeFilter(
        label=_("Starts before"), field_name="starts_at", lookup_expr="lt", validators=[validate_moment]
    )

    class Meta:
        model = Slot
        fields: ClassVar[list[str]] = []


class BookingFilter(django_filters.FilterSet):
    """Filters of bookings."""

    facility = django_filters.UUIDFilter(label=_("Facility"), field_name="slot__facility__public_id")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Booking.Status.choices)

    class Meta:
        model = Booking
        fields: ClassVar[list[str]] = []
