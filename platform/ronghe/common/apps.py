"""The bottom layer: errors, base models, language-tagged text, units, and the shell of pages and API."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    """The bottom layer: errors, base models, language-tagged text, units, and the shell of pages and API."""

    name = "ronghe.common"
    label = "common"
    verbose_name = _("Common")
