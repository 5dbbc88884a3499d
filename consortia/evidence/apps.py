"""Evidence and experience that speak for an organization."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvidenceConfig(AppConfig):
    """Evidence and experience that speak for an organization."""

    name = "consortia.evidence"
    label = "evidence"
    verbose_name = _("Evidence")
