"""The laws of exposure: off changes nothing, limits hold, order does not matter, what it costs is what it says."""

import random
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import Candidate, ExposureLimits, limit_exposure

pytestmark = pytest.mark.database_free

law = settings(max_examples=100, deadline=None)
candidates = st.lists(
    st.builds(
        Candidate,
        need=st.sampled_from("abcd"),
        organization=st.sampled_from("pqrstu"),
        score=st.integers(0, 6).map(float),
        is_newcomer=st.just(False),
        is_fixed=st.just(False),
    ),
    max_size=24,
    unique_by=lambda item: (item.need, item.organization),
).flatmap(
    lambda items: st.frozensets(st.sampled_from("pqrstu")).map(
        lambda fresh: [item._replace(is_newcomer=item.organization in fresh) for item in items]
    )
)
steered = candidates.flatmap(
    lambda items: st.frozensets(st.sampled_from([item[:2] for item in items] or [("", "")]), max_size=4).map(
        lambda fixed: [item._replace(is_fixed=item[:2] in fixed) for item in items]
    )
)
limits = st.integers(1, 4).flatmap(
    lambda places: st.builds(
        ExposureLimits,
        places=st.just(places),
        most_lists=st.none() | st.integers(1, 3),
        newcomer_places=st.integers(0, places),
    )
)


def by_need(items: list[Candidate]) -> dict[str, list[Candidate]]:
    """Each need's candidates, best first."""
    found = defaultdict(list)
    for item in sorted(items, key=lambda item: (-item.score, item.organization)):
        found[item.need].append(item)
    return found


@law
@given(candidates, st.integers(1, 4))
def test_without_limits_every_list_holds_its_best(items: list[Candidate], places: int) -> None:
    found = limit_exposure(items, ExposureLimits(places))
    expected = {need: [item.organization for item in group[:places]] for need, group in by_need(items).items()}
    assert {need: [place.organization for place in seats] for need, seats in found.lists.items()} == expected
    assert (found.changed, found.cost) == (0, 0.0)
    assert not any(place.for_newcomer for seats in found.lists.values() for place in seats)


@law
@given(candidates, limits)
def test_limits_are_never_exceeded_and_no_place_is_wasted(items: list[Candidate], given_limits: ExposureLimits) -> None:
    found = limit_exposure(items, given_limits)
    seats = {need: {place.organization for place in places} for need, places in found.lists.items()}
    lists = Counter(organization for named in seats.values() for organization in named)
    most = given_limits.most_lists or len(seats)
    assert all(count <= most for count in lists.values())
    assert found.most_lists == max(lists.values(), default=0)
    for need, group in by_need(items).items():
        assert len(seats[need]) == len(found.lists[need]) <= given_limits.places
        left_out = {item.organization for item in group} - seats[need]
        assert len(seats[need]) == given_limits.places or all(lists[name] == most for name in left_out)


@law
@given(candidates, limits)
def test_newcomers_get_their_places_and_are_labelled(items: list[Candidate], given_limits: ExposureLimits) -> None:
    unlimited = replace(given_limits, most_lists=None)
    for found, kept in ((limit_exposure(items, given_limits), 0), (limit_exposure(items, unlimited), 1)):
        for need, group in by_need(items).items():
            fresh = {item.organization for item in group if item.is_newcomer}
            best = {item.organization for item in group[: given_limits.places]}
            for place in found.lists[need]:
                assert place.for_newcomer == (place.organization in fresh - best)
            seated = sum(place.organization in fresh for place in found.lists[need])
            assert seated >= kept * min(given_limits.newcomer_places, len(fresh))


@law
@given(steered, limits)
def test_who_is_fixed_is_never_withheld_and_counts(items: list[Candidate], given_limits: ExposureLimits) -> None:
    found = limit_exposure(items, given_limits)
    seats = {need: {place.organization for place in places} for need, places in found.lists.items()}
    lists = Counter(organization for named in seats.values() for organization in named)
    fixed = [item for item in items if item.is_fixed]
    mine, given_away = Counter(item.organization for item in fixed), Counter(item.need for item in fixed)
    most = given_limits.most_lists or len(seats)
    assert all(item.organization in seats[item.need] for item in fixed)
    assert all(count <= max(most, mine[name]) for name, count in lists.items())
    assert all(len(named) <= max(given_limits.places, given_away[need]) for need, named in seats.items())
    for need, group in by_need(items).items():
        left_out = {item.organization for item in group} - seats[need]
        assert len(seats[need]) >= given_limits.places or all(lists[name] >= most for name in left_out)
        labelled = {place.organization for place in found.lists[need] if place.for_newcomer}
        assert not labelled & {item.organization for item in fixed if item.need == need}


@law
@given(steered, limits, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(
    items: list[Candidate], given_limits: ExposureLimits, order: random.Random
) -> None:
    shuffled = list(items)
    order.shuffle(shuffled)
    assert limit_exposure(shuffled, given_limits) == limit_exposure(items, given_limits)


@law
@given(candidates, limits)
def test_scores_stay_and_the_cost_is_what_is_missing(items: list[Candidate], given_limits: ExposureLimits) -> None:
    found = limit_exposure(items, given_limits)
    scores = {(item.need, item.organization): item.score for item in items}
    spent = 0.0
    for need, group in by_need(items).items():
        places = found.lists[need]
        assert all(place.score == scores[need, place.organization] for place in places)
        assert [place.score for place in places] == sorted((place.score for place in places), reverse=True)
        spent += sum(item.score for item in group[: given_limits.places]) - sum(place.score for place in places)
    assert found.cost == pytest.approx(spent)
