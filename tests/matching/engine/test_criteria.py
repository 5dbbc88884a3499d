"""Each criterion alone: what earns its points, what is unknown, what nobody asked for."""

from dataclasses import replace
from decimal import Decimal

import pytest

from matching.engine import DEFAULT_WEIGHTS, Detail, Document, Match, Need, Organization, Parameter, TechnologyUse, Text
from tests.matching.engine.builders import (
    SUBJECT,
    TODAY,
    make_document,
    make_index,
    make_need,
    make_settings,
    match_one,
    points,
)

pytestmark = pytest.mark.database_free

SULFIDE, OXIDE = TechnologyUse("ssb", "ssb-sulfide"), TechnologyUse("ssb", "ssb-oxide")
ENERGY = Parameter("energy density", "ge", low=1.08e6, dimension="J/kg")


def assess(need: Need, *documents: Document, bob: Organization | None = None) -> Match:
    """Bob's match for a need."""
    index = make_index(documents or [make_document()], [bob or Organization("bob", country="CN")])
    [match] = match_one(index, need).matches
    return match


def share(match: Match, criterion: str) -> float | None:
    """The share of a criterion's points that was earned."""
    earned = points(match, criterion)
    return None if earned is None else earned / DEFAULT_WEIGHTS[criterion]


FULL = pytest.approx(1.0, abs=1e-4)

CASES = [
    ("trl", {"trl": (4, 7)}, {"trl": (4, 7)}, 1.0),
    ("trl", {"trl": (4, 7)}, {"trl": (6, 8)}, 1.0),
    ("trl", {"trl": (4, 7)}, {"trl": (3, 6)}, 2 / 3),
    ("trl", {"trl": (6, 8)}, {"trl": (2, 3)}, 0.0),
    ("trl", {"trl": (2, 3)}, {"trl": (6, 9)}, 0.5),
    ("trl", {"trl": (6, 8)}, {"trl": (5, 5)}, 0.0),
    ("trl", {"trl": (7, 7)}, {"trl": (6, 6)}, 2 / 3),
    ("trl", {"trl": (4, 8)}, {"trl": (2, 9), "kind": "facility"}, 1.0),
    ("trl", {"trl": (4, 8)}, {"trl": (6, 9), "kind": "facility"}, 0.5),
    ("trl", {"trl": (4, 8)}, {"trl": (1, 4), "kind": "facility"}, 0.0),
    ("trl", {"trl": (4, 7)}, {"trl": (6, 6), "kind": "facility"}, 2 / 3),
    ("mrl", {"mrl": (3, 6)}, {"mrl": (3, 10)}, 1.0),
    ("mrl", {"mrl": (3, 6)}, {"mrl": (1, 3)}, 0.0),
    ("supply_role", {"supply_role": "component"}, {"supply_role": "component"}, 1.0),
    ("supply_role", {"supply_role": "component"}, {"supply_role": "basic_material"}, 0.5),
    ("supply_role", {"supply_role": "component"}, {"supply_role": "dataset"}, 0.0),
    ("cooperation", {"cooperation_types": {"licensing", "consulting"}}, {"cooperation_types": {"licensing"}}, 1.0),
    ("cooperation", {"cooperation_types": {"licensing"}}, {"cooperation_types": {"investment"}}, 0.0),
    ("interfaces", {"interfaces": {"OPC UA", "CAN"}}, {"interfaces": {"OPC UA", "I2C"}}, 0.5),
    ("interfaces", {"interfaces": {"OPC UA"}}, {"interfaces": {"OPC UA"}}, 1.0),
    ("languages", {"languages": {"en", "zh-Hans"}}, {"languages": {"en"}}, 1.0),
    ("languages", {"languages": {"zh-Hans"}}, {"languages": {"en"}}, 0.0),
    ("cost", {"budget": (0, 100)}, {"price": (80, 200)}, 1.0),
    ("cost", {"budget": (0, 100)}, {"price": (200, 300)}, 0.5),
    ("cost", {"budget": (0, 100)}, {"price": (0, 0)}, 1.0),
    ("timing", {"deadline": TODAY + 30}, {"available": (TODAY, TODAY + 10), "capacity": 0.5}, 0.5),
    ("timing", {"deadline": TODAY + 30}, {"available": (TODAY + 31, TODAY + 40)}, 0.0),
    ("timing", {"deadline": TODAY + 30}, {"available": (TODAY - 9, TODAY - 1)}, 0.0),
    ("timing", {"deadline": TODAY + 30}, {"capacity": 0.0}, 0.0),
    ("route", {"technologies": (SULFIDE,)}, {"technologies": (SULFIDE,)}, 1.0),
    ("route", {"technologies": (SULFIDE,)}, {"technologies": (OXIDE,)}, 0.0),
    ("technology", {}, {}, 1.0),
    ("technology", {}, {"technologies": (TechnologyUse("energy-storage"),)}, 0.6),
    ("technology", {}, {"technologies": (TechnologyUse("hts-tape"),)}, 0.0),
    ("verified_evidence", {}, {"verified": 0.9}, 0.9),
    ("freshness", {}, {"day": TODAY - 730}, 0.5),
    ("freshness", {}, {"day": TODAY + 5}, 1.0),
]


