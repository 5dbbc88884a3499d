"""Grants and the ledger in the admin, to read; a grant is revoked by an action."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.models import DisclosureGrant, Reveal
from consortia.disclosure.services import revoke_disclosure
from ronghe.common.admin import RecordAdmin


@admin.register(DisclosureGrant)
class DisclosureGrantAdmin(RecordAdmin):
    """Which organization opened which tier to which."""

    list_display = ["owner", "viewer", "tier", "reason", "created_at", "revoked_at"]
    list_filter = ["tier", "reason", ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["owner__display_name", "viewer__display_name"]
    list_select_related = ["owner", "viewer"]
    actions = ["revoke"]

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, queryset: "models.QuerySet[DisclosureGrant]") -> None:
        """Close the chosen grants."""
        self.act_on_each(request, queryset, lambda grant: revoke_disclosure(grant=grant))


@admin.register(Reveal)
class RevealAdmin(RecordAdmin):
    """Who was shown what."""

    list_display = ["day", "viewer", "owner", "record_type", "fields", "tier", "surface"]
    list_filter = ["surface", "tier", "record_type"]
    search_fields = ["owner__display_name", "viewer__email"]
    list_select_related = ["owner", "viewer"]
    date_hierarchy = "day"
