"""What listings measure: quantity kinds, their labels, and parameters with units."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.models import Tier
from consortia.listings.models.listing import Listing
from ronghe.common.models import Dated
from ronghe.common.text import LanguageTagField, in_reader_language, validate_clean_text


class QuantityKind(Dated):
    """What a parameter measures, such as gravimetric energy density; its units all have one dimension."""

    key = models.SlugField(_("key"), max_length=120, unique=True, allow_unicode=True)
    labels = models.JSONField(_("labels"), default=dict)
    dimension = models.CharField(_("dimension"), max_length=120)

    class Meta:
        verbose_name = _("quantity kind")
        verbose_name_plural = _("quantity kinds")
        ordering = ["key"]

    def __str__(self) -> str:
        return in_reader_language(self.labels) or self.key


class QuantityLabel(models.Model):
    """A name by which a quantity kind is found, in any language."""

    quantity = models.ForeignKey(
        QuantityKind, on_delete=models.CASCADE, related_name="known_labels", verbose_name=_("quantity kind")
    )
    language = LanguageTagField(_("language"))
    text = models.CharField(_("label"), max_length=120, validators=[validate_clean_text])
    folded = models.CharField(_("folded label"), max_length=120, editable=False, unique=True)

    class Meta:
        verbose_name = _("label of a quantity kind")
        verbose_name_plural = _("labels of quantity kinds")

    def __str__(self) -> str:
        return self.text


class Parameter(models.Model):
    """A target of a need or a measured value of a capability."""

    class Operator(models.TextChoices):
        """How the value is meant."""

        AT_LEAST = "ge", "≥"
        AT_MOST = "le", "≤"
        BETWEEN = "between", _("between")
        EQUAL = "eq", "="

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="parameters", verbose_name=_("listing"))
    quantity = models.ForeignKey(
        QuantityKind, on_delete=models.PROTECT, related_name="parameters", verbose_name=_("quantity kind")
    )
    operator = models.CharField(_("operator"), max_length=8, choices=Operator)
    value = models.FloatField(_("value"))
    value_high = models.FloatField(_("upper value"), null=True, blank=True, help_text=_("For “between”."))
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    tolerance = models.FloatField(_("tolerance"), null=True, blank=True, help_text=_("± in the unit of the value."))
    base_low = models.FloatField(_("value in base units"), editable=False)
    base_high = models.FloatField(_("upper value in base units"), null=True, editable=False)
    base_tolerance = models.FloatField(_("tolerance in base units"), null=True, editable=False)
    conditions = models.JSONField(_("test condition"), default=dict, blank=True, help_text=_("Text by language tag."))
    methods = models.JSONField(_("method"), default=dict, blank=True, help_text=_("Text by language tag."))
    tier = models.CharField(_("who sees it"), max_length=12, choices=Tier, default=Tier.MATCHED)

    class Meta:
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(operator="between", value_high__isnull=False, value_high__gte=F("value"))
                    | (~Q(operator="between") & Q(value_high__isnull=True))
                ),
                name="listings_parameter_span",
            ),
            models.CheckConstraint(
                condition=Q(tolerance__isnull=True) | Q(tolerance__gte=0), name="listings_parameter_tolerance"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.get_operator_display()} {self.value:g} {self.unit}".strip()

    @property
    def written(self) -> str:
        """The value as people write it, such as “≥ 300 ± 5 Wh/kg”; twelve digits are more than anybody measures."""
        value = f"{self.value:.12g}"
        span = f"{value} – {self.value_high:.12g}" if self.value_high is not None else None
        tolerance = f" ± {self.tolerance:.12g}" if self.tolerance is not None else ""
        return f"{span or f'{self.get_operator_display()} {value}'}{tolerance} {self.unit}".strip()
