"""The laws of the matching engine, over worlds that nobody chose."""

import json
import random
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from matching.engine import Document, Index, MatchList, Need, Organization, Settings, TechnologyUse, Text, build_index
from matching.engine.watching import Watches
from tests.matching.engine.builders import LETTERS, TAXONOMY, TODAY, make_settings, match_one
from tests.properties import strategies

pytestmark = pytest.mark.database_free

law = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
World = tuple[list[Document], tuple[Organization, ...]]
worlds = st.tuples(strategies.documents, strategies.organizations)
SMALL = make_settings(encoder=LETTERS, top_k=3, shortlist=4, passages=6, candidates=8, amendment_share=1.0)


def build(world: World, **fields: object) -> Index:
    return build_index(world[0], world[1], TAXONOMY, SMALL, **fields)


@law
@given(worlds, strategies.needs, st.randoms(use_true_random=False))
def test_deterministic_whatever_the_order_of_the_input(world: World, need: Need, order: random.Random) -> None:
    expected = match_one(build(world), need)
    documents, organizations = list(world[0]), list(world[1])
    order.shuffle(documents)
    order.shuffle(organizations)
    assert match_one(build((documents, tuple(organizations))), need) == expected


@law
@given(worlds, st.lists(strategies.needs, max_size=4))
def test_a_list_does_not_depend_on_the_needs_it_is_computed_with(world: World, needs: list[Need]) -> None:
    index = build(world)
    named = [replace(need, id=str(place)) for place, need in enumerate(needs)]
    assert list(index.match(named)) == [match_one(index, need) for need in named]


@law
@given(worlds, strategies.needs)
def test_contributions_sum_to_the_score(world: World, need: Need) -> None:
    for match in match_one(build(world), need).matches:
        assert sum(line.points for line in match.contributions) == match.score
        assert 0 <= match.score <= 100
        assert all(0 <= line.points <= line.available for line in match.contributions)


@law
@given(worlds, strategies.needs)
def test_the_order_is_by_score_then_id(world: World, need: Need) -> None:
    matches = match_one(build(world), need).matches
    assert [match.rank for match in matches] == list(range(1, len(matches) + 1))
    assert list(matches) == sorted(matches, key=lambda match: (-match.score, match.organization))
    assert len({match.organization for match in matches}) == len(matches)


def is_barred(organization: Organization, need: Need, everybody: dict[str, Organization]) -> bool:
    """The hard rules on organizations, written down a second time and as plainly as possible."""
    asker = everybody.get(need.organization or "")
    links = [(organization, need.organization)] + ([(asker, organization.id)] if asker else [])
    return (
        organization.id == need.organization
        or any(other in (one.affiliates | one.conflicts) for one, other in links)
        or organization.suspended
        or organization.id in need.declined_organizations
        or (bool(need.eligible_countries) and organization.country not in need.eligible_countries)
        or (bool(need.blocked_countries) and organization.country in {None, *need.blocked_countries})
        or not need.required_certificates <= organization.certificates
    )


@law
@given(worlds, strategies.needs)
def test_a_hard_rule_is_never_broken(world: World, need: Need) -> None:
    everybody = {organization.id: organization for organization in world[1]}
    documents = {document.id: document for document in world[0]}
    found = match_one(build(world), need)
    for match in found.matches:
        assert not is_barred(everybody[match.organization], need, everybody)
        for item in match.supporting:
            valid_until = documents[item.document].valid_until
            assert valid_until is None or valid_until >= TODAY
    for exclusion in found.exclusions:
        assert is_barred(everybody[exclusion.organization], need, everybody)


@law
@given(worlds, strategies.needs)
def test_absence_is_explained_in_agreement_with_the_list(world: World, need: Need) -> None:
    index = build(world)
    listed = {match.organization: match for match in match_one(index, need).matches}
    for organization in world[1]:
        told = index.explain_absence(need, organization.id)
        assert listed.get(organization.id, told) == told
        assert hasattr(told, "stage") == (organization.id not in listed)


@law
@given(worlds, strategies.needs)
def test_an_irrelevant_candidate_changes_nobodys_score(world: World, need: Need) -> None:
    index = build_index(world[0], world[1], TAXONOMY, make_settings(amendment_share=1.0))
    stranger = Organization("zoe", country="CN")
    off_topic = Document("zzz", "zoe", "capability", (Text("en", "Baroque oboe", "historic reeds"),))
    assert match_one(index.replace([off_topic], [stranger]), need) == match_one(index, need)


UNKNOWN = {
    "trl": None, "supply_role": None, "parameters": (), "interfaces": frozenset(), "languages": frozenset(),
    "price": None, "capacity": None, "day": None, "verified": None,
}  # fmt: skip


