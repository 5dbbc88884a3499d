"""The admin's forms for people, who have no user name."""

from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from unfold.widgets import UnfoldAdminTextInputWidget

from ronghe.accounts.models import User


class PersonCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]
    """A new person, by e-mail address."""

    class Meta:
        model = User
        fields = ["email", "name", "language"]
        field_classes: dict[str, type] = {}
        widgets = {"email": UnfoldAdminTextInputWidget, "name": UnfoldAdminTextInputWidget}


class PersonChangeForm(UserChangeForm):  # type: ignore[type-arg]
    """A person's account."""

    class Meta:
        model = User
        fields = "__all__"  # which fields show is the admin's own list
        field_classes: dict[str, type] = {}
