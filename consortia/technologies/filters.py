"""How lists of technologies are narrowed, on pages and in the API alike."""

from typing import Any

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from consortia.technologies.models import Technology, TechnologyRelation
from consortia.technologies.selectors import labelled_like
from ronghe.common.filters import YesNoFilter


class TechnologyFilter(django_filters.FilterSet):
    """Search over all labels, and filters by place in the taxonomy."""

    q = django_filters.CharFilter(label=_("Label"), method="search", max_length=200)
    scheme = django_filters.CharFilter(label=_("Scheme"), max_length=40)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Technology.Status.choices)
    broader = django_filters.CharFilter(label=_("Directly under"), method="under", max_length=80)
    is_key_common = YesNoFilter(label=_("Key common technology"))

    class Meta:
        model = Technology
        fields = ["q", "scheme", "status", "broader", "is_key_common"]

    def search(self, queryset: "models.QuerySet[Technology]", name: str, value: str) -> Any:
        """Those with a label that contains the text."""
        return queryset.filter(labelled_like(value))

    def under(self, queryset: "models.QuerySet[Technology]", name: str, value: str) -> Any:
        """Those directly under the technology with this key."""
        arrows = TechnologyRelation.objects.filter(kind=TechnologyRelation.Kind.BROADER, target__key=value)
        return queryset.filter(pk__in=arrows.values("source_id"))
