"""What a run says of a need: the organizations in its list, and those that are not."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching.models.runs import MatchRun
from ronghe.common.models import Dated, PubliclyNamed


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
