"""Needs and capabilities."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListingsConfig(AppConfig):
    """Needs and capabilities."""

    name = "consortia.listings"
    label = "listings"
    verbose_name = _("Listings")
