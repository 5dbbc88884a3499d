"""How lists of organizations are narrowed, on pages and in the API alike, by fields that are never hidden."""

from typing import Any

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from consortia.organizations.models import Organization
from consortia.organizations.selectors import named_like
from ronghe.common.filters import YesNoFilter


class OrganizationFilter(django_filters.FilterSet):
    """Search over known names, and filters by kind and place."""

    q = django_filters.CharFilter(label=_("Name"), method="search", max_length=200)
    type = django_filters.ChoiceFilter(label=_("Type"), choices=Organization.Type.choices)
    country = django_filters.CharFilter(label=_("Country"), max_length=2, method="in_country")
    is_sme = YesNoFilter(label=_("Small or medium-sized"))
    verified = YesNoFilter(label=_("Verified"), method="only_verified")

    class Meta:
        model = Organization
        fields = ["q", "type", "country", "is_sme", "verified"]

    def search(self, queryset: "models.QuerySet[Organization]", name: str, value: str) -> Any:
        """Those with a known name that contains the text."""
        return queryset.filter(named_like(value))

    def in_country(self, queryset: "models.QuerySet[Organization]", name: str, value: str) -> Any:
        """Those of a country, whatever the case of its code."""
        return queryset.filter(country=value.strip().upper())

    def only_verified(self, queryset: "models.QuerySet[Organization]", name: str, value: bool) -> Any:  # noqa: FBT001
        """Verified ones, or those that are not."""
        is_verified = models.Q(status=Organization.Status.VERIFIED)
        return queryset.filter(is_verified if value else ~is_verified)
