"""What people say to matches: curators' decisions, both sides' feedback, introductions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching.models.matches import Match
from ronghe.common.models import Dated, PubliclyNamed
from ronghe.common.text import validate_clean_text


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
