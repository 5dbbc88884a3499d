"""Listings in the admin: finding and reading every record. What has rules is changed through services only."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from consortia.listings import services
from consortia.listings.models import (
    Capability,
    Listing,
    ListingInterface,
    ListingTechnology,
    ListingTranslation,
    Need,
    Parameter,
    QuantityKind,
    QuantityLabel,
)
from consortia.organizations.viewing import viewer_of_request
from ronghe.common.errors import DomainError


class ReadOnly:
    """Records that are written by services only."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds them here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes them here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes them here."""
        return False


class TechnologyInline(ReadOnly, TabularInline):
    """The technologies of a listing."""

    model = ListingTechnology
    fk_name = "listing"
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what each row shows."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("technology", "route")


class ParameterInline(ReadOnly, TabularInline):
    """The parameters of a listing."""

    model = Parameter
    fk_name = "listing"
    extra = 0
    fields = ("quantity", "operator", "value", "value_high", "unit", "tolerance", "tier")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what each row shows."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("quantity")


class TranslationInline(ReadOnly, TabularInline):
    """The texts of a listing in other languages."""

    model = ListingTranslation
    fk_name = "listing"
    extra = 0
    fields = ("language", "title", "summary", "is_machine_made")


class ListingAdmin(ReadOnly, ModelAdmin):
    """What needs and capabilities show alike."""

    list_display = ("title", "organization", "status", "trl_low", "trl_high", "valid_until", "source")
    list_filter = ("status", "kind", "supply_role", "language", "source", "is_fictitious")
    search_fields = ("title", "summary", "organization__display_name", "source_id")
    list_select_related = ("organization",)
    date_hierarchy = "published_at"
    inlines = (TechnologyInline, ParameterInline, TranslationInline)
    actions = ("pause", "withdraw")
    show_full_result_count = False

    @admin.action(description=_("Pause"))
    def pause(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Stop asking for interest, for every listing chosen."""
        self._each(request, queryset, services.pause_listing)

    @admin.action(description=_("Withdraw"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Take back every listing chosen."""
        self._each(request, queryset, services.withdraw_listing)

    def _each(self, request: HttpRequest, queryset: QuerySet[Any], service: Any) -> None:
        for listing in queryset:
            try:
                service(actor=viewer_of_request(request), listing=listing)
            except DomainError as error:
                self.message_user(request, f"{listing}: {error.message}", messages.ERROR)
            else:
                self.message_user(request, f"{listing}: {listing.get_status_display()}", messages.SUCCESS)


@admin.register(Need)
class NeedAdmin(ListingAdmin):
    """Needs."""


@admin.register(Capability)
class CapabilityAdmin(ListingAdmin):
    """Capabilities."""


@admin.register(Listing)
class AllListingsAdmin(ReadOnly, ModelAdmin):
    """Needs and capabilities in one list."""

    list_display = ("title", "side", "organization", "status", "valid_until")
    list_filter = ("side", "status", "source")
    search_fields = ("title", "organization__display_name", "source_id")
    list_select_related = ("organization",)
    show_full_result_count = False


class LabelInline(TabularInline):
    """The names a quantity kind is found by."""

    model = QuantityLabel
    extra = 0
    readonly_fields = ("folded",)
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Labels come with the parameters that use them."""
        return False


@admin.register(QuantityKind)
class QuantityKindAdmin(ReadOnly, ModelAdmin):
    """What parameters measure."""

    list_display = ("key", "__str__", "dimension")
    list_filter = ("dimension",)
    search_fields = ("key", "known_labels__text")
    inlines = (LabelInline,)


@admin.register(QuantityLabel)
class QuantityLabelAdmin(ReadOnly, ModelAdmin):
    """The labels of quantity kinds."""

    list_display = ("text", "language", "quantity")
    list_filter = ("language",)
    search_fields = ("text", "folded")
    list_select_related = ("quantity",)


@admin.register(Parameter)
class ParameterAdmin(ReadOnly, ModelAdmin):
    """Every target and measured value."""

    list_display = ("quantity", "listing", "operator", "value", "value_high", "unit", "tier")
    list_filter = ("operator", "tier")
    search_fields = ("quantity__key", "listing__title", "unit")
    list_select_related = ("quantity", "listing")


@admin.register(ListingTechnology)
class ListingTechnologyAdmin(ReadOnly, ModelAdmin):
    """Which listing is about which technology."""

    list_display = ("listing", "technology", "route", "weight")
    search_fields = ("listing__title", "technology__key", "route__key")
    list_select_related = ("listing", "technology", "route")


@admin.register(ListingTranslation)
class ListingTranslationAdmin(ReadOnly, ModelAdmin):
    """Texts in other languages."""

    list_display = ("title", "language", "listing", "is_machine_made")
    list_filter = ("language", "is_machine_made")
    search_fields = ("title", "listing__title")
    list_select_related = ("listing",)


@admin.register(ListingInterface)
class ListingInterfaceAdmin(ReadOnly, ModelAdmin):
    """Which listing conforms to, or requires, which interface."""

    list_display = ("listing", "mode", "interface")
    list_filter = ("mode",)
    search_fields = ("listing__title", "interface__key")
    list_select_related = ("listing", "interface")
