"""The closed vocabularies that listings share."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SupplyRole(models.TextChoices):
    """What a listing supplies or seeks, in the chain that a technology stands on."""

    BASIC_MATERIAL = "basic_material", _("basic material")
    COMPONENT = "component", _("component or part")
    EQUIPMENT = "equipment", _("equipment")
    SOFTWARE = "software", _("software")
    DATASET = "dataset", _("data")
    TESTING = "testing", _("testing and verification")
    INTEGRATION = "integration", _("integration")
    PROCESS = "process", _("process")
    SERVICE = "service", _("service")


class CooperationType(models.TextChoices):
    """How the parties would work together."""

    RND_COOPERATION = "rnd_cooperation", _("R&D cooperation")
    TECHNOLOGY_DEVELOPMENT = "technology_development", _("technology development")
    TECHNOLOGY_TRANSFER = "technology_transfer", _("technology transfer")
    LICENSING = "licensing", _("licensing")
    CONSULTING = "consulting", _("technical consulting")
    TECHNICAL_SERVICE = "technical_service", _("technical service")
    OUTSOURCING = "outsourcing", _("outsourcing")
    SUPPLIER = "supplier", _("supplier agreement")
    INVESTMENT = "investment", _("investment")
    COMMERCIAL_WITH_ASSISTANCE = "commercial_with_assistance", _("commercial with technical assistance")


class IprStatus(models.TextChoices):
    """Protection of what is offered."""

    NONE = "none", _("none")
    PATENT_PENDING = "patent_pending", _("patent pending")
    PATENTED = "patented", _("patented")
    COPYRIGHT = "copyright", _("copyright")
    SECRET_KNOWHOW = "secret_knowhow", _("secret know-how")
    OPEN = "open", pgettext_lazy("protection", "open")