def frozen(fields: dict[str, object]) -> dict[str, object]:
    return {name: frozenset(value) if isinstance(value, set) else value for name, value in fields.items()}


@pytest.mark.parametrize(("criterion", "asked", "offered", "expected"), CASES)
def test_what_a_document_earns(
    criterion: str, asked: dict[str, object], offered: dict[str, object], expected: float
) -> None:
    match = assess(make_need(**frozen(asked)), make_document(**frozen(offered)))
    assert share(match, criterion) == pytest.approx(expected, abs=2e-3)
    assert criterion not in match.unknowns


SILENT = make_document(technologies=())


@pytest.mark.parametrize(
    ("criterion", "asked"),
    [
        ("trl", {"trl": (4, 7)}),
        ("mrl", {"mrl": (4, 7)}),
        ("supply_role", {"supply_role": "component"}),
        ("cooperation", {"cooperation_types": {"licensing"}}),
        ("interfaces", {"interfaces": {"CAN"}}),
        ("languages", {"languages": {"en"}}),
        ("cost", {"budget": (0, 100)}),
        ("timing", {"deadline": TODAY}),
        ("parameters", {"parameters": (ENERGY,)}),
        ("route", {"technologies": (SULFIDE,)}),
        ("technology", {}),
        ("verified_evidence", {}),
        ("track_record", {}),
        ("freshness", {}),
        ("partner_type", {"partner_types": {"firm"}}),
        ("region", {"regions": {"CN-JS"}}),
        ("region", {"place": (31.3, 120.6)}),
        ("past_cooperation", {}),
    ],
)
def test_what_is_not_known_earns_nothing_and_is_listed(criterion: str, asked: dict[str, object]) -> None:
    match = assess(make_need(**frozen(asked)), SILENT, bob=Organization("bob"))
    assert points(match, criterion) is None
    assert criterion in match.unknowns


def test_what_nobody_asked_for_is_neither_scored_nor_unknown() -> None:
    need = Need("need", texts=(SUBJECT,))
    match = assess(need, make_document(trl=(1, 9), price=(1, 2), day=TODAY))
    assert {line.criterion for line in match.contributions} == {"text"}
    assert set(match.unknowns) == {"track_record", "verified_evidence"}


