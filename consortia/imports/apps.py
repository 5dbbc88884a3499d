"""Readers of foreign archives that call the rooms' services."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """Readers of foreign archives that call the rooms' services."""

    name = "consortia.imports"
    label = "imports"
    verbose_name = _("Imports")
