"""A listing and its two kinds: needs and capabilities."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortia.disclosure.models import Disclosable, Tier
from consortia.disclosure.viewer import Viewer
from consortia.listings.models.vocabulary import CooperationType, IprStatus, SupplyRole
from consortia.organizations.models import Organization
from consortia.technologies.models import Technology
from ronghe.common.countries import validate_country, validate_region
from ronghe.common.currencies import validate_currency
from ronghe.common.lists import EachItem
from ronghe.common.models import Dated, PubliclyNamed, Versioned
from ronghe.common.readiness import MRL_HIGHEST, TRL_HIGHEST, mrl_field, span_constraints, trl_field
from ronghe.common.text import LanguageTagField, validate_clean_text, validate_language_tag

TITLE_LENGTH = 200
SUMMARY_LENGTH = 500
DESCRIPTION_LENGTH = 4000
DEFAULT_VALIDITY_DAYS = 365


class Listing(PubliclyNamed, Versioned, Dated, Disclosable):
    """What a need and a capability have in common. Every row is the base of exactly one of the two."""

    class Side(models.TextChoices):
        """Which of the two a listing is."""

        NEED = "need", _("need")
        CAPABILITY = "capability", _("capability")

    class Status(models.TextChoices):
        """The lifecycle. *Published* is visible; only *open* asks for interest and takes part in matching."""

        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        PUBLISHED = "published", _("published")
        OPEN = "open", pgettext_lazy("listing", "open")
        PAUSED = "paused", _("paused")
        MATCHED = "matched", _("matched")
        CLOSED = "closed", _("closed")
        EXPIRED = "expired", _("expired")
        WITHDRAWN = "withdrawn", _("withdrawn")

    VISIBLE_STATUSES: ClassVar[frozenset[str]] = frozenset({"published", "open", "paused", "matched"})
    DISCLOSURE_CHOICES = frozenset({"summary", "description", "regions", "ipr_status", "organization"})
    # "parameters" is the tier of those parameters that name none themselves; each parameter keeps its own.
    DISCLOSURE_DEFAULTS = {"parameters": Tier.MATCHED}

    side = models.CharField(_("side"), max_length=10, choices=Side, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="listings", verbose_name=_("organization")
    )
    language = LanguageTagField(_("language"))
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, validators=[validate_clean_text])
    summary = models.CharField(_("summary"), max_length=SUMMARY_LENGTH, blank=True, validators=[validate_clean_text])
    description = models.TextField(
        _("description"), max_length=DESCRIPTION_LENGTH, blank=True, validators=[validate_clean_text]
    )
    supply_role = models.CharField(_("supply role"), max_length=16, choices=SupplyRole, blank=True)
    trl_low = trl_field(_("TRL from"))
    trl_high = trl_field(_("TRL to"))
    mrl_low = mrl_field(_("MRL from"))
    mrl_high = mrl_field(_("MRL to"))
    cooperation_types = models.JSONField(
        _("cooperation types"), default=list, blank=True, validators=[EachItem(choices=CooperationType.values)]
    )
    ipr_status = models.CharField(_("IPR status"), max_length=16, choices=IprStatus, blank=True)
    regions = models.JSONField(_("regions"), default=list, blank=True, validators=[EachItem(validator=validate_region)])
    languages_spoken = models.JSONField(
        _("languages spoken"), default=list, blank=True, validators=[EachItem(validator=validate_language_tag)]
    )
    blocked_countries = models.JSONField(
        _("countries it must not reach"),
        default=list,
        blank=True,
        validators=[EachItem(validator=validate_country)],
        help_text=_("Export control: organizations there are never matched."),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    reminded_days_left = models.PositiveSmallIntegerField(
        _("days left at the last reminder"), null=True, blank=True, editable=False
    )
    source = models.CharField(_("source"), max_length=40, blank=True)
    source_id = models.CharField(_("id in the source"), max_length=120, blank=True)
    is_fictitious = models.BooleanField(_("fictitious"), default=False)
    technologies = models.ManyToManyField(
        Technology, through="ListingTechnology", related_name="listings", verbose_name=_("technologies")
    )

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        ordering = ["-published_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=["need", "capability"]), name="listings_listing_side"),
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=~Q(source_id=""), name="listings_listing_source_once"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["published", "open", "paused", "matched"])
                | Q(published_at__isnull=False, valid_until__isnull=False),
                name="listings_listing_published_is_dated",
            ),
            *span_constraints("listings_listing", "trl_low", "trl_high", highest=TRL_HIGHEST),
            *span_constraints("listings_listing", "mrl_low", "mrl_high", highest=MRL_HIGHEST),
        ]
        indexes = [
            models.Index(fields=["side", "status", "valid_until"], name="listings_open"),
            models.Index(fields=["organization", "side"], name="listings_organization_side"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def disclosure_owner_id(self) -> int:
        """The organization that published it."""
        return self.organization_id

    @classmethod
    def visibility(cls, viewer: Viewer) -> Q:
        """Published listings of organizations that everybody may know of, and one's own in any state."""
        published = Q(status__in=cls.VISIBLE_STATUSES) & Organization.listed("organization__")
        return Q(organization_id__in=viewer.organization_ids) | published

    def restricted_parts(self, reached: Tier) -> frozenset[str]:
        """`parameters`, when a parameter with a tier of its own is shown that not everybody may see.

        Reads all parameters of the listing, so prefetch them for a list.
        """
        tiers = {Tier(parameter.tier).rank for parameter in self.parameters.all()}
        shown = any(Tier.PUBLIC.rank < rank <= reached.rank for rank in tiers)
        return frozenset({"parameters"} if shown else ())


