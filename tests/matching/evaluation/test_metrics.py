"""Every metric against its definition written as plainly as possible."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.evaluation.metrics import (
    estimate,
    estimate_difference,
    hit,
    measure_all,
    ndcg,
    recall,
    reciprocal_rank,
)

pytestmark = pytest.mark.database_free

NAMES = [f"org{number}" for number in range(12)]
rankings = st.permutations(NAMES).flatmap(lambda names: st.integers(0, len(names)).map(lambda size: names[:size]))
judgements = st.dictionaries(st.sampled_from(NAMES), st.sampled_from((0.0, 1.0, 2.0, 3.0)), min_size=1).filter(
    lambda grades: any(grade > 0 for grade in grades.values())
)
cutoffs = st.integers(1, 15)


@given(rankings, judgements, cutoffs)
def test_against_brute_force(ranked: list[str], grades: dict[str, float], cutoff: int) -> None:
    relevant = [name for name in NAMES if grades.get(name, 0) > 0]
    found = [name for name in ranked[:cutoff] if name in relevant]
    places = [ranked.index(name) + 1 for name in found]
    gain = sum(grades.get(name, 0) / math.log2(ranked.index(name) + 2) for name in ranked[:cutoff])
    ideal_order = sorted(relevant, key=lambda name: -grades[name])[:cutoff]
    ideal = sum(grades[name] / math.log2(place + 2) for place, name in enumerate(ideal_order))
    got = measure_all(
        ranked,
        grades,
        {"R": recall(cutoff), "Hit": hit(cutoff), "MRR": reciprocal_rank(cutoff), "nDCG": ndcg(cutoff)},
    )
    assert got["R"] == pytest.approx(len(found) / len(relevant))
    assert got["Hit"] == (1 if found else 0)
    assert got["MRR"] == pytest.approx(1 / min(places) if places else 0)
    assert got["nDCG"] == pytest.approx(gain / ideal)
    assert all(0 <= value <= 1 + 1e-12 for value in got.values())


def test_a_rank_beyond_the_cutoff_counts_for_nothing() -> None:
    assert reciprocal_rank(2)(["a", "b", "c"], {"c": 1}) == 0
    assert reciprocal_rank()(["a", "b", "c"], {"c": 1}) == pytest.approx(1 / 3)


def test_a_need_without_anything_relevant_is_refused() -> None:
    with pytest.raises(ValueError, match="leave it out"):
        recall(20)(["a"], {"a": 0})


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_interval_holds_the_mean_and_is_the_same_every_time(values: list[float]) -> None:
    found = estimate(values)
    assert found.mean == pytest.approx(np.mean(values))
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert estimate(values) == found


def test_the_interval_is_about_two_standard_errors_wide() -> None:
    values = [float(place % 2) for place in range(400)]
    found = estimate(values)
    assert found.high - found.low == pytest.approx(4 * 0.5 / math.sqrt(400), rel=0.1)


def test_pairing_takes_out_what_both_share() -> None:
    one = [place / 100 for place in range(100)]
    other = [value - 0.05 for value in one]
    difference = estimate_difference(one, other)
    assert difference.low == pytest.approx(0.05)
    assert difference.high == pytest.approx(0.05)
    with pytest.raises(ValueError, match="shorter"):
        estimate_difference([1.0], [])
