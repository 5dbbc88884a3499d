"""Matching in the admin: curators steer matches and look after runs here."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from consortia.organizations.viewing import viewer_of_request
from matching.engine import DEFAULT_WEIGHTS
from matching.explanations import criterion_label
from matching.models import (
    Introduction,
    Match,
    MatchBlock,
    MatchDecision,
    MatchExclusion,
    MatchFeedback,
    MatchRun,
    PublishedList,
    WeightSet,
)
from matching.services.decisions import decide_match, withdraw_decision
from matching.services.runs import cancel_run, retry_run, start_full_run
from matching.services.weights import (
    activate_weight_set,
    evaluate_weight_set,
    held_out_comparisons,
    reference_comparison,
    retire_weight_set,
    sign_off_weight_set,
)
from ronghe.common.admin import RecordAdmin, RecordInline


class BlockInline(RecordInline):
    """The shares of a run."""

    model = MatchBlock
    fields = ["number", "status", "attempts", "claimed_until", "error"]


@admin.register(MatchRun)
class MatchRunAdmin(RecordAdmin):
    """Recomputes, with what curators do to them."""

    list_display = [
        "id",
        "scope",
        "status",
        "reason",
        "needs_done",
        "needs_total",
        "matches_written",
        "points_lost",
        "started_at",
        "finished_at",
    ]
    list_filter = ["status", "scope"]
    search_fields = ["public_id", "reason", "error"]
    list_select_related = ["requested_by"]
    inlines = [BlockInline]
    actions = ["cancel", "retry", "recompute_everything"]

    @admin.display(description=_("points lost to exposure"))
    def points_lost(self, run: MatchRun) -> str:
        """By how much limits on exposure lowered the lists, in all; empty without limits."""
        return str(run.figures.get("points_lost", ""))

    @admin.action(description=_("Cancel"))
    def cancel(self, request: HttpRequest, queryset: "models.QuerySet[MatchRun]") -> None:
        """Stop the chosen runs."""
        actor = viewer_of_request(request)
        self.act_on_each(request, queryset, lambda run: cancel_run(actor=actor, run=run))

    @admin.action(description=_("Try again"))
    def retry(self, request: HttpRequest, queryset: "models.QuerySet[MatchRun]") -> None:
        """Ask again for what the chosen runs did not do."""
        actor = viewer_of_request(request)
        self.act_on_each(request, queryset, lambda run: retry_run(actor=actor, run=run))

    @admin.action(description=_("Recompute everything"))
    def recompute_everything(self, request: HttpRequest, queryset: "models.QuerySet[MatchRun]") -> None:
        """Queue a full run, whichever are chosen."""
        run = start_full_run(actor=viewer_of_request(request))
        messages.success(request, _("Run %(run)s is queued.") % {"run": run.pk})


@admin.register(MatchBlock)
class MatchBlockAdmin(RecordAdmin):
    """Shares of runs: failing jobs are found here."""

    list_display = ["run", "number", "status", "attempts", "claimed_until", "error"]
    list_filter = ["status"]
    search_fields = ["run__public_id", "error"]
    list_select_related = ["run"]


@admin.register(Match)
class MatchAdmin(RecordAdmin):
    """Matches with what both sides said."""

    list_display = [
        "need",
        "organization",
        "rank",
        "exposure",
        "score",
        "need_answer",
        "organization_answer",
        "updated_at",
    ]
    list_filter = ["need_answer", "organization_answer", "exposure", ("rank", admin.EmptyFieldListFilter)]
    search_fields = ["public_id", "need__title", "organization__display_name"]
    list_select_related = ["need", "organization"]


@admin.register(PublishedList)
class PublishedListAdmin(RecordAdmin):
    """Which run's list of each need is in force."""

    list_display = ["need", "run", "fingerprint"]
    search_fields = ["need__title"]
    list_select_related = ["need", "run"]


@admin.register(MatchExclusion)
class MatchExclusionAdmin(RecordAdmin):
    """Organizations that looked promising but were dropped."""

    list_display = ["need", "organization", "stage", "reasons"]
    list_filter = ["stage"]
    search_fields = ["need__title", "organization__display_name"]
    list_select_related = ["need", "organization"]


class DecisionForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A curator's decision on one pair."""

    class Meta:
        model = MatchDecision
        fields = ["need", "organization", "kind", "reason"]


