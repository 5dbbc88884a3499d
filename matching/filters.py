"""Filters of matches, the same on pages and in the API."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.policies import visible
from consortia.listings.models import Capability, Need
from consortia.organizations.viewing import viewer_of_request
from matching.models import Match
from matching.selectors import supported_by

Matches = QuerySet[Match]


class MatchFilter(django_filters.FilterSet):
    """Filters by what both sides of a match see."""

    need = django_filters.UUIDFilter(
        label=_("Need"), field_name="need__public_id", help_text=_("Public id of the need.")
    )
    organization = django_filters.UUIDFilter(
        label=_("Organization"),
        field_name="organization__public_id",
        help_text=_("Public id of the organization that answers the need."),
    )
    capability = django_filters.UUIDFilter(
        label=_("Capability"), method="by_capability", help_text=_("Public id of the capability that answers the need.")
    )
    kind = django_filters.ChoiceFilter(label=_("What is sought"), field_name="need__kind", choices=Need.Kind.choices)
    answer = django_filters.ChoiceFilter(label=_("My answer"), method="by_answer", choices=Match.Answer.choices)
    side = django_filters.ChoiceFilter(
        label=_("My side"),
        method="by_side",
        choices=[("need", _("what we look for")), ("organization", _("what we could answer"))],
    )

    class Meta:
        model = Match
        fields: ClassVar[list[str]] = []

    def by_answer(self, matches: Matches, name: str, value: str) -> Matches:
        """What the viewer's own side has said."""
        own = self._own()
        asking = Q(need__organization_id__in=own, need_answer=value)
        return matches.filter(asking | Q(organization_id__in=own, organization_answer=value))

    def by_capability(self, matches: Matches, name: str, value: UUID) -> Matches:
        """For which a capability speaks that exists for the viewer."""
        capabilities = visible(viewer_of_request(self.request), Capability.objects.filter(public_id=value))
        capability = capabilities.first()
        return supported_by(matches, capability) if capability else matches.none()

    def by_side(self, matches: Matches, name: str, value: str) -> Matches:
        """On which side the viewer's organizations are."""
        lookup = "need__organization_id__in" if value == "need" else "organization_id__in"
        return matches.filter(**{lookup: self._own()})

    def _own(self) -> Any:
        return viewer_of_request(self.request).organization_ids
