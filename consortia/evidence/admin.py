"""Evidence and experience in the admin: curators verify and refuse here."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from consortia.evidence import services
from consortia.evidence.models import Evidence, Experience, Participation
from consortia.organizations.viewing import viewer_of_request
from ronghe.common.admin import RecordAdmin, RecordInline


@admin.register(Evidence)
class EvidenceAdmin(RecordAdmin):
    """Evidence, with what curators do to it."""

    list_display = ["title", "organization", "kind", "status", "issued_on", "valid_until", "verified_by"]
    list_filter = ["status", "kind"]
    search_fields = ["title", "reference", "issuer", "organization__display_name"]
    list_select_related = ["organization", "verified_by"]
    date_hierarchy = "issued_on"
    actions = ["verify", "refuse"]

    @admin.action(description=_("Verify"))
    def verify(self, request: HttpRequest, queryset: "models.QuerySet[Evidence]") -> None:
        """Confirm the chosen documents."""
        actor = viewer_of_request(request)
        self.act_on_each(request, queryset, lambda record: services.verify_evidence(actor=actor, evidence=record))

    @admin.action(description=_("Refuse"))
    def refuse(self, request: HttpRequest, queryset: "models.QuerySet[Evidence]") -> None:
        """Refuse the chosen documents."""
        actor = viewer_of_request(request)
        self.act_on_each(request, queryset, lambda record: services.refuse_evidence(actor=actor, evidence=record))


class ParticipationInline(RecordInline):
    """Who took part."""

    model = Participation
    fields = ["organization", "role", "contribution"]

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Participation]":
        """With the organizations, in one query."""
        rows: models.QuerySet[Participation] = super().get_queryset(request).select_related("organization")
        return rows


@admin.register(Experience)
class ExperienceAdmin(RecordAdmin):
    """Past projects."""

    list_display = ["title", "source", "source_id", "signed_on", "funding_scheme"]
    list_filter = ["source", "funding_scheme"]
    search_fields = ["title", "source_id", "call"]
    inlines = [ParticipationInline]
    date_hierarchy = "signed_on"


@admin.register(Participation)
class ParticipationAdmin(RecordAdmin):
    """Who took part in which project."""

    list_display = ["organization", "experience", "role", "contribution"]
    list_filter = ["role"]
    search_fields = ["organization__display_name", "experience__title", "experience__source_id"]
    list_select_related = ["organization", "experience"]