class Need(Listing):
    """Something an organization lacks. `trl_low` is where it stands, `trl_high` where it must arrive."""

    class Kind(models.TextChoices):
        """What is sought."""

        RND_PROBLEM = "rnd_problem", _("R&D problem")
        SUPPLY = "supply", _("component or material supply")
        TESTING = "testing", _("testing or verification")
        SCALE_UP = "scale_up", _("scale-up")
        APPLICATION_SCENARIO = "application_scenario", _("application scenario")
        SERVICE = "service", _("service")

    class ProcessStage(models.TextChoices):
        """Where in the established industry the need arises."""

        DESIGN = "design", _("design")
        PRODUCTION_MONITORING = "production_monitoring", _("production monitoring")
        OPERATION_MAINTENANCE = "operation_maintenance", _("operation and maintenance")
        SUPPLY = "supply", _("supply")

    DISCLOSURE_CHOICES = Listing.DISCLOSURE_CHOICES | {"deadline", "eligible_countries"}
    DISCLOSURE_DEFAULTS = {**Listing.DISCLOSURE_DEFAULTS, "budget": Tier.MATCHED}

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    route_locked = models.BooleanField(
        _("locked to its routes"), default=False, help_text=_("Other routes to the same technology will not do.")
    )
    deadline = models.DateField(_("deadline"), null=True, blank=True)
    budget_min = models.DecimalField(_("budget from"), max_digits=16, decimal_places=2, null=True, blank=True)
    budget_max = models.DecimalField(_("budget to"), max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[validate_currency],
        help_text=_("ISO 4217, such as CNY or EUR."),
    )
    partner_types = models.JSONField(
        _("partner types sought"), default=list, blank=True, validators=[EachItem(choices=Organization.Type.values)]
    )
    eligible_countries = models.JSONField(
        _("eligible countries"), default=list, blank=True, validators=[EachItem(validator=validate_country)]
    )
    required_certificates = models.JSONField(
        _("required certificates"), default=list, blank=True, validators=[EachItem(validator=validate_clean_text)]
    )
    process_stage = models.CharField(_("process stage"), max_length=24, choices=ProcessStage, blank=True)

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        constraints = [
            models.CheckConstraint(
                condition=Q(budget_min__isnull=True) | Q(budget_max__isnull=True) | Q(budget_min__lte=F("budget_max")),
                name="listings_need_budget_order",
            ),
            models.CheckConstraint(
                condition=(Q(budget_min__isnull=True) | Q(budget_min__gte=0))
                & (Q(budget_max__isnull=True) | Q(budget_max__gte=0)),
                name="listings_need_budget_not_negative",
            ),
        ]


class Capability(Listing):
    """Something an organization can do or supply, at the TRL and MRL span it masters."""

    class Kind(models.TextChoices):
        """What is offered."""

        TECHNOLOGY = "technology", _("technology")
        PRODUCT = "product", _("product or component")
        FACILITY = "facility", _("facility")
        EXPERTISE = "expertise", _("expertise")
        DATASET = "dataset", _("dataset")
        SERVICE = "service", _("service")

    class PriceModel(models.TextChoices):
        """What is charged for."""

        PER_UNIT = "per_unit", _("per unit")
        PER_HOUR = "per_hour", _("per hour")
        PER_DAY = "per_day", _("per day")
        PER_PROJECT = "per_project", _("per project")
        LICENCE = "licence", _("licence")
        NEGOTIABLE = "negotiable", _("negotiable")

    DISCLOSURE_CHOICES = Listing.DISCLOSURE_CHOICES | {"capacities"}
    DISCLOSURE_DEFAULTS = {**Listing.DISCLOSURE_DEFAULTS, "price": Tier.MATCHED}

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    price_model = models.CharField(_("price model"), max_length=12, choices=PriceModel, blank=True)
    price_amount = models.DecimalField(_("price"), max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[validate_currency],
        help_text=_("ISO 4217, such as CNY or EUR."),
    )
    capacities = models.JSONField(_("capacity"), default=dict, blank=True, help_text=_("Text by language tag."))

    class Meta:
        verbose_name = _("capability")
        verbose_name_plural = _("capabilities")
        constraints = [
            models.CheckConstraint(
                condition=Q(price_amount__isnull=True) | Q(price_amount__gte=0),
                name="listings_capability_price_not_negative",
            )
        ]
