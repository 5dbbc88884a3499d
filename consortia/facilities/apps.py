"""Facilities with bookable slots."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacilitiesConfig(AppConfig):
    """Facilities with bookable slots."""

    name = "consortia.facilities"
    label = "facilities"
    verbose_name = _("Facilities")
