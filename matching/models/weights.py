"""Weight sets: points per criterion that were learned, judged and signed off."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronghe.common.models import Dated, PubliclyNamed


class WeightSet(PubliclyNamed, Dated):
    """Points per criterion, as learned from outcomes: a versioned artefact with its evaluation and its sign-off.

    Without an active one, runs use the engine's default weights.
    """

    class Status(models.TextChoices):
        """Where a weight set stands."""

        DRAFT = "draft", _("draft")
        EVALUATED = "evaluated", _("evaluated")
        SIGNED_OFF = "signed_off", _("signed off")
        ACTIVE = "active", _("active")
        RETIRED = "retired", _("retired")

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    weights = models.JSONField(_("weights"), help_text=_("Points per criterion; they sum to 100."))
    provenance = models.JSONField(
        _("provenance"), default=dict, help_text=_("Data, periods and settings from which the weights were learned.")
    )
    evaluation = models.JSONField(
        _("evaluation"), default=dict, help_text=_("Measures before and after, with intervals, by reference set.")
    )
    engine_version = models.CharField(_("engine version"), max_length=40)
    signed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("signed off by"),
    )
    signed_off_at = models.DateTimeField(_("signed off"), null=True, blank=True)
    sign_off_reason = models.CharField(_("reason of the sign-off"), max_length=500, blank=True)
    activated_at = models.DateTimeField(_("last activated"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        verbose_name = _("weight set")
        verbose_name_plural = _("weight sets")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="active"), name="matching_weights_one_active"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["signed_off", "active"])
                | (Q(signed_off_at__isnull=False) & ~Q(sign_off_reason="")),
                name="matching_weights_signed_off",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} ({self.status})"
