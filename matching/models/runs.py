"""Runs, each one recompute of matches, and the blocks that workers share."""

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from matching.models.weights import WeightSet
from ronghe.common.models import Dated, PubliclyNamed


class MatchRun(PubliclyNamed, Dated):
    """One recompute, full or of what changed. The row is the job: progress, log, error and cancel are here."""

    class Scope(models.TextChoices):
        """How much is recomputed."""

        FULL = "full", _("all needs")
        INCREMENTAL = "incremental", _("what changed")

    class Status(models.TextChoices):
        """Where a run stands."""

        QUEUED = "queued", _("queued")
        INDEXING = "indexing", _("building the index")
        MATCHING = "matching", _("matching")
        CANCELLING = "cancelling", _("being cancelled")
        CANCELLED = "cancelled", _("cancelled")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    ACTIVE: ClassVar[frozenset[str]] = frozenset({"queued", "indexing", "matching", "cancelling"})

    scope = models.CharField(_("scope"), max_length=12, choices=Scope)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.QUEUED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("requested by"),
    )
    active_slot = models.PositiveSmallIntegerField(
        _("active slot"),
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text=_("1 while the run is at work; the constraint keeps two runs from interleaving."),
    )
    as_of = models.DateField(_("as of"), null=True, blank=True, help_text=_("The day the run takes for today."))
    changes = models.JSONField(
        _("changes"), default=dict, blank=True, help_text=_("For an incremental run: ids of needs and organizations.")
    )
    settings = models.JSONField(_("settings"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    engine_version = models.CharField(_("engine version"), max_length=40, blank=True)
    weight_set = models.ForeignKey(
        WeightSet,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="runs",
        verbose_name=_("weight set"),
        help_text=_("Empty where the engine's default weights were used."),
    )
    index_name = models.CharField(_("index"), max_length=80, blank=True)
    amends = models.JSONField(
        _("amends"),
        default=dict,
        blank=True,
        help_text=_("Of an amended index: the name of the former one, and the organizations replaced since."),
    )
    needs_total = models.PositiveIntegerField(_("needs"), default=0)
    needs_done = models.PositiveIntegerField(_("needs done"), default=0)
    matches_written = models.PositiveIntegerField(_("matches written"), default=0)
    problems = models.JSONField(
        _("problems"), default=list, blank=True, help_text=_("Records that were skipped, each named with the reason.")
    )
    timings = models.JSONField(_("timings"), default=dict, blank=True, help_text=_("Seconds by stage."))
    figures = models.JSONField(
        _("figures of exposure"),
        default=dict,
        blank=True,
        help_text=_("What the limits on exposure changed and cost; empty without limits."),
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    stage = models.CharField(_("stage"), max_length=20, blank=True, help_text=_("What indexing is doing."))
    stage_done = models.PositiveIntegerField(_("done in this stage"), default=0)
    stage_total = models.PositiveIntegerField(_("in this stage in all"), default=0, help_text=_("0 while unknown."))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    claim = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("match run")
        verbose_name_plural = _("match runs")
        ordering = ["-id"]
        constraints = [
            # Whoever asks while one is waiting joins it, even when both ask at the same moment.
            models.UniqueConstraint(
                fields=["scope"], condition=Q(status="queued", as_of__isnull=True), name="matching_run_one_waiting"
            )
        ]
        indexes = [models.Index(fields=["status", "id"], name="matching_run_status")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.scope} ({self.status})"

    @property
    def is_active(self) -> bool:
        """Whether it is waiting or at work."""
        return self.status in self.ACTIVE


class MatchBlock(models.Model):
    """A share of a run's needs that one worker computes and publishes at a time."""

    class Status(models.TextChoices):
        """Where a block stands."""

        PENDING = "pending", _("pending")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="blocks", verbose_name=_("run"))
    number = models.PositiveIntegerField(_("number"))
    need_ids = models.JSONField(_("needs"))
    only_differing = models.BooleanField(
        _("only what differs"),
        default=False,
        help_text=_("Whether only those lists are made again that the run's index moved."),
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claim = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("block of a run")
        verbose_name_plural = _("blocks of runs")
        ordering = ["run_id", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="matching_block_once")]
        indexes = [models.Index(fields=["run", "status"], name="matching_block_status")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number} ({self.status})"
