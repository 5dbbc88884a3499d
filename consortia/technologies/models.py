"""The curated polyhierarchy of technologies, their competing routes, relations and interfaces."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.common.models import Dated, Versioned
from ronghe.common.text import LanguageTagField, in_reader_language, validate_clean_text

OWN_SCHEME = "ronghe"

validate_key = RegexValidator(
    r"^[a-z0-9][a-z0-9-]{1,78}[a-z0-9]$",
    _("Use 3 to 80 lower-case letters, digits and hyphens, such as ene-solid-state-battery."),
    code="key",
)


class Technology(Versioned, Dated):
    """A node of the taxonomy. `key` is its stable public id and is never used again for another concept."""

    class Status(models.TextChoices):
        """Where a technology stands in curation."""

        PROPOSED = "proposed", _("proposed")
        ACTIVE = "active", _("active")
        DEPRECATED = "deprecated", _("deprecated")

    key = models.CharField(_("key"), max_length=80, unique=True, validators=[validate_key])
    labels = models.JSONField(_("labels"), default=dict, help_text=_("Preferred label by language tag."))
    definitions = models.JSONField(_("definitions"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    is_field = models.BooleanField(_("future-industry field"), default=False)
    is_key_common = models.BooleanField(_("key common technology"), default=False)
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces", verbose_name=_("replaced by")
    )
    scheme = models.CharField(_("scheme"), max_length=40, default=OWN_SCHEME, help_text=_("ronghe or euroscivoc"))

    class Meta:
        verbose_name = _("technology")
        verbose_name_plural = _("technologies")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(replaced_by__isnull=True) | models.Q(status="deprecated"),
                name="technologies_technology_replaced_is_deprecated",
            ),
            models.CheckConstraint(
                condition=~models.Q(pk=models.F("replaced_by")), name="technologies_technology_not_its_own_heir"
            ),
        ]
        indexes = [models.Index(fields=["scheme", "status"], name="technologies_scheme_status")]

    def __str__(self) -> str:
        return in_reader_language(self.labels) or self.key


class TechnologyLabel(models.Model):
    """A label by which texts name a technology; preferred ones mirror `Technology.labels`."""

    class Kind(models.TextChoices):
        """SKOS label kinds."""

        PREFERRED = "preferred", _("preferred label")
        ALIAS = "alias", _("alias")

    technology = models.ForeignKey(
        Technology, on_delete=models.CASCADE, related_name="known_labels", verbose_name=_("technology")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    language = LanguageTagField(_("language"))
    text = models.CharField(_("label"), max_length=200, validators=[validate_clean_text])
    folded = models.CharField(_("folded label"), max_length=200, editable=False, db_index=True)

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [
            models.UniqueConstraint(fields=["technology", "language", "text"], name="technologies_label_once"),
            models.UniqueConstraint(
                fields=["technology", "language"],
                condition=models.Q(kind="preferred"),
                name="technologies_label_one_preferred",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class TechnologyRelation(models.Model):
    """A typed arrow from one technology to another."""

    class Kind(models.TextChoices):
        """What the target is to the source."""

        BROADER = "broader", _("broader")
        RELATED = "related", _("related")
        DEPENDS_ON = "depends_on", _("depends on")

    source = models.ForeignKey(
        Technology, on_delete=models.CASCADE, related_name="relations", verbose_name=_("technology")
    )
    target = models.ForeignKey(
        Technology, on_delete=models.CASCADE, related_name="related_from", verbose_name=_("other technology")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="technologies_relation_once"),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")), name="technologies_relation_two_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class TechnologyRedirect(Dated):
    """A key that merged or split concepts left behind; it leads to what took its place."""

    key = models.CharField(_("former key"), max_length=80, validators=[validate_key])
    target = models.ForeignKey(
        Technology, on_delete=models.CASCADE, related_name="redirects", verbose_name=_("leads to")
    )

    class Meta:
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")
        constraints = [models.UniqueConstraint(fields=["key", "target"], name="technologies_redirect_once")]

    def __str__(self) -> str:
        return f"{self.key} → {self.target_id}"


class Route(Versioned, Dated):
    """A competing way to realise a technology (技术路线)."""

    class Convergence(models.TextChoices):
        """How far the field has agreed on, or turned away from, the route."""

        OPEN = "open", pgettext_lazy("route", "open")
        CONVERGING = "converging", _("converging")
        DOMINANT = "dominant", _("dominant")
        DECLINING = "declining", _("declining")

    technology = models.ForeignKey(
        Technology, on_delete=models.CASCADE, related_name="routes", verbose_name=_("technology")
    )
    key = models.CharField(_("key"), max_length=80, unique=True, validators=[validate_key])
    labels = models.JSONField(_("labels"), default=dict)
    aliases = models.JSONField(_("aliases"), default=dict, blank=True, help_text=_("Lists of texts by language tag."))
    convergence = models.CharField(_("convergence"), max_length=10, choices=Convergence, default=Convergence.OPEN)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        ordering = ["key"]

    def __str__(self) -> str:
        return in_reader_language(self.labels) or self.key


class RouteMetric(models.Model):
    """A dated figure of merit of a route, with where it was read."""

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="metrics", verbose_name=_("route"))
    names = models.JSONField(_("names"), default=dict)
    value = models.FloatField(_("value"))
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    date = models.DateField(_("date"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        ordering = ["date", "id"]

    def __str__(self) -> str:
        return f"{self.name} {self.value:g} {self.unit}".strip()

    @property
    def name(self) -> str:
        """What was measured, in the reader's language."""
        return in_reader_language(self.names)


