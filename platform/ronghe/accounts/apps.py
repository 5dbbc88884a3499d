"""The room of people and API clients."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People and API clients."""

    name = "ronghe.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Let the OpenAPI generator know how API clients authenticate."""
        from ronghe.accounts import schema  # noqa: F401  # registers itself on import
