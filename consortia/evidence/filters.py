"""How lists of evidence and past projects are narrowed, on pages and in the API alike."""

from typing import Any

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from consortia.evidence.models import Evidence, Experience, Participation


class EvidenceFilter(django_filters.FilterSet):
    """By organization, kind, status and technology."""

    organization = django_filters.UUIDFilter(label=_("Organization"), field_name="organization__public_id")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Evidence.Kind.choices)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Evidence.Status.choices)
    technology = django_filters.CharFilter(label=_("Technology"), field_name="technologies__key", max_length=80)

    class Meta:
        model = Evidence
        fields = ["organization", "kind", "status", "technology"]


class ExperienceFilter(django_filters.FilterSet):
    """By participant, technology and source."""

    organization = django_filters.UUIDFilter(label=_("Participant"), method="with_participant")
    technology = django_filters.CharFilter(label=_("Technology"), field_name="technologies__key", max_length=80)
    source = django_filters.CharFilter(label=_("Source"), max_length=40)

    class Meta:
        model = Experience
        fields = ["organization", "technology", "source"]

    def with_participant(self, queryset: "models.QuerySet[Experience]", name: str, value: Any) -> Any:
        """Those in which the organization took part."""
        parts = Participation.objects.filter(organization__public_id=value)
        return queryset.filter(pk__in=parts.values("experience_id"))
