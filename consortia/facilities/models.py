"""Facilities of proof-of-concept centres and pilot platforms, with bookable slots."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.models import Disclosable, Tier
from consortia.disclosure.viewer import Viewer
from consortia.organizations.models import Organization
from consortia.technologies.models import Route, Technology
from ronghe.common.currencies import validate_currency
from ronghe.common.lists import EachItem
from ronghe.common.models import Dated, PubliclyNamed, Versioned
from ronghe.common.readiness import MRL_HIGHEST, TRL_HIGHEST, mrl_field, span_constraints, trl_field
from ronghe.common.text import LanguageTagField, in_reader_language, validate_clean_text


class VerificationService(models.TextChoices):
    """The five verification services of a pilot platform."""

    DESIGN = "design", _("design verification")
    FUNCTIONAL_PERFORMANCE = "functional_performance", _("functional performance verification")
    PROCESS = "process", _("process verification")
    ADAPTATION = "adaptation", _("adaptation verification")
    PRODUCTION = "production", _("production verification")


class Facility(PubliclyNamed, Versioned, Dated, Disclosable):
    """Equipment that others can use, which carries a technology from one TRL to another."""

    DISCLOSURE_CHOICES = frozenset({"description", "precision", "throughput", "slots", "access"})
    DISCLOSURE_DEFAULTS = {"price": Tier.MATCHED, "ip_terms": Tier.MEMBERS}

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="facilities", verbose_name=_("organization")
    )
    names = models.JSONField(_("names"), default=dict, help_text=_("Name by language tag."))
    language = LanguageTagField(_("language"))
    description = models.TextField(_("description"), max_length=4000, blank=True, validators=[validate_clean_text])
    scale = models.CharField(_("scale"), max_length=120, blank=True, validators=[validate_clean_text])
    batch = models.CharField(_("batch"), max_length=120, blank=True, validators=[validate_clean_text])
    throughput = models.FloatField(_("throughput"), null=True, blank=True)
    throughput_unit = models.CharField(_("unit of throughput"), max_length=40, blank=True)
    precision = models.CharField(_("precision"), max_length=120, blank=True, validators=[validate_clean_text])
    feedstocks = models.JSONField(
        _("feedstocks"), default=list, blank=True, validators=[EachItem(validator=validate_clean_text)]
    )
    certificates = models.JSONField(
        _("certificates"), default=list, blank=True, validators=[EachItem(validator=validate_clean_text)]
    )
    services = models.JSONField(
        _("verification services"), default=list, blank=True, validators=[EachItem(choices=VerificationService.values)]
    )
    trl_in = trl_field(_("TRL in"))
    trl_out = trl_field(_("TRL out"))
    mrl_in = mrl_field(_("MRL in"))
    mrl_out = mrl_field(_("MRL out"))
    access = models.TextField(_("access conditions"), max_length=2000, blank=True, validators=[validate_clean_text])
    price_amount = models.DecimalField(_("price"), max_digits=16, decimal_places=2, null=True, blank=True)
    price_unit = models.CharField(_("price unit"), max_length=20, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=[validate_currency])
    safety = models.TextField(
        _("safety and environment"), max_length=2000, blank=True, validators=[validate_clean_text]
    )
    ip_terms = models.TextField(_("IP terms"), max_length=2000, blank=True, validators=[validate_clean_text])
    is_active = models.BooleanField(_("offered"), default=True)
    is_fictitious = models.BooleanField(_("fictitious"), default=False)
    source = models.CharField(_("source"), max_length=40, blank=True)
    source_id = models.CharField(_("id in the source"), max_length=120, blank=True)
    technologies = models.ManyToManyField(
        Technology, through="FacilityTechnology", related_name="facilities", verbose_name=_("technologies")
    )

    class Meta:
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=~Q(source_id=""), name="facilities_facility_source_once"
            ),
            models.CheckConstraint(
                condition=Q(price_amount__isnull=True) | Q(price_amount__gte=0),
                name="facilities_facility_price_not_negative",
            ),
            *span_constraints("facilities_facility", "trl_in", "trl_out", highest=TRL_HIGHEST),
            *span_constraints("facilities_facility", "mrl_in", "mrl_out", highest=MRL_HIGHEST),
        ]

    def __str__(self) -> str:
        return in_reader_language(self.names)

    @property
    def disclosure_owner_id(self) -> int:
        """The organization that runs it."""
        return self.organization_id

    @classmethod
    def visibility(cls, viewer: Viewer) -> Q:
        """Offered facilities of organizations that everybody may know of, and one's own."""
        offered = Q(is_active=True) & Organization.listed("organization__")
        return Q(organization_id__in=viewer.organization_ids) | offered


class FacilityTechnology(models.Model):
    """A technology a facility serves, on one of its routes or on any."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="uses", verbose_name=_("facility"))
    technology = models.ForeignKey(
        Technology, on_delete=models.PROTECT, related_name="facility_uses", verbose_name=_("technology")
    )
    route = models.ForeignKey(
        Route, null=True, blank=True, on_delete=models.PROTECT, related_name="facility_uses", verbose_name=_("route")
    )
    weight = models.FloatField(_("weight"), default=1.0)

    class Meta:
        verbose_name = _("technology of a facility")
        verbose_name_plural = _("technologies of facilities")
        constraints = [
            models.UniqueConstraint(fields=["facility", "technology", "route"], name="facilities_use_once"),
            models.UniqueConstraint(
                fields=["facility", "technology"], condition=Q(route__isnull=True), name="facilities_use_once_any_route"
            ),
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=1), name="facilities_use_weight"),
        ]

    def __str__(self) -> str:
        return f"{self.technology_id}/{self.route_id or '*'}"


class Slot(PubliclyNamed, Dated):
    """A window in which up to `capacity` units of a facility can be booked at once; its windows are disjoint."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="slots", verbose_name=_("facility"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    capacity = models.PositiveSmallIntegerField(_("capacity"), default=1)

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="facilities_slot_span"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="facilities_slot_capacity"),
            models.UniqueConstraint(fields=["facility", "starts_at"], name="facilities_slot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} – {self.ends_at:%Y-%m-%d %H:%M}"


class Booking(PubliclyNamed, Dated):
    """An organization's use of a part of a slot, taking `units` of its capacity."""

    class Status(models.TextChoices):
        """Where a booking stands."""

        REQUESTED = "requested", _("requested")
        CONFIRMED = "confirmed", _("confirmed")
        DECLINED = "declined", _("declined")
        CANCELLED = "cancelled", _("cancelled")

    HOLDING = frozenset({"requested", "confirmed"})

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("slot"))
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="bookings", verbose_name=_("organization")
    )
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("booked by")
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    units = models.PositiveSmallIntegerField(_("units"), default=1)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    purpose = models.CharField(_("purpose"), max_length=500, blank=True, validators=[validate_clean_text])

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="facilities_booking_span"),
            models.CheckConstraint(condition=Q(units__gte=1), name="facilities_booking_units"),
        ]
        indexes = [models.Index(fields=["slot", "status"], name="facilities_booking_slot")]

    def __str__(self) -> str:
        return f"{self.organization_id} in {self.slot_id} ({self.status})"