@admin.register(MatchDecision)
class MatchDecisionAdmin(RecordAdmin):
    """Pins, demotions and suppressions; made, changed and withdrawn through the service."""

    form = DecisionForm
    list_display = ["need", "organization", "kind", "reason", "decided_by", "updated_at"]
    list_filter = ["kind"]
    search_fields = ["need__title", "organization__display_name", "reason"]
    list_select_related = ["need", "organization", "decided_by"]
    raw_id_fields = ["need", "organization"]
    actions = ["withdraw"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Curators steer matches."""
        return viewer_of_request(request).is_curator

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Curators change their mind."""
        return viewer_of_request(request).is_curator

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        """The pair is fixed once it was decided on."""
        return ["need", "organization"] if obj else []

    def save_model(self, request: HttpRequest, obj: MatchDecision, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's signature
        """Decide through the service."""
        decided = decide_match(
            actor=viewer_of_request(request),
            need=obj.need,
            organization=obj.organization,
            kind=obj.kind,
            reason=obj.reason,
        )
        obj.pk = decided.pk

    @admin.action(description=_("Withdraw the decision"))
    def withdraw(self, request: HttpRequest, queryset: "models.QuerySet[MatchDecision]") -> None:
        """Let the engine's order stand again."""
        actor = viewer_of_request(request)
        self.act_on_each(request, queryset, lambda decision: withdraw_decision(actor=actor, decision=decision))


@admin.register(MatchFeedback)
class MatchFeedbackAdmin(RecordAdmin):
    """What became of matches."""

    list_display = ["match", "outcome", "party", "reason", "score", "given_by", "given_at"]
    list_filter = ["outcome", "party"]
    search_fields = ["match__public_id", "match__need__title", "match__organization__display_name", "reason"]
    list_select_related = ["match", "given_by"]


@admin.register(Introduction)
class IntroductionAdmin(RecordAdmin):
    """Introductions and their response clocks."""

    list_display = ["match", "status", "respond_by", "answered_at"]
    list_filter = ["status"]
    search_fields = ["public_id", "match__need__title", "match__organization__display_name"]
    list_select_related = ["match"]


class SignOffForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Why these weights may go live."""

    class Meta:
        model = WeightSet
        fields = ["sign_off_reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "sign_off_reason" in self.fields:
            self.fields["sign_off_reason"].required = True


@admin.register(WeightSet)
class WeightSetAdmin(RecordAdmin):
    """Learned weights: compared here, signed off by saving the reason, then activated or retired."""

    form = SignOffForm
    list_display = ["id", "status", "engine_version", "created_at", "signed_off_by", "signed_off_at", "activated_at"]
    list_filter = ["status"]
    search_fields = ["public_id", "sign_off_reason"]
    list_select_related = ["signed_off_by"]
    actions = ["evaluate", "activate", "retire"]
    fields = [
        "status",
        "sign_off_reason",
        "signed_off_by",
        "signed_off_at",
        "activated_at",
        "retired_at",
        "compared",
        "points",
        "provenance",
        "engine_version",
        "created_at",
    ]

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """An evaluated set waits for a sign-off; nothing else is written here."""
        waits = isinstance(obj, WeightSet) and obj.status == WeightSet.Status.EVALUATED
        return waits and viewer_of_request(request).is_curator

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        """Everything but the reason."""
        return [name for name in self.fields if name != "sign_off_reason"]

    @admin.display(description=_("Ranking beside the weights in force"))
    def compared(self, weight_set: WeightSet) -> SafeString:
        """The measures on every reference set, with their intervals."""
        reference = reference_comparison(weight_set)
        comparisons = [*held_out_comparisons(weight_set), *([reference] if reference else [])]
        return render_to_string("matching/weights_compared.html", {"comparisons": comparisons})

    @admin.display(description=_("Points"))
    def points(self, weight_set: WeightSet) -> SafeString:
        """The points of every criterion beside the default ones."""
        taught = weight_set.provenance.get("taught", [])
        rows = [
            (criterion_label(name), DEFAULT_WEIGHTS.get(name), points, name in taught)
            for name, points in weight_set.weights.items()
        ]
        return render_to_string("matching/weights_points.html", {"rows": rows})

    def save_model(self, request: HttpRequest, obj: WeightSet, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's signature
        """Sign off through the service."""
        sign_off_weight_set(actor=viewer_of_request(request), weight_set=obj, reason=obj.sign_off_reason)

    @admin.action(description=_("Compare with the weights in force again"))
    def evaluate(self, request: HttpRequest, queryset: "models.QuerySet[WeightSet]") -> None:
        """Measure drafts on the reference set."""
        self.act_on_each(request, queryset, lambda chosen: evaluate_weight_set(weight_set=chosen))

    @admin.action(description=_("Activate: matches are recomputed with it"))
    def activate(self, request: HttpRequest, queryset: "models.QuerySet[WeightSet]") -> None:
        """Put the chosen set in force, unless it ranks worse."""
        actor = viewer_of_request(request)
        self.act_on_each(request, queryset, lambda chosen: activate_weight_set(actor=actor, weight_set=chosen))

    @admin.action(description=_("Retire"))
    def retire(self, request: HttpRequest, queryset: "models.QuerySet[WeightSet]") -> None:
        """Take the chosen sets out of use."""
        actor = viewer_of_request(request)
        self.act_on_each(request, queryset, lambda chosen: retire_weight_set(actor=actor, weight_set=chosen))
