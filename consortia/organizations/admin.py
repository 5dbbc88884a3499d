"""Organizations in the admin: curators verify, suspend and decide claims here."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from consortia.organizations import services
from consortia.organizations.models import (
    Affiliation,
    Claim,
    Identifier,
    Invitation,
    Membership,
    Organization,
    OrganizationName,
)
from consortia.organizations.viewing import viewer_of_request
from ronghe.common.admin import RecordAdmin, RecordInline


class IdentifierInline(RecordInline):
    """Numbers in public registers."""

    model = Identifier
    fields = ["scheme", "value", "is_verified"]


class NameInline(RecordInline):
    """Names by which it is found."""

    model = OrganizationName
    fields = ["kind", "language", "text"]


class MembershipInline(RecordInline):
    """The people who act for it."""

    model = Membership
    fields = ["user", "role"]

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Membership]":
        """With the people, in one query."""
        rows: models.QuerySet[Membership] = super().get_queryset(request).select_related("user")
        return rows


@admin.register(Organization)
class OrganizationAdmin(RecordAdmin):
    """Organizations, with what curators do to them."""

    list_display = ["display_name", "type", "country", "status", "verification_level", "source", "updated_at"]
    list_filter = ["status", "verification_level", "type", "is_sme", "is_fictitious", "source", "ownership"]
    search_fields = ["known_names__folded", "display_name", "identifiers__value", "public_id"]
    list_select_related = ["merged_into"]
    inlines = [IdentifierInline, NameInline, MembershipInline]
    actions = ["verify", "suspend"]

    @admin.action(description=_("Verify: checked by a curator"))
    def verify(self, request: HttpRequest, queryset: "models.QuerySet[Organization]") -> None:
        """Verify the chosen organizations at the highest level."""
        level = Organization.VerificationLevel.CURATOR
        actor = viewer_of_request(request)
        self.act_on_each(
            request,
            queryset,
            lambda record: services.verify_organization(actor=actor, organization=record, level=level),
        )

    @admin.action(description=_("Suspend"))
    def suspend(self, request: HttpRequest, queryset: "models.QuerySet[Organization]") -> None:
        """Suspend the chosen organizations."""
        actor = viewer_of_request(request)
        reason = str(_("Suspended by a curator in the administration."))
        self.act_on_each(
            request,
            queryset,
            lambda record: services.suspend_organization(actor=actor, organization=record, reason=reason),
        )


@admin.register(Claim)
class ClaimAdmin(RecordAdmin):
    """Claims, open ones first."""

    list_display = ["organization", "claimant", "status", "created_at", "decided_by"]
    list_filter = ["status"]
    search_fields = ["organization__display_name", "claimant__email", "statement"]
    list_select_related = ["organization", "claimant", "decided_by"]
    ordering = ["-status", "id"]
    actions = ["accept", "refuse"]

    @admin.action(description=_("Accept: the claimant becomes owner"))
    def accept(self, request: HttpRequest, queryset: "models.QuerySet[Claim]") -> None:
        """Accept the chosen claims."""
        actor = viewer_of_request(request)
        self.act_on_each(request, queryset, lambda claim: services.decide_claim(actor=actor, claim=claim, accept=True))

    @admin.action(description=_("Refuse: the statement does not prove it"))
    def refuse(self, request: HttpRequest, queryset: "models.QuerySet[Claim]") -> None:
        """Refuse the chosen claims."""
        actor = viewer_of_request(request)
        note = str(_("The statement does not show that you act for this organization."))
        self.act_on_each(
            request, queryset, lambda claim: services.decide_claim(actor=actor, claim=claim, accept=False, note=note)
        )


@admin.register(OrganizationName)
class OrganizationNameAdmin(RecordAdmin):
    """Names by which organizations are found."""

    list_display = ["text", "kind", "language", "organization"]
    list_filter = ["kind", "language"]
    search_fields = ["folded", "text"]
    list_select_related = ["organization"]


@admin.register(Identifier)
class IdentifierAdmin(RecordAdmin):
    """Numbers in public registers."""

    list_display = ["value", "scheme", "organization", "is_verified"]
    list_filter = ["scheme", "is_verified"]
    search_fields = ["value", "organization__display_name"]
    list_select_related = ["organization"]


@admin.register(Membership)
class MembershipAdmin(RecordAdmin):
    """Who acts for whom."""

    list_display = ["user", "organization", "role", "created_at"]
    list_filter = ["role"]
    search_fields = ["user__email", "organization__display_name"]
    list_select_related = ["user", "organization"]


@admin.register(Invitation)
class InvitationAdmin(RecordAdmin):
    """Invitations; their secrets are not kept."""

    list_display = ["email", "organization", "role", "status", "expires_at"]
    list_filter = ["status", "role"]
    search_fields = ["email", "organization__display_name"]
    list_select_related = ["organization"]
    exclude = ["token_hash"]


@admin.register(Affiliation)
class AffiliationAdmin(RecordAdmin):
    """Which organizations belong together."""

    list_display = ["organization", "kind", "other", "created_at"]
    list_filter = ["kind"]
    search_fields = ["organization__display_name", "other__display_name"]
    list_select_related = ["organization", "other"]
