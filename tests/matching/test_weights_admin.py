"""Curators read, sign off, activate and retire weight sets in the admin; nobody else sees anything of them."""

import pytest
from django.urls import reverse

from matching.engine import DEFAULT_WEIGHTS as DEFAULTS
from matching.evaluation import reference
from matching.evaluation.comparison import compare
from matching.models import WeightSet
from matching.services import weights
from tests.matching.engine.builders import only
from tests.matching.judged_authoring import write_reference

LISTED = "admin:matching_weightset_changelist"
CHANGE = "admin:matching_weightset_change"


@pytest.fixture(autouse=True)
def _small_reference(monkeypatch, tmp_path):
    monkeypatch.setattr(reference, "REFERENCE_FOLDER", write_reference(tmp_path / "reference"))


@pytest.fixture
def draft(db) -> WeightSet:
    measured = compare(
        "CORDIS partners", before={"nDCG@20": [0.2, 0.4]}, after={"nDCG@20": [0.3, 0.5]}, deciding="nDCG@20"
    )
    return weights.draft_weight_set(
        weights={**DEFAULTS, "text": DEFAULTS["text"] - 10, "trl": DEFAULTS["trl"] + 10},
        provenance={"taught": ["text", "trl"]},
        held_out=[measured],
    )


def act(client, action: str, weight_set: WeightSet):
    response = client.post(reverse(LISTED), {"action": action, "_selected_action": [weight_set.pk]}, follow=True)
    weight_set.refresh_from_db()
    return response.content.decode()


def sign_off(client, weight_set: WeightSet, reason: str = "Better on both periods"):
    response = client.post(reverse(CHANGE, args=[weight_set.pk]), {"sign_off_reason": reason})
    weight_set.refresh_from_db()
    return response


def test_a_set_is_compared_signed_off_activated_and_retired(draft, curator_client, curator):
    act(curator_client, "evaluate", draft)
    assert draft.status == "evaluated"
    assert sign_off(curator_client, draft).status_code == 302
    assert (draft.status, draft.signed_off_by, draft.sign_off_reason) == (
        "signed_off",
        curator,
        "Better on both periods",
    )
    act(curator_client, "activate", draft)
    assert draft.status == "active"
    act(curator_client, "retire", draft)
    assert draft.status == "retired"


def test_the_evaluation_can_be_read(draft, curator_client):
    act(curator_client, "evaluate", draft)
    shown = " ".join(curator_client.get(reverse(CHANGE, args=[draft.pk])).content.decode().split())
    assert "CORDIS partners, 2 needs: does not rank worse" in shown
    assert "<td>0.300</td> <td>0.400</td> <td>0.100</td> <td>0.100 … 0.100</td>" in shown
    assert "Reference set, 3 needs: does not rank worse" in shown
    text, route = (f"<td>{DEFAULTS[name]:.2f}</td>" for name in ("text", "route"))
    assert f"{text} <td>{DEFAULTS['text'] - 10:.2f}</td> <td>yes</td>" in shown
    assert f"{route} {route} <td>no: nothing to learn it from</td>" in shown


def test_a_set_that_ranks_worse_is_refused_with_the_figures(draft, curator_client):
    WeightSet.objects.filter(pk=draft.pk).update(weights=only("text"))
    act(curator_client, "evaluate", draft)
    sign_off(curator_client, draft)
    shown = act(curator_client, "activate", draft)
    assert "ranks worse than the weights in force" in shown
    assert "nDCG@10" in shown
    assert draft.status == "signed_off"


def test_only_an_evaluated_set_is_signed_off_and_only_with_a_reason(draft, curator_client):
    assert sign_off(curator_client, draft).status_code == 403
    act(curator_client, "evaluate", draft)
    assert sign_off(curator_client, draft, reason=" ").status_code == 200
    assert draft.status == "evaluated"


@pytest.mark.parametrize("who", ["alice_client", "charlie_client", "client"])
def test_nobody_else_sees_or_changes_anything(draft, request, who, curator_client):
    act(curator_client, "evaluate", draft)
    client = request.getfixturevalue(who)
    for path in (reverse(LISTED), reverse(CHANGE, args=[draft.pk])):
        assert client.get(path).status_code == 302
    sign_off(client, draft)
    act(client, "activate", draft)
    assert draft.status == "evaluated"
