"""The taxonomy in the admin: curators activate, deprecate and review proposals here."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from consortia.organizations.viewing import viewer_of_request
from consortia.technologies import services
from consortia.technologies.models import (
    Interface,
    Route,
    RouteMetric,
    TaxonomyProposal,
    TaxonomyRelease,
    Technology,
    TechnologyLabel,
    TechnologyRedirect,
    TechnologyRelation,
)
from ronghe.common.admin import RecordAdmin, RecordInline


class LabelInline(RecordInline):
    """Labels in every language."""

    model = TechnologyLabel
    fields = ["kind", "language", "text"]


class RelationInline(RecordInline):
    """Arrows to other technologies."""

    model = TechnologyRelation
    fk_name = "source"
    fields = ["kind", "target"]

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[TechnologyRelation]":
        """With the targets, in one query."""
        rows: models.QuerySet[TechnologyRelation] = super().get_queryset(request).select_related("target")
        return rows


class RouteInline(RecordInline):
    """Competing routes."""

    model = Route
    fields = ["key", "labels", "convergence"]


class MetricInline(RecordInline):
    """Figures of merit."""

    model = RouteMetric
    fields = ["names", "value", "unit", "date", "source"]


@admin.register(Technology)
class TechnologyAdmin(RecordAdmin):
    """Technologies, with what curators do to them."""

    list_display = ["key", "__str__", "status", "is_field", "is_key_common", "scheme", "replaced_by"]
    list_filter = ["status", "scheme", "is_field", "is_key_common"]
    search_fields = ["key", "known_labels__folded", "known_labels__text"]
    list_select_related = ["replaced_by"]
    inlines = [LabelInline, RouteInline, RelationInline]
    actions = ["activate", "deprecate"]

    @admin.action(description=_("Activate"))
    def activate(self, request: HttpRequest, queryset: "models.QuerySet[Technology]") -> None:
        """Open the chosen technologies to everybody."""
        actor = viewer_of_request(request)
        self.act_on_each(request, queryset, lambda record: services.activate_technology(actor=actor, technology=record))

    @admin.action(description=_("Deprecate without a replacement"))
    def deprecate(self, request: HttpRequest, queryset: "models.QuerySet[Technology]") -> None:
        """Take the chosen technologies out of use."""
        actor = viewer_of_request(request)
        self.act_on_each(
            request, queryset, lambda record: services.deprecate_technology(actor=actor, technology=record)
        )


@admin.register(TaxonomyProposal)
class TaxonomyProposalAdmin(RecordAdmin):
    """Proposals, open ones first."""

    list_display = ["id", "kind", "technology", "status", "proposed_by", "created_at"]
    list_filter = ["status", "kind"]
    search_fields = ["reason", "technology__key", "proposed_by__email"]
    list_select_related = ["technology", "proposed_by"]
    ordering = ["-status", "id"]
    actions = ["accept", "refuse"]

    @admin.action(description=_("Accept and apply"))
    def accept(self, request: HttpRequest, queryset: "models.QuerySet[TaxonomyProposal]") -> None:
        """Accept the chosen proposals."""
        actor = viewer_of_request(request)
        self.act_on_each(
            request, queryset, lambda record: services.review_proposal(actor=actor, proposal=record, accept=True)
        )

    @admin.action(description=_("Refuse: does not fit the taxonomy"))
    def refuse(self, request: HttpRequest, queryset: "models.QuerySet[TaxonomyProposal]") -> None:
        """Refuse the chosen proposals."""
        actor = viewer_of_request(request)
        note = str(_("It does not fit the taxonomy."))
        self.act_on_each(
            request,
            queryset,
            lambda record: services.review_proposal(actor=actor, proposal=record, accept=False, note=note),
        )


@admin.register(Route)
class RouteAdmin(RecordAdmin):
    """Competing routes with their figures."""

    list_display = ["key", "__str__", "technology", "convergence"]
    list_filter = ["convergence"]
    search_fields = ["key", "technology__key"]
    list_select_related = ["technology"]
    inlines = [MetricInline]


@admin.register(RouteMetric)
class RouteMetricAdmin(RecordAdmin):
    """Figures of merit."""

    list_display = ["__str__", "route", "date", "source"]
    search_fields = ["route__key", "source"]
    list_select_related = ["route"]
    date_hierarchy = "date"


@admin.register(TechnologyLabel)
class TechnologyLabelAdmin(RecordAdmin):
    """Labels by which technologies are found."""

    list_display = ["text", "language", "kind", "technology"]
    list_filter = ["kind", "language"]
    search_fields = ["folded", "text", "technology__key"]
    list_select_related = ["technology"]


@admin.register(TechnologyRelation)
class TechnologyRelationAdmin(RecordAdmin):
    """Arrows between technologies."""

    list_display = ["source", "kind", "target"]
    list_filter = ["kind"]
    search_fields = ["source__key", "target__key"]
    list_select_related = ["source", "target"]


@admin.register(TechnologyRedirect)
class TechnologyRedirectAdmin(RecordAdmin):
    """Former keys."""

    list_display = ["key", "target", "created_at"]
    search_fields = ["key", "target__key"]
    list_select_related = ["target"]


@admin.register(Interface)
class InterfaceAdmin(RecordAdmin):
    """Standards and de-facto interfaces."""

    list_display = ["key", "__str__", "standard"]
    search_fields = ["key", "standard"]
    exclude = ["technologies"]


@admin.register(TaxonomyRelease)
class TaxonomyReleaseAdmin(RecordAdmin):
    """Released versions."""

    list_display = ["version", "released_at", "released_by"]
    search_fields = ["version", "notes"]
    list_select_related = ["released_by"]