class Interface(Dated):
    """A standard or de-facto interface that listings conform to or require."""

    key = models.CharField(_("key"), max_length=80, unique=True, validators=[validate_key])
    names = models.JSONField(_("names"), default=dict)
    standard = models.CharField(_("standard"), max_length=120, blank=True)
    technologies = models.ManyToManyField(
        Technology, related_name="interfaces", blank=True, verbose_name=_("used by technologies")
    )

    class Meta:
        verbose_name = _("interface")
        verbose_name_plural = _("interfaces")
        ordering = ["key"]

    def __str__(self) -> str:
        return in_reader_language(self.names) or self.key


class TaxonomyRelease(models.Model):
    """A numbered state of the taxonomy that readers can cite."""

    version = models.CharField(_("version"), max_length=20, unique=True)
    notes = models.TextField(_("notes"), blank=True, max_length=4000)
    released_at = models.DateTimeField(_("released"), auto_now_add=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("released by")
    )

    class Meta:
        verbose_name = _("taxonomy release")
        verbose_name_plural = _("taxonomy releases")
        ordering = ["-released_at"]

    def __str__(self) -> str:
        return self.version


class TaxonomyProposal(Dated):
    """A proposed change to the taxonomy: reviewed by a curator, applied, and part of the next release."""

    class Kind(models.TextChoices):
        """What is to change."""

        ADD = "add", _("add a technology")
        CHANGE = "change", _("change labels or definitions")
        MERGE = "merge", _("merge into another")
        DEPRECATE = "deprecate", _("deprecate")

    class Status(models.TextChoices):
        """Where a proposal stands."""

        OPEN = "open", pgettext_lazy("decision", "open")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    technology = models.ForeignKey(
        Technology,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="proposals",
        verbose_name=_("technology"),
    )
    content = models.JSONField(_("content"), default=dict)
    reason = models.TextField(_("reason"), max_length=2000, validators=[validate_clean_text])
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("proposed by")
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    review_note = models.TextField(_("reason of the review"), blank=True, max_length=2000)
    release = models.ForeignKey(
        TaxonomyRelease,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="proposals",
        verbose_name=_("release"),
    )

    class Meta:
        verbose_name = _("taxonomy proposal")
        verbose_name_plural = _("taxonomy proposals")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="add") | models.Q(technology__isnull=False),
                name="technologies_proposal_names_its_technology",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.technology_id or ''} ({self.status})"
