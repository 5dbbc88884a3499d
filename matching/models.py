"""Weight sets, runs and their blocks, matches with contributions, curators' decisions, feedback, introductions."""

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from ronghe.common.models import Dated, PubliclyNamed
from ronghe.common.text import validate_clean_text


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


class Match(PubliclyNamed, Dated):
    """An organization that answers a need, with everything the engine said about it.

    The row outlives recomputes, so that what both sides answered is kept: `rank` is empty while the organization is
    not in the need's current list.
    """

    class Answer(models.TextChoices):
        """What a side said to the match."""

        NEW = "new", _("new")
        SEEN = "seen", _("seen")
        INTERESTED = "interested", _("interested")
        DECLINED = "declined", _("declined")
        CONTACTED = "contacted", _("contacted")

    class Exposure(models.TextChoices):
        """What the limits on exposure made of a ranked match."""

        BY_RANK = "", _("by rank")
        WITHHELD = "withheld", _("withheld")
        MOVED_UP = "moved_up", _("moved up")
        NEWCOMER = "newcomer", _("newcomer's place")

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="matches", verbose_name=_("need"))
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="matches", verbose_name=_("organization")
    )
    run = models.ForeignKey(
        MatchRun, null=True, on_delete=models.SET_NULL, related_name="matches", verbose_name=_("run")
    )
    rank = models.PositiveIntegerField(_("rank"), null=True, blank=True)
    score = models.FloatField(_("score"), help_text=_("Points out of 100."))
    contributions = models.JSONField(_("contributions"), default=list, help_text=_("They sum to the score."))
    supporting = models.JSONField(_("supporting records"), default=list)
    unknowns = models.JSONField(_("unknowns"), default=list)
    flags = models.JSONField(_("flags"), default=list, help_text=_("How it was computed, where that was not as usual."))
    fingerprint = models.BigIntegerField(
        _("fingerprint"),
        null=True,
        editable=False,
        help_text=_("A number made of what the engine said, so that a changed row is known without reading it."),
    )
    exposure = models.CharField(
        _("exposure"), max_length=8, choices=Exposure, default=Exposure.BY_RANK, blank=True, editable=False
    )
    need_answer = models.CharField(_("answer of the need's side"), max_length=10, choices=Answer, default=Answer.NEW)
    need_decline_reason = models.CharField(_("reason of the need's side"), max_length=500, blank=True)
    organization_answer = models.CharField(
        _("answer of the organization"), max_length=10, choices=Answer, default=Answer.NEW
    )
    organization_decline_reason = models.CharField(_("reason of the organization"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ["need_id", F("rank").asc(nulls_last=True), "id"]
        constraints = [
            models.UniqueConstraint(fields=["need", "organization"], name="matching_match_once"),
            models.CheckConstraint(condition=Q(rank__isnull=True) | Q(rank__gte=1), name="matching_match_rank"),
        ]
        indexes = [
            models.Index(fields=["need", "rank"], name="matching_match_need_rank"),
            models.Index(fields=["organization", "rank"], name="matching_match_organization"),
            models.Index(fields=["-score"], condition=Q(rank__isnull=False), name="matching_match_best"),
            # Without limits it is empty, so that every run can ask what limits have left behind.
            models.Index(fields=["exposure"], condition=Q(exposure__gt=""), name="matching_match_exposed"),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} × {self.organization_id}: {self.score:.1f}"

    @property
    def has_newcomer_place(self) -> bool:
        """Whether a place kept for newcomers brought it into the list."""
        return self.exposure == self.Exposure.NEWCOMER

    @classmethod
    def visibility(cls, viewer: Viewer) -> Q:
        """Each side sees a match while the other side's record exists for it; nobody else sees it at all.

        Who has been introduced keeps seeing the match when the need has ended.
        """
        asking = Q(need__organization_id__in=viewer.organization_ids) & Organization.listed("organization__")
        published = Q(need__status__in=Need.VISIBLE_STATUSES) | Q(introduction__isnull=False)
        answering = Q(organization_id__in=viewer.organization_ids) & Organization.listed("need__organization__")
        return asking | (answering & published)


class PublishedList(models.Model):
    """Which list of a need is in force, in one number: an unchanged list is known without reading its matches."""

    need = models.OneToOneField(
        Need, on_delete=models.CASCADE, primary_key=True, related_name="published_list", verbose_name=_("need")
    )
    run = models.ForeignKey(MatchRun, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("run"))
    fingerprint = models.BigIntegerField(_("fingerprint"))

    class Meta:
        verbose_name = _("published list")
        verbose_name_plural = _("published lists")

    def __str__(self) -> str:
        return f"{self.need_id}: {self.fingerprint:x}"


class MatchExclusion(models.Model):
    """An organization that looked promising but is not in the list, and why."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="exclusions", verbose_name=_("need"))
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="exclusions", verbose_name=_("organization")
    )
    run = models.ForeignKey(MatchRun, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("run"))
    stage = models.CharField(_("stage"), max_length=20)
    reasons = models.JSONField(_("reasons"), default=list)

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        constraints = [models.UniqueConstraint(fields=["need", "organization"], name="matching_exclusion_once")]

    def __str__(self) -> str:
        return f"{self.need_id} × {self.organization_id}: {self.stage}"


class MatchDecision(Dated):
    """A curator pins, demotes or suppresses an organization for a need; it survives recomputes."""

    class Kind(models.TextChoices):
        """What was decided."""

        PIN = "pin", _("pin to the top")
        DEMOTE = "demote", _("demote to the end")
        SUPPRESS = "suppress", _("suppress")

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="match_decisions", verbose_name=_("need"))
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="match_decisions", verbose_name=_("organization")
    )
    kind = models.CharField(_("decision"), max_length=8, choices=Kind)
    reason = models.CharField(_("reason"), max_length=500, validators=[validate_clean_text])
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("decision on a match")
        verbose_name_plural = _("decisions on matches")
        constraints = [
            models.UniqueConstraint(fields=["need", "organization"], name="matching_decision_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="matching_decision_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.need_id} × {self.organization_id}"


class MatchFeedback(models.Model):
    """What became of a match, in the order it happened. Weights are learned from these rows."""

    class Outcome(models.TextChoices):
        """What happened."""

        INTERESTED = "interested", _("interested")
        DECLINED = "declined", _("declined")
        INTRODUCED = "introduced", _("introduced")
        CONTACTED = "contacted", _("contacted")
        CONTRACTED = "contracted", _("contracted")

    class Party(models.TextChoices):
        """Which side it came from."""

        NEED = "need", _("the need's side")
        ORGANIZATION = "organization", _("the organization")
        BOTH = "both", _("both sides")

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="feedback", verbose_name=_("match"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    party = models.CharField(_("side"), max_length=12, choices=Party)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    score = models.FloatField(_("score at that time"))
    contributions = models.JSONField(_("contributions at that time"), default=list)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("given by")
    )
    given_at = models.DateTimeField(_("given"), auto_now_add=True)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.match_id}: {self.outcome}"


class Introduction(PubliclyNamed, Dated):
    """Both sides are interested: they are introduced, and a response clock runs."""

    class Status(models.TextChoices):
        """Where an introduction stands."""

        OPEN = "open", pgettext_lazy("answer", "open")
        ANSWERED = "answered", _("answered")
        LAPSED = "lapsed", _("lapsed")

    match = models.OneToOneField(Match, on_delete=models.CASCADE, related_name="introduction", verbose_name=_("match"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    respond_by = models.DateTimeField(_("respond by"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("introduction")
        verbose_name_plural = _("introductions")

    def __str__(self) -> str:
        return f"{self.match_id} ({self.status})"
