"""What would lift an organization into a list: told step by step, over worlds small enough to see through."""

from dataclasses import replace
from decimal import Decimal

import pytest

from matching.engine import Document, NearMiss, Need, Organization, Parameter, TechnologyUse, Text, near_miss
from tests.matching.engine.builders import TODAY, USE, make_document, make_index, make_need, make_settings

pytestmark = pytest.mark.database_free

BOB = Organization("bob", type="firm", country="CN")
ONE_PLACE = make_settings(top_k=1)


def search(need: Need, bobs: Document, rival: Document, *, side: str = "organization", **options: object) -> NearMiss:
    """Bob's near miss against one rival, Dora."""
    index = make_index([bobs, rival], [BOB], ONE_PLACE)
    return near_miss(index, need, BOB, [bobs], side=side, **options)


def told(found: NearMiss) -> list[list[tuple[str, object]]]:
    """The ways in, as names and new values."""
    return [[(change.name, change.value) for change in way.changes] for way in found.ways]


def test_the_smallest_step_that_suffices_is_told():
    rival = make_document("rival", "dora", trl=(3, 6))
    found = search(make_need(trl=(4, 8)), make_document(trl=(3, 4)), rival)
    [way] = [way for way in found.ways if way.changes[0].name == "trl"]
    assert way.changes[0].args == {"to": 6, "stated": True}
    assert way.rank == 1
    assert found.cut is not None
    assert found.score is not None
    assert way.score >= found.cut > found.score


def test_what_only_has_to_be_said_comes_first():
    rival = make_document("rival", "dora", trl=(5, 7))
    found = search(make_need(trl=(4, 7)), make_document(), rival)
    assert told(found)[0] == [("trl", (7, 7))]
    assert found.ways[0].changes[0].args == {"to": 7, "stated": False}


def test_several_small_changes_where_no_single_one_suffices():
    need = make_need(trl=(4, 7), supply_role="component", languages=frozenset({"en"}))
    full = {"trl": (5, 7), "supply_role": "component", "languages": frozenset({"en"}), "verified": 1.0, "day": TODAY}
    rival = make_document("rival", "dora", **full)
    found = search(need, make_document(verified=1.0, day=TODAY), rival)
    [way] = found.ways
    assert {change.name for change in way.changes} == {"trl", "supply_role", "languages"}
    assert way.score == found.cut


def test_nobody_is_told_to_be_about_something_else():
    need = make_need(technologies=(TechnologyUse("ssb", "ssb-sulfide"),), supply_role="component")
    full = {"technologies": need.technologies, "supply_role": "component"}
    bobs = make_document(technologies=(TechnologyUse("ssb", "ssb-oxide"),), supply_role="process")
    assert search(need, bobs, make_document("rival", "dora", **full)).ways == ()
    silent = replace(bobs, technologies=(USE,), supply_role="component")
    assert "ssb-sulfide" in str(told(search(need, silent, make_document("rival", "dora", **full))))


def test_whoever_is_listed_needs_no_advice():
    found = search(make_need(), make_document(trl=(4, 7)), make_document("rival", "dora"))
    assert (found.ways, found.rank, found.cut) == ((), 1, None)


def test_the_past_cannot_be_changed():
    rival = make_document("rival", "dora", trl=(5, 7))
    assert search(make_need(trl=(4, 7)), make_document(kind="experience"), rival).ways == ()


def test_the_need_can_meet_the_offer_half_way():
    rival = make_document("rival", "dora", trl=(5, 9))
    found = search(make_need(trl=(4, 9)), make_document(trl=(3, 6)), rival, side="need")
    [way] = found.ways
    assert way.changes[0].name == "trl"
    assert way.changes[0].value == (4, 6)


def test_a_rule_of_the_need_s_own_can_be_lifted():
    bobs, rival = make_document(trl=(4, 7)), make_document("rival", "dora")
    abroad = replace(BOB, country="DE")
    index = make_index([bobs, rival], [abroad], ONE_PLACE)
    need = make_need(eligible_countries=frozenset({"CN"}), trl=(4, 7))
    found = near_miss(index, need, abroad, [bobs], side="need")
    assert [change.args for change in found.ways[0].changes] == [{"country": "DE"}]
    assert near_miss(index, need, abroad, [bobs], side="organization").ways == ()


def test_a_missed_parameter_is_named_to_whoever_may_know_it():
    wanted = (Parameter("energy", "ge", low=300.0), Parameter("cycles", "ge", low=1000.0))
    bobs = make_document(parameters=(Parameter("energy", "eq", low=250.0),))
    rival = make_document("rival", "dora", parameters=(Parameter("energy", "eq", low=300.0),))
    need = make_need(parameters=wanted)
    [way] = search(need, bobs, rival).ways
    assert way.changes[0].args == {"keys": "energy"}
    secret = replace(need, parameters=tuple(replace(item, restricted=True) for item in wanted))
    assert "parameters" not in str(search(secret, bobs, rival).ways)
    assert "300" not in str(search(secret, bobs, rival))


def test_a_price_is_asked_for_only_where_the_budget_is_known():
    need = make_need(budget=(0.0, 50.0))
    bobs = make_document(price=(200.0, 200.0))
    rival = make_document("rival", "dora", price=(40.0, 40.0))
    assert told(search(need, bobs, rival))[-1] == [("price", (50.0, 50.0))]
    assert "price" not in str(told(search(need, bobs, rival, hidden=frozenset({"budget"}))))


def test_nothing_helps_an_offer_about_something_else():
    bobs = make_document(texts=(Text("en", "Baroque oboe", "Reeds."),), technologies=())
    found = search(make_need(), bobs, make_document("rival", "dora"))
    assert (found.ways, found.score) == ((), None)
    assert isinstance(found, NearMiss)
    assert found.cut is None or found.cut > Decimal(0)
