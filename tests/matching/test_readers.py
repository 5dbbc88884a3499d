"""Every kind of event asks for the right run."""

import pytest
from django.utils import timezone

from consortia.listings import services as listings
from matching.models import MatchDecision, MatchRun
from matching.readers import EVERYTHING, LISTINGS, ONE_ORGANIZATION, STEERING, recompute_stale_lists
from matching.services.answers import answer_match
from matching.services.decisions import decide_match, withdraw_decision
from ronghe.common.errors import InvalidInput, NotAllowed
from ronghe.events.models import Event
from ronghe.events.registry import readers_of
from ronghe.events.services import deliver_due_events
from tests.matching import world

NEED, ORGANIZATION, SUBJECT = 11, 22, 33


def event(kind: str, **payload: object) -> Event:
    return Event(kind=kind, subject_type="x.y", subject_id=SUBJECT, payload=payload, created_at=timezone.now())


def asked_for(*events: Event) -> tuple[str, dict] | None:
    recompute_stale_lists(events)
    run = MatchRun.objects.first()
    return (run.scope, run.changes) if run else None


@pytest.mark.parametrize("kind", sorted(LISTINGS))
def test_a_need_concerns_its_own_list(db, kind):
    found = asked_for(event(kind, side="need", organization=ORGANIZATION))
    assert found == ("incremental", {"needs": [SUBJECT], "organizations": []})


@pytest.mark.parametrize("kind", sorted(LISTINGS))
def test_a_capability_concerns_its_organization(db, kind):
    found = asked_for(event(kind, side="capability", organization=ORGANIZATION))
    assert found == ("incremental", {"needs": [], "organizations": [ORGANIZATION]})


@pytest.mark.parametrize("kind", sorted(ONE_ORGANIZATION))
def test_what_concerns_one_organization(db, kind):
    assert asked_for(event(kind, organization=ORGANIZATION))[1]["organizations"] == [ORGANIZATION]
    assert asked_for(event(kind, organizations=[5, 4]))[1]["organizations"] == [4, 5, ORGANIZATION]
    assert asked_for(event(kind))[1]["organizations"] == [4, 5, ORGANIZATION, SUBJECT]


@pytest.mark.parametrize("kind", sorted(STEERING - {"match.interested"}))
def test_what_was_said_of_a_pair_concerns_one_need(db, kind):
    assert asked_for(event(kind, need=NEED, organization=ORGANIZATION))[1] == {"needs": [NEED], "organizations": []}


def test_interest_moves_a_list_only_when_it_takes_back_a_refusal(db):
    assert asked_for(event("match.interested", need=NEED, organization=ORGANIZATION, was="seen")) is None
    found = asked_for(event("match.interested", need=NEED, organization=ORGANIZATION, was="declined"))
    assert found == ("incremental", {"needs": [NEED], "organizations": []})


@pytest.mark.parametrize("kind", sorted(EVERYTHING))
def test_what_touches_every_score_asks_for_a_full_run(db, kind):
    assert asked_for(event(kind), event("listing.opened", side="need", organization=1)) == ("full", {})


def test_a_batch_becomes_one_run(db):
    events = [
        event("listing.opened", side="need", organization=1),
        event("listing.revised", side="capability", organization=2),
        event("organization.verified", level=3),
    ]
    assert asked_for(*events) == ("incremental", {"needs": [SUBJECT], "organizations": [2, SUBJECT]})
    assert MatchRun.objects.count() == 1


def test_reading_twice_asks_once(db):
    once = event("listing.opened", side="need", organization=1)
    assert asked_for(once) == asked_for(once)
    assert MatchRun.objects.count() == 1


def test_events_of_no_concern_have_no_reader(db):
    for kind in ("listing.drafted", "organization.member_joined", "match.contacted"):
        assert "matching.stale_lists" not in [entry.name for entry in readers_of(kind)]


def test_from_a_published_need_to_its_matches(capability, alice_viewer, alice_lab):
    need = world.publish_need(alice_viewer, alice_lab)
    deliver_due_events()
    run = MatchRun.objects.get()
    assert (run.status, run.changes["needs"]) == ("queued", [need.pk])
    world.recompute(run)
    assert world.listed(need) == ["Dora Materials"]


def test_a_refusal_keeps_the_organization_away_until_it_is_taken_back(match, need, alice_viewer):
    deliver_due_events()
    world.recompute(MatchRun.objects.first())
    answer_match(actor=alice_viewer, match=match, answer="declined", reason="Too far away")
    deliver_due_events()
    world.recompute(MatchRun.objects.first())
    assert world.listed(need) == []
    answer_match(actor=alice_viewer, match=match, answer="interested")
    deliver_due_events()
    world.recompute(MatchRun.objects.first())
    assert world.listed(need) == ["Dora Materials"]


def test_a_suppressed_organization_leaves_and_comes_back(match, need, dora_materials, curator_viewer):
    decision = decide_match(
        actor=curator_viewer, need=need, organization=dora_materials[0], kind="suppress", reason="Bankrupt"
    )
    deliver_due_events()
    world.recompute(MatchRun.objects.first())
    assert world.listed(need) == []
    withdraw_decision(actor=curator_viewer, decision=decision)
    deliver_due_events()
    world.recompute(MatchRun.objects.first())
    assert world.listed(need) == ["Dora Materials"]


def test_only_curators_decide_and_never_without_a_reason(need, dora_materials, alice_viewer, curator_viewer):
    pair = {"need": need, "organization": dora_materials[0], "kind": "pin"}
    with pytest.raises(NotAllowed):
        decide_match(actor=alice_viewer, reason="We like them", **pair)
    for reason in ("", "   ", "bell \x07"):
        with pytest.raises(InvalidInput) as refused:
            decide_match(actor=curator_viewer, reason=reason, **pair)
        assert "reason" in refused.value.fields
    with pytest.raises(InvalidInput) as refused:
        decide_match(actor=curator_viewer, reason="x", **{**pair, "kind": "promote"})
    assert "kind" in refused.value.fields
    decide_match(actor=curator_viewer, reason="x", **pair)
    decide_match(actor=curator_viewer, reason="y", **{**pair, "kind": "demote"})
    assert MatchDecision.objects.get().kind == "demote"


def test_a_withdrawn_capability_leaves_the_list_after_its_event(match, need, capability, dora_viewer):
    deliver_due_events()
    world.recompute(MatchRun.objects.first())
    listings.withdraw_listing(actor=dora_viewer, listing=capability)
    deliver_due_events()
    world.recompute(MatchRun.objects.first())
    assert world.listed(need) == []
