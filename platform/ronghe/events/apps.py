"""The room of the outbox."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """The transactional outbox."""

    name = "ronghe.events"
    label = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        """Let every room that acts on events register its readers (`readers.py`)."""
        autodiscover_modules("readers")
