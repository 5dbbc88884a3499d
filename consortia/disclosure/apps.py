"""Who may see what of which record, and the ledger of what was revealed."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisclosureConfig(AppConfig):
    """Who may see what of which record, and the ledger of what was revealed."""

    name = "consortia.disclosure"
    label = "disclosure"
    verbose_name = _("Disclosure")
