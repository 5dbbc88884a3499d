"""People and API clients in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm

from ronghe.accounts.forms import PersonChangeForm, PersonCreationForm
from ronghe.accounts.models import User
from ronghe.common.admin import RecordAdmin


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """People, known by their e-mail address."""

    form = PersonChangeForm
    add_form = PersonCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ["email"]
    list_display = ["email", "name", "language", "is_curator", "is_staff", "is_active", "last_login"]
    list_filter = ["is_curator", "is_staff", "is_active", "language"]
    search_fields = ["email", "name", "public_id"]
    filter_horizontal = ["groups", "user_permissions"]
    readonly_fields = ["public_id", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name", "language", "public_id"]}),
        (
            _("May do"),
            {"fields": ["is_active", "is_curator", "is_staff", "is_superuser", "groups", "user_permissions"]},
        ),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "name", "language", "password1", "password2"]})]


for model in (Group, Application, AccessToken, RefreshToken, Grant, IDToken):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Group)
class GroupAdmin(ModelAdmin):
    """Groups of rights for staff."""

    search_fields = ["name"]
    filter_horizontal = ["permissions"]


@admin.register(Application)
class ApiClientAdmin(RecordAdmin):
    """API clients. The secret is stored as a hash and never shown."""

    list_display = ["name", "user", "client_id", "authorization_grant_type", "created"]
    search_fields = ["name", "client_id", "user__email"]
    list_filter = ["authorization_grant_type"]
    list_select_related = ["user"]
    exclude = ["client_secret"]

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """An API client that leaked its secret must be stopped at once, with all its tokens."""
        return bool(request.user.is_superuser)


@admin.register(AccessToken)
class AccessTokenAdmin(RecordAdmin):
    """Tokens that were given out, without the tokens themselves."""

    list_display = ["application", "user", "scope", "created", "expires"]
    search_fields = ["application__name", "user__email"]
    list_select_related = ["application", "user"]
    fields = ["application", "user", "scope", "created", "expires"]

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """Deleting a token ends its use."""
        return bool(request.user.is_superuser)
