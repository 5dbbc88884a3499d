"""What composes rooms: home, search, API root and schema."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """What composes rooms: home, search, API root and schema."""

    name = "ronghe.portal"
    label = "portal"
    verbose_name = _("Portal")
