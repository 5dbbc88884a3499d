"""Matching in the admin: every model can be listed, searched and read; actions go through the services."""

import pytest
from django.urls import reverse

from matching.engine import DEFAULT_WEIGHTS
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
from matching.services import runs
from matching.services.answers import answer_match
from matching.services.weights import draft_weight_set

MODELS = [
    Introduction,
    Match,
    MatchBlock,
    MatchDecision,
    MatchExclusion,
    MatchFeedback,
    MatchRun,
    PublishedList,
    WeightSet,
]


@pytest.fixture
def everything(match, need, charlie_works, alice_viewer, dora_viewer):
    """At least one row of every model."""
    for viewer in (alice_viewer, dora_viewer):
        answer_match(actor=viewer, match=match, answer="interested")
    MatchDecision.objects.create(need=need, organization=charlie_works, kind="demote", reason="x")
    MatchExclusion.objects.create(need=need, organization=charlie_works, stage="hard_rule", reasons=[])
    draft_weight_set(weights=DEFAULT_WEIGHTS, provenance={}, held_out=[])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_searches_and_shows(everything, curator_client, model, django_assert_max_num_queries):
    changelist = reverse(f"admin:matching_{model._meta.model_name}_changelist")
    with django_assert_max_num_queries(20):
        assert curator_client.get(changelist).status_code == 200
    assert curator_client.get(changelist, {"q": "electrolyte"}).status_code == 200
    row = model.objects.first()
    change = reverse(f"admin:matching_{model._meta.model_name}_change", args=[row.pk])
    assert curator_client.get(change).status_code == 200


@pytest.mark.parametrize("model", [model for model in MODELS if model is not MatchDecision])
def test_records_are_not_written_past_the_services(everything, curator_client, model):
    name = model._meta.model_name
    assert curator_client.get(reverse(f"admin:matching_{name}_add")).status_code == 403
    row = model.objects.first()
    assert (
        curator_client.post(reverse(f"admin:matching_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    )


def test_others_do_not_enter(everything, alice_client):
    assert alice_client.get(reverse("admin:matching_match_changelist")).status_code == 302


def decide(client, need, organization, **changes):
    given = {"need": need.pk, "organization": organization.pk, "kind": "pin", "reason": "Fits best", **changes}
    return client.post(reverse("admin:matching_matchdecision_add"), given)


def test_a_decision_is_made_changed_and_withdrawn(match, need, charlie_works, curator_client, curator):
    assert decide(curator_client, need, charlie_works).status_code == 302
    decision = MatchDecision.objects.get()
    assert (decision.kind, decision.decided_by) == ("pin", curator)
    change = reverse("admin:matching_matchdecision_change", args=[decision.pk])
    curator_client.post(change, {"kind": "suppress", "reason": "Bankrupt"})
    decision.refresh_from_db()
    assert (decision.kind, decision.reason, decision.organization) == ("suppress", "Bankrupt", charlie_works)
    listed = reverse("admin:matching_matchdecision_changelist")
    curator_client.post(listed, {"action": "withdraw", "_selected_action": [decision.pk]})
    assert not MatchDecision.objects.exists()


def test_a_decision_without_a_reason_is_refused(match, need, charlie_works, curator_client):
    response = decide(curator_client, need, charlie_works, reason="")
    assert response.status_code == 200
    assert not MatchDecision.objects.exists()


def test_runs_are_cancelled_retried_and_started(run, curator_client):
    listed = reverse("admin:matching_matchrun_changelist")

    def act(action: str, chosen: MatchRun):
        return curator_client.post(listed, {"action": action, "_selected_action": [chosen.pk]}, follow=True)

    waiting = runs.request_full_run(reason="x")
    act("cancel", waiting)
    waiting.refresh_from_db()
    assert waiting.status == "cancelled"
    assert "has ended already" in act("cancel", waiting).content.decode()
    act("retry", waiting)
    assert MatchRun.objects.filter(status="queued").count() == 1
    act("recompute_everything", run)
    assert MatchRun.objects.filter(status="queued").count() == 1
