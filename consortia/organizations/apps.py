"""Organizations, their people, identifiers and affiliations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    """Organizations, their people, identifiers and affiliations."""

    name = "consortia.organizations"
    label = "organizations"
    verbose_name = _("Organizations")
