"""The room of the wiring."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the system checks."""

    name = "ronghe.config"
    label = "config"

    def ready(self) -> None:
        """Register the checks of the settings."""
        from ronghe.config import checks  # noqa: F401  # registers on import