@pytest.mark.parametrize(
    ("wanted", "bob", "expected"),
    [
        ({"university"}, Organization("bob", type="university"), 1.0),
        ({"firm"}, Organization("bob", type="leading_firm"), 1.0),
        ({"leading_firm"}, Organization("bob", type="firm"), 0.0),
        ({"sme"}, Organization("bob", type="firm", sme=True), 1.0),
        ({"sme"}, Organization("bob", type="firm", sme=False), 0.0),
    ],
)
def test_partner_types(wanted: set[str], bob: Organization, expected: float) -> None:
    match = assess(make_need(partner_types=frozenset(wanted)), bob=bob)
    assert share(match, "partner_type") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("need", "bob", "offered", "expected"),
    [
        ({"regions": frozenset({"CN-JS"})}, Organization("bob", country="CN", region="CN-JS"), {}, 1.0),
        ({"regions": frozenset({"CN"})}, Organization("bob", country="CN", region="CN-GD"), {}, 1.0),
        ({"regions": frozenset({"CN-JS"})}, Organization("bob", country="CN", region="CN-GD"), {}, 0.5),
        ({"regions": frozenset({"CN-JS"})}, Organization("bob", country="DE"), {}, 0.0),
        ({"regions": frozenset({"CN-JS"})}, Organization("bob", country="DE"), {"regions": frozenset({"CN-JS"})}, 1.0),
        ({"place": (0.0, 0.0)}, Organization("bob", place=(0.0, 0.0)), {}, 1.0),
        ({"place": (0.0, 0.0)}, Organization("bob", place=(4.4966, 0.0)), {}, 0.5),
        ({"place": (90.0, 0.0)}, Organization("bob", place=(-90.0, 0.0)), {}, 0.0),
    ],
)
def test_regions_and_distance(
    need: dict[str, object], bob: Organization, offered: dict[str, object], expected: float
) -> None:
    match = assess(make_need(**need), make_document(**offered), bob=bob)
    assert share(match, "region") == pytest.approx(expected, abs=1e-3)


def test_a_place_on_the_other_side_of_the_world_does_not_fit_in_part() -> None:
    far = assess(make_need(place=(0.0, 0.0)), make_document(), bob=Organization("bob", place=(0.0, 150.0)))
    assert {line.detail.code for line in far.contributions if line.criterion == "region"} == {"region.not_met"}


@pytest.mark.parametrize(
    ("wanted", "measured", "expected"),
    [
        (ENERGY, Parameter("energy density", "eq", 1.26e6, dimension="J/kg"), 1.0),
        (ENERGY, Parameter("energy density", "eq", 1.0e6, dimension="J/kg"), 0.0),
        (ENERGY, Parameter("energy density", "ge", 1.1e6, dimension="J/kg"), 1.0),
        (ENERGY, Parameter("energy density", "ge", 1.0e6, dimension="J/kg"), 0.0),
        (Parameter("t", "le", high=80.0), Parameter("t", "between", 60.0, 120.0), 1.0),
        (Parameter("t", "le", high=80.0), Parameter("t", "le", high=90.0), 0.0),
        (Parameter("t", "between", 10.0, 20.0), Parameter("t", "eq", 20.0), 1.0),
        (Parameter("t", "eq", 10.0), Parameter("t", "eq", 10.4), 0.0),
        (Parameter("t", "eq", 10.0, tolerance=0.5), Parameter("t", "eq", 10.4), 1.0),
    ],
)
def test_one_parameter(wanted: Parameter, measured: Parameter, expected: float) -> None:
    match = assess(make_need(parameters=(wanted,)), make_document(parameters=(measured,)))
    assert share(match, "parameters") == pytest.approx(expected)


def test_a_parameter_of_another_dimension_is_unknown() -> None:
    other = Parameter("energy density", "eq", 2e6, dimension="J/m3")
    match = assess(make_need(parameters=(ENERGY,)), make_document(parameters=(other,)))
    assert "parameters" in match.unknowns


def test_contradictory_parameters_cannot_both_be_met() -> None:
    wanted = (Parameter("t", "ge", 10.0), Parameter("t", "le", high=5.0))
    match = assess(make_need(parameters=wanted), make_document(parameters=(Parameter("t", "eq", 12.0),)))
    assert share(match, "parameters") == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("wanted", "measured", "expected"),
    [
        # A range that reaches over both wishes has still no value that meets both.
        ([("ge", 10.0, None), ("le", None, 5.0)], [("between", 0.0, 100.0)], 1 / 2),
        # Neither do two values that meet one wish each.
        ([("ge", 10.0, None), ("le", None, 20.0)], [("eq", 9.0, None), ("eq", 21.0, None)], 1 / 2),
        ([("ge", 10.0, None), ("le", None, 20.0)], [("eq", 9.0, None), ("eq", 15.0, None)], 1.0),
        ([("between", 0.0, 2.0), ("between", 1.0, 3.0), ("between", 4.0, 5.0)], [("between", 0.0, 9.0)], 2 / 3),
    ],
)
def test_wishes_for_one_quantity_are_met_by_one_value(wanted, measured, expected) -> None:
    sides = [tuple(Parameter("t", *values) for values in side) for side in (wanted, measured)]
    match = assess(make_need(parameters=sides[0]), make_document(parameters=sides[1]))
    assert share(match, "parameters") == pytest.approx(expected)


