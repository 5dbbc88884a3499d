"""The life of a weight set: nothing goes live without a person's word, nor when it ranks worse."""

import pytest
from django.db import IntegrityError, connection, transaction

from consortia.disclosure.viewer import OPERATOR
from matching import engine
from matching.evaluation import reference
from matching.evaluation.comparison import compare
from matching.evaluation.reference import compare_on_reference
from matching.models import MatchRun, WeightSet
from matching.services import configuration, weights
from matching.services.runs import request_incremental_run
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed
from tests.matching import world
from tests.matching.engine.builders import only
from tests.matching.judged_authoring import write_reference
from tests.matching.test_runs import in_threads

Status = WeightSet.Status
SETS = "/api/v1/weight-sets/"

DEFAULTS = engine.DEFAULT_WEIGHTS
BETTER = {**DEFAULTS, "text": DEFAULTS["text"] - 10, "trl": DEFAULTS["trl"] + 10}
"""Other weights than the default ones, which rank the reference set as well as they do."""
BLIND = only("text")
"""Weights that cannot see what tells right from wrong in the reference set."""


@pytest.fixture(autouse=True)
def _small_reference(monkeypatch, tmp_path):
    monkeypatch.setattr(reference, "REFERENCE_FOLDER", write_reference(tmp_path / "reference"))


def make_draft(points=BETTER, held_out=()) -> WeightSet:
    return weights.draft_weight_set(weights=points, provenance={"needs": 3}, held_out=held_out)


def make_signed(actor, points=BETTER, held_out=()) -> WeightSet:
    evaluated = weights.evaluate_weight_set(weight_set=make_draft(points, held_out))
    return weights.sign_off_weight_set(actor=actor, weight_set=evaluated, reason="Better on both periods")


def measured(before: list[float], after: list[float]):
    return compare("CORDIS partners", before={"nDCG@20": before}, after={"nDCG@20": after}, deciding="nDCG@20")


# --- from draft to retired --------------------------------------------------------------------------------------------


def test_a_set_goes_from_draft_to_active_and_runs_name_it(curator_viewer, need, capability):
    draft = make_draft()
    assert (draft.status, draft.engine_version) == (Status.DRAFT, engine.ENGINE_VERSION)
    evaluated = weights.evaluate_weight_set(weight_set=draft)
    assert evaluated.status == Status.EVALUATED
    found = weights.reference_comparison(evaluated)
    assert (found.needs, found.is_worse, found.verdict.after) == (3, False, 1.0)
    signed = weights.sign_off_weight_set(actor=curator_viewer, weight_set=evaluated, reason=" Better ")
    assert (signed.status, signed.sign_off_reason) == (Status.SIGNED_OFF, "Better")
    assert signed.signed_off_by_id == curator_viewer.user_id
    before = world.recompute()
    assert (before.weight_set, before.settings["weights"]["trl"]) == (None, DEFAULTS["trl"])

    active = weights.activate_weight_set(actor=curator_viewer, weight_set=signed)
    assert active.status == Status.ACTIVE
    queued = MatchRun.objects.get(status="queued")
    assert (queued.scope, queued.reason) == ("full", f"weight set {active.pk}")
    assert queued.requested_by_id == curator_viewer.user_id
    run = world.recompute(queued)
    assert (run.status, run.weight_set, run.settings["weights"]) == ("done", active, BETTER)
    assert need.matches.get().contributions[0]["available"] == BETTER["text"]


def test_an_incremental_run_after_other_weights_computes_everything(curator_viewer, need, capability):
    world.recompute()
    MatchRun.objects.filter(status="queued").delete()
    weights.activate_weight_set(actor=curator_viewer, weight_set=make_signed(curator_viewer))
    MatchRun.objects.filter(status="queued").delete()
    run = world.recompute(request_incremental_run(reason="test", need_ids=[need.pk]))
    assert (run.scope, run.settings["weights"]) == ("full", BETTER)


def test_the_replaced_set_can_come_back(curator_viewer):
    first, second = (
        make_signed(curator_viewer),
        make_signed(curator_viewer, {**BETTER, "text": BETTER["text"] - 1, "trl": BETTER["trl"] + 1}),
    )
    for chosen in (first, second, first):
        weights.activate_weight_set(actor=curator_viewer, weight_set=chosen)
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.ACTIVE, Status.SIGNED_OFF)
    assert configuration.current_settings().weights["trl"] == BETTER["trl"]


def test_after_the_active_set_retires_the_default_weights_are_in_force(curator_viewer):
    active = weights.activate_weight_set(actor=curator_viewer, weight_set=make_signed(curator_viewer))
    MatchRun.objects.all().delete()
    weights.retire_weight_set(actor=curator_viewer, weight_set=active)
    assert active.status == Status.RETIRED
    assert configuration.current_settings().weights == DEFAULTS
    assert MatchRun.objects.get().reason == f"weight set {active.pk} retired"
    with pytest.raises(Conflict, match="retired already"):
        weights.retire_weight_set(actor=curator_viewer, weight_set=active)
    with pytest.raises(Conflict, match="signed-off"):
        weights.activate_weight_set(actor=curator_viewer, weight_set=active)


