"""What every room's admin shares: records are read there, and changed by actions that call the room's services."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline

from ronghe.common.errors import DomainError


class RecordAdmin(ModelAdmin):
    """Lists and shows records. Writing past the services would skip their rules and events, so nothing is editable."""

    list_per_page = 50
    show_full_result_count = False
    # Django warns until its own default changes in 6.0.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Records come to be through services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Records change through services."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Records go through services."""
        return False

    def act_on_each(
        self, request: HttpRequest, records: "models.QuerySet[Any]", service: Callable[[Any], object]
    ) -> None:
        """Call a service for each record; those that it refuses are named with the reason."""
        done = 0
        for record in records:
            try:
                service(record)
            except DomainError as error:
                messages.error(request, f"{record}: {error.message}")
            else:
                done += 1
        if done:
            messages.success(
                request, ngettext("%(done)d record done.", "%(done)d records done.", done) % {"done": done}
            )


class RecordInline(TabularInline):
    """Records that belong to the one shown; as little editable as that."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Records come to be through services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Records change through services."""
        return False
