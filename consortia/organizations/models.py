"""Organizations with their names, identifiers, people and affiliations."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortia.disclosure.models import Disclosable, Tier
from consortia.disclosure.viewer import Viewer
from ronghe.common.countries import validate_country, validate_region
from ronghe.common.models import Dated, PubliclyNamed, Versioned
from ronghe.common.text import LanguageTagField, in_reader_language, validate_clean_text

INVITATION_DAYS = 14


def hash_of_token(token: str) -> str:
    """What is kept of an invitation's secret. It has 256 random bits, so a plain hash cannot be turned round."""
    return hashlib.sha256(token.encode()).hexdigest()


def _invitation_expiry() -> datetime:
    return timezone.now() + timedelta(days=INVITATION_DAYS)


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


class OrganizationName(models.Model):
    """A name an organization is known by, for finding it; official ones mirror `Organization.names`."""

    class Kind(models.TextChoices):
        """What sort of name."""

        OFFICIAL = "official", _("official name")
        SHORT = "short", _("short name")
        ALIAS = "alias", _("alias")
        FORMER = "former", _("former name")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="known_names", verbose_name=_("organization")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    language = LanguageTagField(_("language"), blank=True)
    text = models.CharField(_("name"), max_length=300, validators=[validate_clean_text])
    folded = models.CharField(_("folded name"), max_length=300, editable=False, db_index=True)

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "language", "text"], name="organizations_name_once")
        ]

    def __str__(self) -> str:
        return self.text


class Identifier(Dated):
    """A number that names one organization in a public register. It belongs to one organization only."""

    class Scheme(models.TextChoices):
        """Which register."""

        USCC = "uscc", _("Unified Social Credit Code")
        LEI = "lei", _("Legal Entity Identifier")
        ROR = "ror", _("ROR")
        PIC = "pic", _("EU participant code (PIC)")
        VAT = "vat", _("VAT number")
        DUNS = "duns", _("DUNS number")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="identifiers", verbose_name=_("organization")
    )
    scheme = models.CharField(_("scheme"), max_length=4, choices=Scheme)
    value = models.CharField(_("value"), max_length=40, help_text=_("In the register's compact form."))
    is_verified = models.BooleanField(pgettext_lazy("identifier", "verified"), default=False)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="organizations_identifier_one_owner"),
            models.UniqueConstraint(
                fields=["organization", "scheme"],
                condition=~models.Q(scheme="vat"),
                name="organizations_identifier_one_per_scheme",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.value}"


class Membership(Dated):
    """A person acts for an organization in a role."""

    class Role(models.TextChoices):
        """What a member may do: everything, write, or read."""

        OWNER = "owner", _("owner")
        EDITOR = "editor", _("editor")
        VIEWER = "viewer", _("viewer")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("organization")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=6, choices=Role)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="organizations_membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} @ {self.organization_id}: {self.role}"


class Invitation(PubliclyNamed, Dated):
    """An e-mail address is invited to join an organization; only the hash of the secret link is kept."""

    class Status(models.TextChoices):
        """Where an invitation stands."""

        OPEN = "open", pgettext_lazy("answer", "open")
        ACCEPTED = "accepted", _("accepted")
        WITHDRAWN = "withdrawn", _("withdrawn")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("organization")
    )
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=6, choices=Membership.Role)
    token_hash = models.CharField(_("hash of the secret"), max_length=64, unique=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    expires_at = models.DateTimeField(_("expires"), default=_invitation_expiry)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("invited by")
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organization",
                condition=models.Q(status="open"),
                name="organizations_invitation_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.organization_id}"


class Claim(PubliclyNamed, Dated):
    """A person asks to take over an organization that nobody owns yet; a curator decides."""

    class Status(models.TextChoices):
        """Where a claim stands."""

        OPEN = "open", pgettext_lazy("decision", "open")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="claims", verbose_name=_("organization")
    )
    claimant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims", verbose_name=_("claimant")
    )
    statement = models.TextField(_("statement"), max_length=2000, validators=[validate_clean_text])
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_note = models.TextField(_("reason of the decision"), blank=True, max_length=2000)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "claimant"],
                condition=models.Q(status="open"),
                name="organizations_claim_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.claimant_id} claims {self.organization_id}"


class Affiliation(Dated):
    """Two organizations belong together; they are never matched, and conflicts of interest follow from it."""

    class Kind(models.TextChoices):
        """What `organization` is to `other`."""

        PARENT = "parent", _("parent of")
        SUBSIDIARY = "subsidiary", _("subsidiary of")
        GROUP = "group", _("in one group with")
        HOST = "host", _("host of")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="affiliations", verbose_name=_("organization")
    )
    other = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="affiliated_by", verbose_name=_("other organization")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints = [
            models.UniqueConstraint(fields=["organization", "other", "kind"], name="organizations_affiliation_once"),
            models.CheckConstraint(
                condition=~models.Q(organization=models.F("other")), name="organizations_affiliation_two_parties"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.kind} {self.other_id}"