def test_a_retired_draft_has_nothing_recomputed(curator_viewer):
    weights.retire_weight_set(actor=curator_viewer, weight_set=make_draft())
    assert not MatchRun.objects.exists()


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_set_that_ranks_worse_on_the_reference_set_is_refused_with_the_figures(curator_viewer):
    signed = make_signed(curator_viewer, BLIND)
    with pytest.raises(
        Conflict, match=rf"Weight set {signed.pk} ranks worse.*nDCG@10 0\.\d+ instead of 1\.000"
    ) as caught:
        weights.activate_weight_set(actor=curator_viewer, weight_set=signed)
    assert caught.value.code == "ranks_worse"
    assert caught.value.fields["weights"][0].startswith("Reference set: nDCG@10")
    signed.refresh_from_db()
    assert signed.status == Status.SIGNED_OFF
    assert configuration.current_settings().weights == DEFAULTS
    assert not MatchRun.objects.exists()


@pytest.mark.parametrize(
    ("before", "after", "is_refused"),
    [
        ([0.5] * 50, [0.499] * 50, True),  # a small loss, but a certain one
        ([0.5, 0.1] * 5, [0.1, 0.45] * 5, True),  # an uncertain loss beyond what is tolerated
        ([0.5, 0.1] * 5, [0.3, 0.295] * 5, False),  # an uncertain loss that is tolerated
        ([0.5] * 50, [0.5] * 50, False),
        ([0.1] * 50, [0.5] * 50, False),
    ],
)
def test_a_set_that_ranks_worse_in_its_own_evaluation_is_refused(curator_viewer, before, after, is_refused):
    signed = make_signed(curator_viewer, held_out=[measured([0.1], [0.9]), measured(before, after)])
    if is_refused:
        with pytest.raises(Conflict, match="CORDIS partners"):
            weights.activate_weight_set(actor=curator_viewer, weight_set=signed)
    else:
        weights.activate_weight_set(actor=curator_viewer, weight_set=signed)
    signed.refresh_from_db()
    assert signed.status == (Status.SIGNED_OFF if is_refused else Status.ACTIVE)


def test_the_comparison_is_with_the_weights_in_force(curator_viewer):
    """What is no worse than the default weights may be worse than what has replaced them."""
    now_active = make_signed(curator_viewer)
    WeightSet.objects.filter(pk=now_active.pk).update(status=Status.ACTIVE, weights=BLIND)
    signed = make_signed(curator_viewer)
    assert weights.reference_comparison(signed).verdict.before < 1
    weights.activate_weight_set(actor=curator_viewer, weight_set=signed)
    assert configuration.weight_set_in_force() == signed


def test_steps_cannot_be_skipped(curator_viewer):
    draft = make_draft()
    with pytest.raises(Conflict, match="evaluated"):
        weights.sign_off_weight_set(actor=curator_viewer, weight_set=draft, reason="x")
    with pytest.raises(Conflict, match="signed-off"):
        weights.activate_weight_set(actor=curator_viewer, weight_set=draft)
    signed = make_signed(curator_viewer)
    with pytest.raises(Conflict, match="Only a draft"):
        weights.evaluate_weight_set(weight_set=signed)
    with pytest.raises(Conflict, match="not yet signed off"):
        weights.sign_off_weight_set(actor=curator_viewer, weight_set=signed, reason="x")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\x00b"])
def test_a_sign_off_without_a_proper_reason_is_refused(curator_viewer, reason):
    evaluated = weights.evaluate_weight_set(weight_set=make_draft())
    with pytest.raises(InvalidInput) as caught:
        weights.sign_off_weight_set(actor=curator_viewer, weight_set=evaluated, reason=reason)
    assert set(caught.value.fields) == {"sign_off_reason"}
    evaluated.refresh_from_db()
    assert evaluated.status == Status.EVALUATED


def test_only_curators_decide_and_only_people_sign(alice_viewer, charlie_viewer, curator_viewer):
    evaluated = weights.evaluate_weight_set(weight_set=make_draft())
    signed = make_signed(curator_viewer)
    for viewer in (alice_viewer, charlie_viewer):
        with pytest.raises(NotAllowed):
            weights.sign_off_weight_set(actor=viewer, weight_set=evaluated, reason="x")
        with pytest.raises(NotAllowed):
            weights.activate_weight_set(actor=viewer, weight_set=signed)
        with pytest.raises(NotAllowed):
            weights.retire_weight_set(actor=viewer, weight_set=signed)
    with pytest.raises(NotAllowed, match="person"):
        weights.sign_off_weight_set(actor=OPERATOR, weight_set=evaluated, reason="x")
    assert list(WeightSet.objects.order_by("pk").values_list("status", flat=True)) == ["evaluated", "signed_off"]


