"""The shell as a Django app, so that its templates, tags and static files are found."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """What every page shares. It stands first in INSTALLED_APPS, before the libraries whose pages it restyles."""

    name = "ronghe.common.pages"
    label = "pages"
    verbose_name = _("Pages")
