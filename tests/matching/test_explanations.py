"""Sentences for everything the engine says, and nothing of what the reader may not know."""

import ast
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from django.utils import translation

from consortia.disclosure.models import Reveal, Tier
from consortia.listings.models import Capability, Listing, Need
from consortia.technologies.models import Technology
from matching import engine
from matching.engine.criteria import CRITERIA
from matching.engine.criteria.base import OfferCriterion, OrganizationCriterion
from matching.explanations import explain_exclusion, explain_match, explain_matches, labels, reasons, sentences
from matching.explanations.labels import Labels
from matching.models import Match
from matching.selectors import current_matches, match_for
from tests.matching import world

ENGINE = Path(engine.__file__).parent
GRADES = ("met", "partly", "not_met")


def engine_codes(record: str) -> set[str]:
    """The codes that the engine's source writes into this kind of record as plain text."""
    found = set()
    for path in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == record and node.args:
                first = node.args[0]
                choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                found |= {choice.value for choice in choices if isinstance(choice, ast.Constant)}
    return found


def rule_codes() -> set[str]:
    """The codes of all hard rules."""
    found = set()
    for node in ast.walk(ast.parse((ENGINE / "blocking.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "code" and node.value is not None:
            found.add(node.value.value)
    return found


def test_every_detail_code_has_a_sentence():
    codes = engine_codes("Detail")
    for criterion in CRITERIA:
        if isinstance(criterion, (OfferCriterion, OrganizationCriterion)):
            codes |= {f"{criterion.name}.{grade}" for grade in GRADES}
    assert len(codes) > 40
    assert {code for code in codes if not sentences.knows(code)} == set()


def test_every_criterion_has_a_label_a_strength_and_an_unknown():
    names = set(engine.DEFAULT_WEIGHTS)
    assert set(sentences._CRITERIA) == names
    assert set(sentences._STRENGTHS) == names
    assert set(sentences._UNKNOWNS) == names


def test_every_reason_has_a_sentence():
    codes = engine_codes("Reason") | rule_codes() | {"invalid"}
    assert {"own_organization", "export_gate", "below_cut", "no_documents"} <= codes
    assert {code for code in codes if not reasons.knows(code)} == set()


@pytest.mark.parametrize("code", sorted(sentences._SENTENCES))
def test_sentences_have_no_holes(code):
    args = {
        "documents": 2,
        "projects": 4,
        "met": 1,
        "of": 3,
        "unknown": 1,
        "days": 3.0,
        "weight": 2.0,
        "offered": "a",
        "wanted": "b",
        "relation": "narrower",
        "routes": "r1, r2",
        "sought": "process",
        "from": 3.0,
        "to": 5.0,
        "target": 7.0,
        "current": 4.0,
        "type": "firm",
        "region": "CN-JS",
        "country": "CN",
        "kilometres": 12,
        "from_day": 739000.0,
        "to_day": 739100.0,
        "capacity": 0.5,
        "evidence": 0.5,
    }
    if code.split(".")[0] in {"cooperation", "interfaces", "languages"}:
        args["met"] = "supplier, licensing"
    text = sentences.sentence(code, args, Labels({"r1": "Route one", "r2": "Route two"}))
    assert text.endswith(".")
    assert "%(" not in text
    assert text != str(sentences._NO_DETAIL)


@pytest.mark.parametrize(
    ("args", "ending"),
    [
        ({"met": 7, "of": 9, "unknown": 1}, "unknown: 1."),
        ({"met": 7, "of": 9, "unknown": 1, "margin": -12}, "unknown: 1. One is missed by 12 %."),
        ({"met": 7, "of": 9, "unknown": 2, "margin": 0}, "unknown: 2. The tightest is met with 0 % to spare."),
    ],
)
def test_the_tightest_parameter_is_told_where_it_may_be(args, ending):
    text = sentences.sentence("parameters.partly", args, Labels())
    assert text == f"It meets 7 of 9 parameters; {ending}"


def test_a_rule_on_documents_without_a_count_is_told_as_one():
    assert explain_exclusion([{"code": "route_locked", "args": {}}]) == [
        "1 of its records takes another route, and the need is locked to its routes."
    ]


def test_codes_of_another_engine_are_told_plainly():
    assert sentences.sentence("trl.met", {}, Labels()) == "There is no further detail."
    assert sentences.sentence("novelty.met", {}, Labels()) == "There is no further detail."
    assert explain_exclusion([{"code": "moon_phase", "args": {}}]) == ["moon_phase"]


def test_the_need_s_side_reads_why(match: Match, alice_viewer, capability: Capability):
    view = explain_match(alice_viewer, match_for(alice_viewer, match.public_id))
    rows = {row.criterion: row for row in view.told.rows}
    assert view.told.summary.startswith("1 record on electrolyte, ")
    assert "; works on ene-solid-state-battery; TRL 6–8 for a target of 7." in view.told.summary
    assert rows["trl"].sentence == "TRL 6–8 covers the target, 7."
    assert rows["trl"].evidence[0].title == capability.title
    assert rows["parameters"].sentence == "It meets 1 of 1 parameters."
    assert [unknown.criterion for unknown in view.told.unknowns] == match.unknowns
    assert view.told.supporting[0].percent == 100
    assert "electrolyte" in view.told.supporting[0].terms


def test_the_summary_ends_with_what_is_most_missing(need, alice_viewer, dora_materials):
    organization, viewer = dora_materials
    world.publish_capability(viewer, organization, trl_low=1, trl_high=3, supply_role="equipment")
    world.recompute()
    match = Match.objects.get(need=need)
    assert explain_match(alice_viewer, match).told.summary.endswith(". But: TRL 1–3 where 7 is asked for.")
    match.contributions = [item for item in match.contributions if item["criterion"] in {"text", "technology"}]
    match.unknowns = ["parameters", "region", "track_record", "languages"]
    told = explain_match(alice_viewer, match).told.summary
    assert told.endswith(". But: nothing is known about: Parameters, Place.")


def test_a_gap_in_something_hidden_is_not_told(need, alice_viewer, dora_materials):
    organization, viewer = dora_materials
    world.publish_capability(viewer, organization, price_amount=Decimal(9_000_000))
    world.recompute()
    match = Match.objects.get(need=need)
    for item in match.contributions:
        item["points"] = item["available"] if item["criterion"] != "cost" else 0
    assert "budget" not in explain_match(viewer, match).told.summary


def test_every_gap_belongs_to_a_sentence_and_has_no_holes():
    assert set(sentences._GAPS) <= set(sentences._SENTENCES)


def test_terms_are_words_that_tell_something():
    assert labels.tells_something("=4mm")
    assert not labels.tells_something("20")
    assert Labels().of_term("=4mm") == "4mm"


def test_bars_begin_where_the_one_above_ends_and_end_at_the_score(match: Match, alice_viewer):
    rows = explain_match(alice_viewer, match_for(alice_viewer, match.public_id)).told.rows
    for above, below in pairwise(rows):
        assert below.start == pytest.approx(above.start + above.points)
    assert rows[-1].start + rows[-1].points == pytest.approx(match.score)


def test_labels_are_in_the_reader_s_language(match: Match, alice_viewer):
    Technology.objects.update(labels={"en": "Solid-state battery", "zh-Hans": "固态电池"})
    with translation.override("zh-hans"):
        view = explain_match(alice_viewer, match_for(alice_viewer, match.public_id))
        assert any("固态电池" in row.sentence for row in view.told.rows)
    view = explain_match(alice_viewer, match_for(alice_viewer, match.public_id))
    assert any("Solid-state battery" in row.sentence for row in view.told.rows)


def test_restricted_amounts_are_never_told(match: Match, need: Need, alice_viewer, dora_viewer):
    for viewer in (alice_viewer, dora_viewer):
        told = repr(explain_match(viewer, match_for(viewer, match.public_id)))
        for amount in ("8800", "2000000", "300.0", "Wh/kg"):
            assert amount not in told
    stored = repr([match.contributions, match.supporting])
    assert "8800" not in stored
    assert "2000000" not in stored


def test_a_public_price_does_not_tell_the_budget(need, alice_viewer, dora_materials):
    organization, viewer = dora_materials
    world.publish_capability(viewer, organization, disclosure={"price": "public"})
    world.recompute()
    match = Match.objects.get(need=need)
    stored = {item["criterion"]: item for item in match.contributions}
    assert stored["cost"] == {**stored["cost"], "code": "cost.met", "args": {}}
    asking = explain_match(alice_viewer, match_for(alice_viewer, match.public_id))
    answering = explain_match(viewer, match_for(viewer, match.public_id))
    assert "The price lies within the budget." in [row.sentence for row in asking.told.rows]
    assert "The price lies within the budget." not in [row.sentence for row in answering.told.rows]


def test_a_record_that_became_invisible_is_not_named(match: Match, alice_viewer, capability: Capability):
    Listing.objects.filter(pk=capability.pk).update(status=Listing.Status.WITHDRAWN)
    view = explain_match(alice_viewer, match_for(alice_viewer, match.public_id))
    assert view.told.supporting[0].record.title == "a record that is not disclosed to you"
    assert view.told.supporting[0].record.address == ""
    assert capability.title not in repr(view.told)


def test_a_capability_of_a_hidden_organization_is_not_named_under_it(
    match: Match, alice_viewer, capability: Capability
):
    Listing.objects.filter(pk=capability.pk).update(disclosure={"organization": Tier.MATCHED})
    view = explain_match(alice_viewer, match_for(alice_viewer, match.public_id))
    assert not view.told.supporting[0].record.is_disclosed
    assert not Reveal.objects.exists()


def test_whose_restricted_record_is_named_stands_in_the_ledger(match: Match, alice_viewer, capability: Capability):
    Listing.objects.filter(pk=capability.pk).update(disclosure={"organization": Tier.MEMBERS})
    view = explain_match(alice_viewer, match_for(alice_viewer, match.public_id))
    assert view.told.supporting[0].record.is_disclosed
    reveal = Reveal.objects.get()
    assert (reveal.fields, reveal.surface) == (["organization"], Reveal.Surface.EXPLANATION)
    assert (reveal.owner_id, reveal.viewer_id) == (capability.organization_id, alice_viewer.user_id)


def test_an_asker_that_hides_its_name_stays_hidden(match: Match, need: Need, dora_viewer, alice_lab):
    Listing.objects.filter(pk=need.pk).update(disclosure={"organization": Tier.MATCHED})
    view = explain_match(dora_viewer, match_for(dora_viewer, match.public_id))
    assert view.asker is None
    assert view.asker_name == "an organization that is not disclosed to you"
    region = next(row for row in view.told.rows if row.criterion == "region")
    assert region.sentence == str(sentences.RESTRICTED)
    assert str(alice_lab) not in repr((view.told, view.asker_name))


def test_queries_do_not_grow_with_the_number_of_matches(
    match: Match, need: Need, alice_viewer, django_assert_max_num_queries
):
    for name in ("Erin Oxides", "Finn Powders", "Gail Cells"):
        organization, viewer = world.make_owner(name)
        world.publish_capability(viewer, organization)
    world.recompute()
    with django_assert_max_num_queries(12):
        views = explain_matches(alice_viewer, list(current_matches(alice_viewer)))
    assert len(views) == 4
