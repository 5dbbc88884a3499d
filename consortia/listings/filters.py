"""Filters of listings, the same on pages and in the API."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.policies import may_filter_by
from consortia.listings.models import Capability, Listing, ListingTechnology, ListingTranslation, Need, SupplyRole
from consortia.organizations.viewing import viewer_of_request
from ronghe.common.filters import YesNoFilter
from ronghe.common.readiness import TRL_HIGHEST, TRL_LOWEST

Listings = QuerySet[Any]


class ListingFilter(django_filters.FilterSet):
    """Filters by what everybody may see, and by more only where the viewer may see it."""

    q = django_filters.CharFilter(label=_("Words in the title"), method="by_words", max_length=200)
    supply_role = django_filters.ChoiceFilter(label=_("Supply role"), choices=SupplyRole.choices)
    technology = django_filters.CharFilter(
        label=_("Technology"), method="by_technology", max_length=80, help_text=_("Key of a technology.")
    )
    route = django_filters.CharFilter(
        label=_("Route"), method="by_route", max_length=80, help_text=_("Key of a route.")
    )
    trl = django_filters.NumberFilter(
        label=_("TRL"), method="by_trl", decimal_places=0, min_value=TRL_LOWEST, max_value=TRL_HIGHEST
    )
    status = django_filters.ChoiceFilter(label=_("State"), choices=Listing.Status.choices)
    organization = django_filters.UUIDFilter(
        label=_("Organization"), method="by_organization", help_text=_("Public id of the organization.")
    )
    region = django_filters.CharFilter(
        label=_("Region"), method="by_region", max_length=6, help_text=_("ISO 3166-2, such as CN-JS.")
    )
    mine = YesNoFilter(label=_("Own ones only"), method="by_mine")

    def by_words(self, listings: Listings, name: str, value: str) -> Listings:
        """Titles in any language; the other texts may be hidden."""
        translated = ListingTranslation.objects.filter(title__icontains=value).values("listing_id")
        return listings.filter(Q(title__icontains=value) | Q(pk__in=translated))

    def by_technology(self, listings: Listings, name: str, value: str) -> Listings:
        """About the technology, on whatever route."""
        uses = ListingTechnology.objects.filter(technology__key=value)
        return listings.filter(pk__in=uses.values("listing_id"))

    def by_route(self, listings: Listings, name: str, value: str) -> Listings:
        """On the route."""
        return listings.filter(pk__in=ListingTechnology.objects.filter(route__key=value).values("listing_id"))

    def by_trl(self, listings: Listings, name: str, value: Any) -> Listings:
        """The level lies within the span."""
        return listings.filter(trl_low__lte=value, trl_high__gte=value)

    def by_organization(self, listings: Listings, name: str, value: Any) -> Listings:
        """Of the organization, where the viewer may see whose a listing is."""
        return listings.filter(self._named(), organization__public_id=value)

    def by_region(self, listings: Listings, name: str, value: str) -> Listings:
        """Of organizations in the region, where the viewer may see whose a listing is."""
        return listings.filter(self._named(), organization__region=value)

    def by_mine(self, listings: Listings, name: str, value: bool) -> Listings:  # noqa: FBT001  # the library's signature
        """Of the viewer's own organizations."""
        own = Q(organization_id__in=viewer_of_request(self.request).organization_ids)
        return listings.filter(own if value else ~own)

    def _named(self) -> Q:
        return may_filter_by(viewer_of_request(self.request), Listing, "organization", owner="organization_id")


class NeedFilter(ListingFilter):
    """Filters of needs."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Need.Kind.choices)

    class Meta:
        model = Need
        fields: ClassVar[list[str]] = []


class CapabilityFilter(ListingFilter):
    """Filters of capabilities."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Capability.Kind.choices)

    class Meta:
        model = Capability
        fields: ClassVar[list[str]] = []
