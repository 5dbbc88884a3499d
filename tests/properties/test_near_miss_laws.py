"""The laws of near misses: what is told is true, nothing in it is superfluous, and nothing restricted shapes it."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from matching.engine import Document, Exclusion, Match, NearMiss, Need, Organization, build_index, near_miss
from matching.engine.near_miss.changes import changed_documents, changed_need
from tests.matching.engine.builders import SUBJECT, TAXONOMY, USE, make_settings
from tests.properties import strategies

pytestmark = pytest.mark.database_free

law = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
World = tuple[list[Document], tuple[Organization, ...]]
names = st.sampled_from(("bob", "charlie", "dora"))


@st.composite
def crowds(draw: st.DrawFn) -> World:
    """Organizations that all speak of the same thing and differ in everything else: every place is contested."""
    documents = [
        replace(item, id=str(place), organization=draw(names), kind="capability", texts=(SUBJECT,), technologies=(USE,))
        for place, item in enumerate(draw(strategies.documents))
    ]
    plain = {"suspended": False, "affiliates": frozenset(), "conflicts": frozenset()}
    return documents, tuple(replace(item, **plain) for item in draw(strategies.organizations))


worlds = crowds()
needs = strategies.needs.map(
    lambda need: replace(
        need,
        texts=(SUBJECT,),
        technologies=(USE,),
        organization="alice",
        route_locked=False,
        declined_organizations=frozenset(),
        required_certificates=frozenset(),
        blocked_countries=frozenset(),
    )
)
NARROW = make_settings(top_k=1, shortlist=4)
FIELDS = frozenset({"trl", "mrl", "budget", "deadline", "regions", "languages", "supply_role", "technologies"})


def search(world: World, need: Need, name: str, side: str, hidden: frozenset[str]) -> NearMiss:
    """The near miss of one organization, over an index of its own."""
    index = build_index(*world, TAXONOMY, NARROW)
    organization = next(item for item in world[1] if item.id == name)
    documents = [item for item in world[0] if item.organization == name]
    return near_miss(index, need, organization, documents, side=side, hidden=hidden)


@pytest.mark.parametrize("side", ["need", "organization"])
@law
@given(
    world=worlds,
    need=needs,
    name=names,
    hidden=st.frozensets(st.sampled_from(sorted(FIELDS)), max_size=2),
)
def test_a_way_in_leads_in_and_no_part_of_it_does(
    side: str, world: World, need: Need, name: str, hidden: frozenset[str]
) -> None:
    index = build_index(*world, TAXONOMY, NARROW)
    found = search(world, need, name, side, hidden)
    organization = next(item for item in world[1] if item.id == name)

    def standing(changes: tuple[object, ...]) -> Match | Exclusion:
        if side == "need":
            return index.explain_absence(changed_need(need, changes), name)
        documents = changed_documents([item for item in world[0] if item.organization == name], changes)
        return index.replace(documents, [organization]).explain_absence(need, name)

    assert not isinstance(standing(()), Match) or not found.ways
    for way in found.ways:
        reached = standing(way.changes)
        assert isinstance(reached, Match)
        assert (reached.score, reached.rank) == (way.score, way.rank)
        for change in way.changes:
            rest = tuple(other for other in way.changes if other is not change)
            assert isinstance(standing(rest), Exclusion)


@law
@given(worlds, needs, names, st.sampled_from(sorted(FIELDS)))
def test_what_the_need_hides_is_never_asked_of_the_organization(
    world: World, need: Need, name: str, hidden: str
) -> None:
    told = {"budget": "price", "deadline": "available"}.get(hidden, hidden)
    for way in search(world, need, name, "organization", frozenset({hidden})).ways:
        assert told not in {change.name for change in way.changes}


@law
@given(
    worlds,
    needs,
    names,
    strategies.parameters(restricted=True),
    strategies.spans(0, 100),
)
def test_restricted_parameters_and_fields_are_never_told(
    world: World, need: Need, name: str, secret: tuple[object, ...], price: tuple[float, float] | None
) -> None:
    assume(secret)
    hiding = replace(need, parameters=secret)
    for way in search(world, hiding, name, "organization", frozenset()).ways:
        assert "parameters" not in {change.name for change in way.changes}
    documents = [replace(item, parameters=secret, price=price, restricted=frozenset({"price"})) for item in world[0]]
    for way in search((documents, world[1]), need, name, "need", frozenset()).ways:
        assert not {"parameters", "budget"} & {change.name for change in way.changes}
