"""The reference set that comes with the platform tells weights apart."""

import pytest

from matching.engine import DEFAULT_WEIGHTS
from matching.evaluation.comparison import TOLERATED_LOSS, Comparison, MeasureChange, compare
from matching.evaluation.reference import compare_on_reference
from tests.matching.engine.builders import make_settings, only

pytestmark = pytest.mark.database_free


def test_weights_that_see_words_only_rank_worse():
    found = compare_on_reference(before=make_settings(), after=make_settings(weights=only("text")))
    assert found.is_worse
    assert found.needs > 40
    assert found.verdict.high < 0, "the hard negatives leave no doubt"


def test_the_weights_in_force_do_not_rank_worse_than_themselves():
    found = compare_on_reference(before=make_settings(), after=make_settings(weights=dict(DEFAULT_WEIGHTS)))
    assert not found.is_worse
    assert {change.difference for change in found.changes.values()} == {0.0}


@pytest.mark.parametrize(
    ("change", "is_worse"),
    [
        (MeasureChange(0.5, 0.495, -0.005, -0.006, -0.004), True),
        (MeasureChange(0.5, 0.495, -0.005, -0.02, 0.01), False),
        (MeasureChange(0.5, 0.4, -0.1, -0.3, 0.1), True),
        (MeasureChange(0.5, 0.5 - TOLERATED_LOSS, -TOLERATED_LOSS, -0.1, 0.1), False),
        (MeasureChange(0.5, 0.6, 0.1, -0.1, 0.3), False),
    ],
)
def test_what_counts_as_worse(change, is_worse):
    assert change.is_worse == is_worse


def test_a_comparison_is_kept_as_plain_values():
    found = compare(
        "x", before={"a": [0.1, 0.2], "b": [1.0, 1.0]}, after={"a": [0.3, 0.2], "b": [0.5, 1.0]}, deciding="a"
    )
    assert Comparison.from_json(found.to_json()) == found
    assert (found.needs, found.verdict.before, found.verdict.after) == (2, 0.15, 0.25)
    with pytest.raises(ValueError, match="no need"):
        compare("x", before={"a": []}, after={"a": []}, deciding="a")