@law
@given(worlds, strategies.needs, st.sampled_from(sorted(UNKNOWN)))
def test_missing_data_never_earns_points(world: World, need: Need, field: str) -> None:
    """Taking a statement out of every document can only cost its own organization points."""
    index = build_index(world[0], world[1], TAXONOMY, make_settings())
    silent = [replace(document, **{field: UNKNOWN[field]}) for document in world[0]]
    before = {match.organization: match.score for match in match_one(index, need).matches}
    after = build_index(silent, world[1], TAXONOMY, make_settings(), statistics=index.statistics)
    for match in match_one(after, need).matches:
        if field != "day":
            assert match.score <= before[match.organization]
        assert not {line.criterion for line in match.contributions} & set(match.unknowns)


@law
@given(worlds, worlds, st.sets(st.sampled_from(strategies.ORGANIZATIONS)), strategies.needs)
def test_replacing_is_building_again_on_the_same_statistics(
    world: World, other: World, changed: set[str], need: Need
) -> None:
    index = build(world)
    documents = [document for document in other[0] if document.organization in changed]
    assume(not {document.id for document in documents} & {document.id for document in world[0]})
    organizations = [organization for organization in other[1] if organization.id in changed]
    replaced = index.replace(documents, organizations)
    kept = [document for document in world[0] if document.organization not in changed]
    again = build(
        (
            [*kept, *documents],
            (*organizations, *(organization for organization in world[1] if organization.id not in changed)),
        ),
        statistics=index.statistics,
    )
    assert match_one(replaced, need) == match_one(again, need)
    assert (replaced.documents, replaced.organizations) == (again.documents, again.organizations)
    assert match_one(index, need) == match_one(build(world), need)


@law
@given(worlds, st.sampled_from(strategies.ORGANIZATIONS), strategies.needs)
def test_removing_is_building_without(world: World, gone: str, need: Need) -> None:
    index = build(world)
    rest = (
        [document for document in world[0] if document.organization != gone],
        tuple(organization for organization in world[1] if organization.id != gone),
    )
    assert match_one(index.replace([], [], removed=[gone]), need) == match_one(
        build(rest, statistics=index.statistics), need
    )


PROJECTS = (
    ((Text("en", "sulfide electrolyte", "solid-state battery"),), (TechnologyUse("ssb"),)),
    ((Text("en", "REBCO tape", "laser welding of REBCO tape"),), ()),
    ((Text("en", "laser welding", "pouch cell"),), (TechnologyUse("sodium-ion"),)),
    ((Text("zh-Hans", "激光焊接", "固态电池"),), ()),
)


@st.composite
def consortia(draw: st.DrawFn) -> World:
    """Organizations that share past projects on several subjects, beside what each of them offers alone."""
    documents = [
        replace(item, kind="experience", texts=project[0], technologies=project[1])
        if (project := draw(st.sampled_from((*PROJECTS, None))))
        else item
        for item in draw(strategies.documents)
    ]
    return documents, draw(strategies.organizations)


TIGHT = {"top_k": 1, "shortlist": 2, "passages": 3, "candidates": 4, "amendment_share": 0.7}


@settings(law, max_examples=150)
@given(
    consortia(),
    st.lists(st.tuples(consortia(), st.sampled_from(strategies.ORGANIZATIONS), st.booleans()), min_size=1, max_size=2),
    st.lists(strategies.needs, min_size=1, max_size=4),
    st.sampled_from((None, LETTERS)),
)
def test_a_change_moves_no_list_that_it_does_not_touch(
    world: World, changes: list[tuple[World, str, bool]], needs: list[Need], encoder: str | None
) -> None:
    needs = [replace(need, id=str(place)) for place, need in enumerate(needs)]
    former = index = build_index(*world, TAXONOMY, make_settings(encoder=encoder, **TIGHT))
    for other, name, removed in changes:
        documents = [item for item in other[0] if item.organization == name and not removed]
        organizations = [item for item in other[1] if item.id == name and not removed]
        index = index.replace(documents, organizations, removed=[name])
    touched = dict(index.touched(needs, former=former, changed={name for _, name, _ in changes}))
    for need in needs:
        assert touched[need.id] or match_one(index, need) == match_one(former, need)


@settings(law, max_examples=150)
@given(
    consortia(),
    st.lists(st.tuples(consortia(), st.sampled_from(strategies.ORGANIZATIONS), st.booleans()), min_size=1, max_size=3),
    st.lists(strategies.needs, min_size=1, max_size=4),
    st.sampled_from((None, LETTERS)),
)
def test_a_change_reaches_the_watch_of_every_need_whose_list_it_moves(
    world: World, changes: list[tuple[World, str, bool]], needs: list[Need], encoder: str | None
) -> None:
    """Change by change; only the needs reached are asked again, and their watches set anew."""
    needs = [replace(need, id=str(place)) for place, need in enumerate(needs)]
    index = build_index(*world, TAXONOMY, make_settings(encoder=encoder, **TIGHT))
    watches = index.watch(needs, [(place, 1) for place in range(len(needs))])
    lists = {need.id: match_one(index, need) for need in needs}
    for other, name, removed in changes:
        documents = [item for item in other[0] if item.organization == name and not removed]
        organizations = [item for item in other[1] if item.id == name and not removed]
        former, index = index, index.replace(documents, organizations, removed=[name])
        reach = index.reach(former=former, changed={name})
        reached = set(watches.need[watches.nearness(reach.passages).reached].tolist())
        asked = [
            place for place, need in enumerate(needs) if place in reached or need.organization in reach.organizations
        ]
        again = [needs[place] for place in asked]
        lists |= {need.id: match_one(index, need) for need in again}
        watches = Watches.join([watches, index.watch(again, [(place, 1) for place in asked])])
        assert lists == {need.id: match_one(index, need) for need in needs}


