"""Technologies, their competing routes, relations and interfaces."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TechnologiesConfig(AppConfig):
    """Technologies, their competing routes, relations and interfaces."""

    name = "consortia.technologies"
    label = "technologies"
    verbose_name = _("Technologies")