def told(wanted: list[Parameter], *measured: Parameter) -> object:
    """The tightest margin that is told, in per cent."""
    match = assess(make_need(parameters=tuple(wanted)), make_document(parameters=measured))
    [line] = [line for line in match.contributions if line.criterion == "parameters"]
    return line.detail.args.get("margin")


def test_the_tightest_margin_is_told() -> None:
    mass, cycles = Parameter("mass", "le", high=2.0), Parameter("cycles", "ge", 1000.0)
    assert told([mass, cycles], Parameter("mass", "eq", 1.0), Parameter("cycles", "ge", 1100.0)) == 10
    assert told([mass, cycles], Parameter("mass", "eq", 2.5), Parameter("cycles", "ge", 1100.0)) == -25
    assert told([mass, cycles], Parameter("cycles", "eq", 1500.0)) == 50
    assert told([Parameter("t", "between", 10.0, 20.0)], Parameter("t", "between", 0.0, 100.0)) == 25
    assert told([Parameter("t", "eq", 10.0, tolerance=1.0)], Parameter("t", "eq", 10.5)) == pytest.approx(5, abs=1)
    assert told([mass], Parameter("mass", "eq", 3.0), Parameter("mass", "eq", 1.0)) == 50, "the better value counts"


def test_no_margin_is_told_of_what_either_side_restricts_or_nothing_can_be_compared_with() -> None:
    mass, value = Parameter("mass", "le", high=2.0), Parameter("mass", "eq", 1.0)
    assert told([mass], replace(value, restricted=True)) is None
    assert told([replace(mass, restricted=True)], value) is None
    assert told([Parameter("t", "ge", 0.0)], Parameter("t", "eq", 5.0)) is None


def test_parameters_are_told_as_counts() -> None:
    wanted = (ENERGY, Parameter("cycles", "ge", 1000.0), Parameter("thickness", "le", high=1e-3))
    measured = (Parameter("energy density", "eq", 1.26e6, dimension="J/kg"), Parameter("cycles", "eq", 500.0))
    match = assess(make_need(parameters=wanted), make_document(parameters=measured))
    [line] = [line for line in match.contributions if line.criterion == "parameters"]
    assert (line.detail.code, line.detail.args) == (
        "parameters.partly",
        {"met": 1, "of": 3, "unknown": 1, "margin": -50},
    )


def test_other_merits_count_only_as_far_as_the_document_is_about_the_subject() -> None:
    need = make_need(trl=(4, 6))
    faint = Text("en", "Stamped steel brackets", "Also supplied for battery racks and railings and pumps and doors.")
    match = assess(need, make_document(texts=(faint,), technologies=(), trl=(4, 6)))
    assert 0 < (share(match, "trl") or 0) < 0.5


def test_a_restricted_field_is_scored_and_not_told() -> None:
    need = make_need(trl=(4, 6), budget=(0, 10))
    match = assess(need, make_document(trl=(4, 6), price=(5, 6), restricted=frozenset({"trl"})))
    told = {line.criterion: line.detail for line in match.contributions}
    assert points(match, "trl") == DEFAULT_WEIGHTS["trl"]
    assert (told["trl"].code, told["trl"].args) == ("trl.restricted", {})
    assert told["cost"].args == {"price": 5.0, "budget": 10}


def test_the_track_record_counts_projects_on_the_subject() -> None:
    projects = [make_document(f"p{i}", kind="experience") for i in range(2)]
    off = make_document("off", kind="experience", texts=(Text("en", "Coral reefs", "Surveys"),), technologies=())
    one, two = assess(make_need(), projects[0], off), assess(make_need(), *projects, off)
    assert (share(one, "track_record"), share(two, "track_record")) == (
        pytest.approx(1 / 3, abs=1e-3),
        pytest.approx(0.5),
    )


def test_a_verified_organization_alone_earns_half() -> None:
    match = assess(make_need(), bob=Organization("bob", verification=1.0))
    assert share(match, "verified_evidence") == pytest.approx(0.5)


