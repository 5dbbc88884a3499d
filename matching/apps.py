"""Matches between needs and organizations, and the jobs that keep them current."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    """Matches between needs and organizations, and the jobs that keep them current."""

    name = "matching"
    label = "matching"
    verbose_name = _("Matching")
