"""Running the platform: its processes and the services they need."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RuntimeConfig(AppConfig):
    """Running the platform: its processes and the services they need."""

    name = "ronghe.runtime"
    label = "runtime"
    verbose_name = _("Runtime")
