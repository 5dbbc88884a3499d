"""An organization: what it is, where it is, and who may know of it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortia.disclosure.models import Disclosable, Tier
from consortia.disclosure.viewer import Viewer
from ronghe.common.countries import validate_country, validate_region
from ronghe.common.models import Dated, PubliclyNamed, Versioned
from ronghe.common.text import in_reader_language, validate_clean_text


class Organization(PubliclyNamed, Versioned, Dated, Disclosable):
    """A firm, university, institute, platform or body that publishes needs and capabilities."""

    class Type(models.TextChoices):
        """What an organization is."""

        LEADING_FIRM = "leading_firm", _("leading firm")
        FIRM = "firm", _("firm")
        UNIVERSITY = "university", _("university")
        RESEARCH_INSTITUTE = "research_institute", _("research institute")
        POC_CENTRE = "poc_centre", _("proof-of-concept centre")
        PILOT_PLATFORM = "pilot_platform", _("pilot platform")
        SERVICE_INSTITUTION = "service_institution", _("service institution")
        INDUSTRY_ASSOCIATION = "industry_association", _("industry association")
        PUBLIC_BODY = "public_body", _("public body")
        INVESTOR = "investor", _("investor")

    class Size(models.TextChoices):
        """Number of staff: under 10, 50, 250, and more."""

        MICRO = "micro", _("micro (under 10)")
        SMALL = "small", _("small (under 50)")
        MEDIUM = "medium", _("medium (under 250)")
        LARGE = "large", _("large (250 and more)")

    class Ownership(models.TextChoices):
        """Who owns it."""

        STATE = "state", _("state-owned")
        PRIVATE = "private", _("private")
        FOREIGN = "foreign", _("foreign-owned")
        MIXED = "mixed", _("mixed")
        PUBLIC = "public", _("public institution")

    class Status(models.TextChoices):
        """Where an organization stands with the curators."""

        PENDING = "pending", _("pending")
        VERIFIED = "verified", pgettext_lazy("organization", "verified")
        SUSPENDED = "suspended", _("suspended")
        MERGED = "merged", _("merged")

    class VerificationLevel(models.IntegerChoices):
        """How far an organization's identity was checked."""

        NONE = 0, _("not checked")
        CONTACT = 1, _("contact confirmed")
        IDENTIFIER = 2, _("identifier checked")
        CURATOR = 3, _("checked by a curator")

    DISCLOSURE_CHOICES = frozenset({"size", "ownership", "website", "place", "description"})
    DISCLOSURE_DEFAULTS = {"contact_email": Tier.MATCHED}

    names = models.JSONField(_("names"), default=dict, help_text=_("Official name by language tag."))
    display_name = models.CharField(_("display name"), max_length=300, db_index=True, editable=False)
    descriptions = models.JSONField(_("description"), default=dict, blank=True, help_text=_("Text by language tag."))
    type = models.CharField(_("type"), max_length=24, choices=Type)
    is_sme = models.BooleanField(_("small or medium-sized"), null=True, blank=True)
    size = models.CharField(_("size"), max_length=8, choices=Size, blank=True)
    ownership = models.CharField(_("ownership"), max_length=8, choices=Ownership, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, validators=[validate_country])
    region = models.CharField(_("region"), max_length=6, blank=True, validators=[validate_region])
    nuts_code = models.CharField(_("NUTS code"), max_length=5, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True, validators=[validate_clean_text])
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    verification_level = models.PositiveSmallIntegerField(
        _("verification"), choices=VerificationLevel, default=VerificationLevel.NONE
    )
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_from",
        verbose_name=_("merged into"),
    )
    is_fictitious = models.BooleanField(_("fictitious"), default=False, help_text=_("Belongs to a demonstration."))
    source = models.CharField(_("source"), max_length=40, blank=True, help_text=_("The archive it was imported from."))
    source_id = models.CharField(_("id in the source"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["display_name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=~models.Q(source_id=""),
                name="organizations_organization_source_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status="merged", merged_into__isnull=False)
                | (~models.Q(status="merged") & models.Q(merged_into__isnull=True)),
                name="organizations_organization_merged_has_target",
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="organizations_organization_place",
            ),
            models.CheckConstraint(
                condition=models.Q(verification_level__range=(0, 3)), name="organizations_organization_level"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "type"], name="organizations_status_type"),
            models.Index(fields=["country", "region"], name="organizations_where"),
        ]

    def __str__(self) -> str:
        return in_reader_language(self.names) or self.display_name

    @property
    def disclosure_owner_id(self) -> int:
        """An organization owns its own record."""
        return self.pk

    @classmethod
    def listed(cls, prefix: str = "") -> models.Q:
        """Which organizations everybody may know of: verified ones, and imported ones that nobody claimed yet.

        One that registered itself stays out of sight until a curator has verified it, so that nobody can pose as
        another.

        Args:
            prefix: the lookup that leads from the queried model to its organization, such as ``organization__``.
        """
        imported = models.Q(**{f"{prefix}status": cls.Status.PENDING}) & ~models.Q(**{f"{prefix}source": ""})
        return models.Q(**{f"{prefix}status": cls.Status.VERIFIED}) | imported

    @classmethod
    def visibility(cls, viewer: Viewer) -> models.Q:
        """What everybody may know of, and one's own."""
        return models.Q(pk__in=viewer.organization_ids) | cls.listed()