def project(name: str, *participants: str, text: Text = SUBJECT) -> list[Document]:
    """A past project, one document per participant."""
    return [make_document(f"{name}/{one}", one, kind="experience", texts=(text,)) for one in participants]


OTHER_SUBJECT = Text("en", "Medieval trade routes", "Archives of merchants and their ledgers.")


def past_cooperation_of(*documents: Document, partners: tuple[tuple[str, float], ...] = ()) -> dict[str, Match]:
    index = make_index(documents, [Organization("alice", partners=partners)])
    return {match.organization: match for match in match_one(index, make_need()).matches}


def how_they_worked(match: Match) -> Detail:
    return next(line.detail for line in match.contributions if line.criterion == "past_cooperation")


def test_declared_cooperation_earns_by_its_weight() -> None:
    found = past_cooperation_of(make_document(), make_document("d2", "dora"), partners=(("bob", 2.0), ("gone", 9.0)))
    assert share(found["bob"], "past_cooperation") == pytest.approx(0.5)
    assert how_they_worked(found["bob"]) == Detail("past_cooperation.partly")
    assert share(found["dora"], "past_cooperation") == 0
    assert how_they_worked(found["dora"]) == Detail("past_cooperation.not_met")


def test_a_shared_project_on_the_subject_earns_more_than_one_on_another() -> None:
    found = past_cooperation_of(
        *project("battery", "alice", "bob"),
        *project("history", "alice", "dora", text=OTHER_SUBJECT),
        make_document("d2", "dora"),
        make_document("d3", "erin"),
    )
    on_it, elsewhere, never = (share(found[name], "past_cooperation") for name in ("bob", "dora", "erin"))
    assert on_it is not None
    assert elsewhere is not None
    assert on_it > elsewhere > 0
    assert never == 0
    assert how_they_worked(found["bob"]) == Detail("past_cooperation.projects", {"projects": 1})


def test_shared_projects_are_not_counted_twice_where_they_are_declared_as_well() -> None:
    documents = [*project("battery", "alice", "bob"), make_document("d3", "erin")]
    told_by_projects = past_cooperation_of(*documents)["bob"]
    assert past_cooperation_of(*documents, partners=(("bob", 50.0),))["bob"] == told_by_projects


def test_a_partner_of_partners_earns_a_little() -> None:
    found = past_cooperation_of(
        *project("battery", "alice", "bob"), *project("history", "bob", "dora", text=OTHER_SUBJECT),
        make_document("d2", "dora"), make_document("d3", "erin"),
    )  # fmt: skip
    direct, indirect = share(found["bob"], "past_cooperation"), share(found["dora"], "past_cooperation")
    assert direct is not None
    assert indirect is not None
    assert direct > indirect > 0
    assert how_they_worked(found["dora"]) == Detail("past_cooperation.indirect")
    assert share(found["erin"], "past_cooperation") == 0


def test_an_asker_who_never_worked_with_anybody_leaves_it_unknown() -> None:
    found = past_cooperation_of(*project("battery", "bob", "dora"))
    assert share(found["bob"], "past_cooperation") is None
    assert "past_cooperation" in found["bob"].unknowns


def test_text_earns_half_at_the_half_setting_and_more_documents_earn_more() -> None:
    one = assess(make_need(), make_document())
    three = assess(make_need(), *(make_document(f"d{i}", trl=(1, i + 1)) for i in range(3)))
    settings = make_settings()
    assert share(one, "text") == pytest.approx(1 / (1 + settings.text_half), abs=1e-4)
    assert (share(three, "text") or 0) > (share(one, "text") or 0)


def test_a_coordinator_is_heard_more_than_a_participant() -> None:
    index = make_index([make_document("a", "anna", role="participant"), make_document("b", "bert", role="coordinator")])
    first, second = match_one(index, make_need()).matches
    assert (first.organization, second.organization) == ("bert", "anna")


def test_every_line_names_its_evidence_and_what_was_available() -> None:
    match = assess(make_need(trl=(4, 6)), make_document("good", trl=(4, 6)), make_document("late", trl=(1, 2)))
    lines = {line.criterion: line for line in match.contributions}
    assert lines["trl"].evidence == ("good",)
    assert lines["trl"].available == Decimal(7)
