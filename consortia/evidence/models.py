"""Evidence and experience: what speaks for an organization's claims."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortia.organizations.models import Organization
from consortia.technologies.models import Technology
from ronghe.common.models import Dated, PubliclyNamed
from ronghe.common.text import LanguageTagField, validate_clean_text


class Evidence(PubliclyNamed, Dated):
    """A document that raises a claim from *claimed* to *verified*, once somebody has checked it."""

    class Kind(models.TextChoices):
        """What sort of document; each kind ages with a half-life of its own."""

        PATENT = "patent", _("patent")
        PUBLICATION = "publication", _("publication")
        TEST_REPORT = "test_report", _("test report")
        CERTIFICATE = "certificate", _("certificate")
        PROJECT = "project", _("project")
        CUSTOMER_REFERENCE = "customer_reference", _("customer reference")
        ASSESSMENT = "assessment", _("assessment by a service institution")

    class Status(models.TextChoices):
        """Whether it was checked."""

        CLAIMED = "claimed", _("claimed")
        VERIFIED = "verified", pgettext_lazy("evidence", "verified")
        REFUSED = "refused", _("refused")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="evidence", verbose_name=_("organization")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    title = models.CharField(_("title"), max_length=300, validators=[validate_clean_text])
    reference = models.CharField(
        _("reference"), max_length=120, blank=True, help_text=_("Patent number, DOI, certificate number.")
    )
    issuer = models.CharField(_("issuer"), max_length=200, validators=[validate_clean_text])
    assessor = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="assessments",
        verbose_name=_("assessing service institution"),
    )
    issued_on = models.DateField(_("issued"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    technologies = models.ManyToManyField(
        Technology, blank=True, related_name="evidence", verbose_name=_("technologies")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CLAIMED)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("verified by"),
    )
    verified_at = models.DateTimeField(_("verified on"), null=True, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-issued_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("issued_on")),
                name="evidence_evidence_validity",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="verified") | models.Q(verified_at__isnull=False),
                name="evidence_evidence_verified_when",
            ),
            models.CheckConstraint(
                condition=models.Q(assessor__isnull=True) | ~models.Q(assessor=models.F("organization")),
                name="evidence_evidence_not_self_assessed",
            ),
        ]
        indexes = [models.Index(fields=["organization", "status"], name="evidence_organization_status")]

    def __str__(self) -> str:
        return self.title


class Experience(PubliclyNamed, Dated):
    """A past project or contract. It is evidence of capability, never an offer."""

    title = models.CharField(_("title"), max_length=500)
    abstract = models.TextField(_("abstract"), blank=True, max_length=20_000)
    keywords = models.TextField(_("keywords"), blank=True, max_length=2000)
    language = LanguageTagField(_("language"))
    started_on = models.DateField(_("start"), null=True, blank=True)
    ended_on = models.DateField(_("end"), null=True, blank=True)
    signed_on = models.DateField(_("signed"), null=True, blank=True, db_index=True)
    source = models.CharField(_("source"), max_length=40, blank=True)
    source_id = models.CharField(_("id in the source"), max_length=60, blank=True)
    call = models.CharField(_("call"), max_length=120, blank=True)
    funding_scheme = models.CharField(_("funding scheme"), max_length=60, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    technologies = models.ManyToManyField(
        Technology, blank=True, related_name="experience", verbose_name=_("technologies")
    )

    class Meta:
        verbose_name = _("experience")
        verbose_name_plural = _("experience")
        ordering = ["-signed_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=~models.Q(source_id=""),
                name="evidence_experience_source_once",
            ),
            models.CheckConstraint(
                condition=models.Q(started_on__isnull=True)
                | models.Q(ended_on__isnull=True)
                | models.Q(ended_on__gte=models.F("started_on")),
                name="evidence_experience_span",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Participation(models.Model):
    """An organization's part in a past project; partnership history is read from these rows."""

    class Role(models.TextChoices):
        """The part it had."""

        COORDINATOR = "coordinator", _("coordinator")
        PARTICIPANT = "participant", _("participant")
        ASSOCIATED = "associated", _("associated partner")
        THIRD_PARTY = "third_party", _("third party")

    experience = models.ForeignKey(
        Experience, on_delete=models.CASCADE, related_name="participations", verbose_name=_("experience")
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="participations", verbose_name=_("organization")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.PARTICIPANT)
    contribution = models.DecimalField(_("contribution"), max_digits=16, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = [
            models.UniqueConstraint(fields=["experience", "organization"], name="evidence_participation_once")
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} in {self.experience_id}: {self.role}"