def wording(found: MatchList) -> dict[str, object]:
    """What a reader is told, apart from points, ranks and counts."""
    return {
        match.organization: (
            sorted(
                (line.criterion, line.detail.code.split(".")[0], sorted(line.detail.args))
                for line in match.contributions
            ),
            [(item.document, item.terms) for item in match.supporting],
        )
        for match in found.matches
    }


@law
@given(
    worlds,
    strategies.needs,
    strategies.parameters(restricted=True),
    strategies.parameters(restricted=True),
    strategies.spans(1, 9),
    strategies.spans(1, 9),
)
def test_restricted_values_never_change_what_is_told(world: World, need: Need, one, two, first, second) -> None:
    """Two worlds that differ in restricted values only read alike, save for how many parameters are met."""
    need = replace(need, parameters=one or need.parameters)
    hidden = frozenset({"trl", "price"})
    assume((first is None) == (second is None))
    values = [(one, first), (tuple(replace(item, low=(item.low or 0) + 7) for item in one), second)]
    read = [
        wording(
            match_one(
                build_index(
                    [replace(item, parameters=params, trl=trl, price=trl, restricted=hidden) for item in world[0]],
                    world[1],
                    TAXONOMY,
                    make_settings(),
                ),
                need,
            )
        )
        for params, trl in values
    ]
    assert read[0] == read[1]


@law
@given(worlds, strategies.needs)
def test_restricted_values_are_nowhere_in_the_list(world: World, need: Need) -> None:
    hidden = frozenset({"trl", "price"})
    marked = [replace(item, trl=(2.125, 8.875), price=(7.125, 9.875), restricted=hidden) for item in world[0]]
    found = match_one(build_index(marked, world[1], TAXONOMY, make_settings()), need)
    told = [line.detail.args for match in found.matches for line in match.contributions]
    assert not any(value in {2.125, 8.875, 7.125, 9.875} for args in told for value in args.values())


@settings(law, max_examples=10)
@given(worlds, strategies.needs)
def test_saving_and_loading_changes_nothing(world: World, need: Need) -> None:
    index = build(world)
    with tempfile.TemporaryDirectory() as folder:
        index.save(Path(folder) / "index")
        loaded = Index.load(Path(folder) / "index")
        assert match_one(loaded, need) == match_one(index, need)
        assert loaded.problems == tuple(problem for problem in index.problems if problem.record != "taxonomy")


@settings(law, max_examples=10)
@given(worlds, worlds, strategies.needs)
def test_a_match_is_rebuilt_bit_for_bit_from_what_a_run_keeps(world: World, other: World, need: Need) -> None:
    """A run keeps its settings as JSON and its index, here an amended one; both give the list again."""
    changed = other[1][0].id if other[1] else "nobody"
    documents = [document for document in other[0] if document.organization == changed]
    index = build(world).replace(documents, other[1][:1], removed=[changed])
    made = repr(match_one(index, need))
    kept = Settings.from_json(json.loads(json.dumps(index.settings.to_json())))
    with tempfile.TemporaryDirectory() as folder:
        index.save(Path(folder) / "index")
        loaded = Index.load(Path(folder) / "index")
        assert (loaded.settings, repr(match_one(loaded, need))) == (kept, made)
    everybody = (
        [*(document for document in world[0] if document.organization != changed), *documents],
        (*(organization for organization in world[1] if organization.id != changed), *other[1][:1]),
    )
    rebuilt = build_index(*everybody, TAXONOMY, kept, statistics=index.statistics)
    assert repr(match_one(rebuilt, need)) == made


@law
@given(worlds, strategies.needs)
def test_every_scored_organization_is_on_the_shortlist(world: World, need: Need) -> None:
    index = build(world)
    [(_, shortlist)] = index.shortlist([need])
    found = match_one(index, need)
    assert {match.organization for match in found.matches} <= set(shortlist)
    assert found.considered == len(shortlist)


@law
@given(worlds, strategies.needs)
def test_a_locked_route_is_kept(world: World, need: Need) -> None:
    locked = replace(need, technologies=(TechnologyUse("ssb", "ssb-sulfide"),), route_locked=True)
    documents = {document.id: document for document in world[0]}
    for match in match_one(build(world), locked).matches:
        for item in match.supporting:
            routes = {use.route for use in documents[item.document].technologies if use.technology == "ssb"}
            assert "ssb-sulfide" in routes or not routes - {None}