@pytest.mark.parametrize(
    "points",
    [
        {**DEFAULTS, "text": 90.0},
        {**DEFAULTS, "text": DEFAULTS["text"] + DEFAULTS["route"] + 3, "route": -3.0},
        {"text": 100.0},
        {**DEFAULTS, "text": float("nan")},
    ],
)
def test_weights_that_do_not_fit_the_engine_are_not_stored(db, points):
    with pytest.raises(InvalidInput):
        make_draft(points)
    assert not WeightSet.objects.exists()


def test_a_set_for_other_criteria_is_neither_evaluated_nor_activated_nor_used(curator_viewer, need, capability):
    signed, draft = make_signed(curator_viewer), make_draft()
    older = {"text": 60.0, "charm": 40.0}
    WeightSet.objects.update(weights=older)
    draft.refresh_from_db()
    with pytest.raises(Conflict, match="other criteria"):
        weights.evaluate_weight_set(weight_set=draft)
    with pytest.raises(Conflict, match="other criteria"):
        weights.activate_weight_set(actor=curator_viewer, weight_set=signed)
    # As after an upgrade that brought a criterion.
    WeightSet.objects.filter(pk=signed.pk).update(status=Status.ACTIVE)
    run = world.recompute()
    assert (run.status, run.weight_set) == ("done", None)
    assert run.settings["weights"] == DEFAULTS
    assert [(problem["record"], problem["code"]) for problem in run.problems] == [("weight_set", "other_criteria")]


# --- the API ----------------------------------------------------------------------------------------------------------


def test_curators_read_sets_and_which_one_a_run_used(curator_viewer, curator_client):
    active = weights.activate_weight_set(actor=curator_viewer, weight_set=make_signed(curator_viewer))
    world.recompute(MatchRun.objects.get())
    make_draft()
    assert [found["status"] for found in curator_client.get(SETS).json()["results"]] == ["draft", "active"]
    told = curator_client.get(f"{SETS}{active.public_id}/").json()
    assert (told["number"], told["weights"], told["sign_off_reason"]) == (active.pk, BETTER, "Better on both periods")
    assert told["evaluation"]["reference"]["needs"] == 3
    [run] = curator_client.get("/api/v1/match-runs/").json()["results"]
    assert run["weight_set"] == str(active.public_id)


@pytest.mark.parametrize("who", ["alice_client", "charlie_client", "client"])
def test_nobody_else_learns_of_weight_sets(db, request, who):
    draft = make_draft()
    client = request.getfixturevalue(who)
    for path in (SETS, f"{SETS}{draft.public_id}/"):
        response = client.get(path)
        assert response.status_code in {401, 403}
        assert "trl" not in response.content.decode()


def test_a_set_that_is_not_there(curator_client):
    assert curator_client.get(f"{SETS}00000000-0000-4000-8000-000000000000/").status_code == 404


# --- races ------------------------------------------------------------------------------------------------------------


def test_the_database_keeps_one_active_and_none_unsigned(curator_viewer):
    weights.activate_weight_set(actor=curator_viewer, weight_set=make_signed(curator_viewer))
    other, draft = make_signed(curator_viewer), make_draft()
    with pytest.raises(IntegrityError), transaction.atomic():
        WeightSet.objects.filter(pk=other.pk).update(status=Status.ACTIVE)
    with pytest.raises(IntegrityError), transaction.atomic():
        WeightSet.objects.filter(pk=draft.pk).update(status=Status.SIGNED_OFF)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_first", [True, False], ids=["nothing active", "another active"])
def test_of_several_activations_at_once_one_wins(curator_viewer, is_first):
    if not is_first:
        weights.activate_weight_set(actor=curator_viewer, weight_set=make_signed(curator_viewer))
    signed = [make_signed(curator_viewer) for _ in range(4)]
    replaced = configuration.weight_set_in_force()
    comparison = compare_on_reference(
        before=configuration.current_settings(), after=configuration.installation_settings(signed[0])
    )
    waiting = list(signed)

    def put_in_force():
        try:
            weights._put_in_force(waiting.pop(), replaced, comparison, curator_viewer)
        except Conflict as error:
            return error.code
        finally:
            connection.close()
        return "won"

    outcomes = in_threads(4, put_in_force)
    assert sorted(outcomes) == ["weights_changed"] * 3 + ["won"]
    assert WeightSet.objects.filter(status=Status.ACTIVE).count() == 1
    assert WeightSet.objects.filter(status=Status.SIGNED_OFF).count() == (3 if is_first else 4)
