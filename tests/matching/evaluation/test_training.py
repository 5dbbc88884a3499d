"""Learning weights: what was planted is found again, nothing else is claimed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from matching.engine import DEFAULT_WEIGHTS, Settings
from matching.evaluation import training
from matching.evaluation.metrics import ndcg
from matching.evaluation.training import (
    Examples,
    Fitted,
    TrainingError,
    examples_from,
    fit_weights,
    join_examples,
    settle_weights,
)
from tests.matching.engine.builders import make_document, make_index, make_need

pytestmark = pytest.mark.database_free

NAMES = tuple(DEFAULT_WEIGHTS)
ASKED = ("text", "track_record", "past_cooperation", "technology")


def make_examples(true: dict[str, float], *, needs: int = 300, candidates: int = 30, seed: int = 1) -> Examples:
    """Candidates of whom two per need are drawn with the odds that the true slopes give them."""
    random = np.random.default_rng(seed)
    shares = np.zeros((needs * candidates, len(NAMES)))
    for name in ASKED:
        shares[:, NAMES.index(name)] = random.random(needs * candidates)
    score = shares @ np.array([true.get(name, 0.0) for name in NAMES])
    luck = score + random.gumbel(size=len(score))
    gain = np.zeros(len(score))
    for start in range(0, len(score), candidates):
        gain[start + np.argsort(-luck[start : start + candidates])[:2]] = 1.0
    return Examples(shares, np.arange(0, len(score) + 1, candidates), gain)


def permuted(examples: Examples, seed: int) -> Examples:
    """The same needs in another order, each with its candidates in another order."""
    random = np.random.default_rng(seed)
    groups = [np.arange(*pair) for pair in zip(examples.starts[:-1], examples.starts[1:], strict=True)]
    order = [random.permutation(groups[place]) for place in random.permutation(len(groups))]
    starts = np.concatenate([[0], np.cumsum([len(group) for group in order])])
    rows = np.concatenate(order)
    return Examples(examples.shares[rows], starts, examples.gain[rows])


def test_planted_weights_are_found_again():
    true = {"text": 6.0, "track_record": 3.0, "past_cooperation": 9.0, "technology": 0.0}
    fitted = fit_weights(make_examples(true, needs=800), ridge=0.1)
    taught = {name: fitted.weights[name] for name in ASKED}
    total = sum(taught.values())
    for name, value in true.items():
        assert taught[name] / total == pytest.approx(value / 18, abs=0.03), name
    assert fitted.loss_after < fitted.loss_before
    assert (fitted.needs, fitted.candidates) == (800, 24_000)


def test_what_nobody_asked_for_keeps_its_points():
    fitted = fit_weights(make_examples({"text": 5.0}))
    assert set(fitted.taught) == set(ASKED)
    for name in set(NAMES) - set(ASKED):
        assert fitted.weights[name] == DEFAULT_WEIGHTS[name], name
    Settings(weights=fitted.weights)


def test_a_criterion_that_speaks_against_success_gets_nothing_rather_than_less():
    fitted = fit_weights(make_examples({"text": 5.0, "technology": -5.0}), ridge=0.01)
    assert fitted.weights["technology"] == pytest.approx(0, abs=0.01)
    assert min(fitted.weights.values()) >= 0


def test_little_data_moves_the_weights_little_and_more_of_it_more():
    true = {"past_cooperation": 8.0}
    moved = [
        fit_weights(make_examples(true, needs=needs)).weights["past_cooperation"] - DEFAULT_WEIGHTS["past_cooperation"]
        for needs in (3, 30, 300)
    ]
    assert 0 < moved[0] < moved[1] < moved[2]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_neither_the_order_of_needs_nor_of_candidates_matters(seed):
    examples = make_examples({"text": 4.0, "past_cooperation": 6.0}, needs=40, seed=seed)
    first, second = fit_weights(examples), fit_weights(permuted(examples, seed))
    assert first.taught == second.taught
    for name in NAMES:
        assert first.weights[name] == pytest.approx(second.weights[name], abs=0.011), name


def test_candidates_of_other_needs_and_scale_teach_nothing():
    examples = make_examples({"text": 4.0, "past_cooperation": 6.0}, needs=40)
    unanswered = Examples(np.random.default_rng(5).random((30, len(NAMES))), np.array([0, 30]), np.zeros(30))
    louder = Examples(examples.shares, examples.starts, examples.gain * 7)
    expected = fit_weights(examples).weights
    assert fit_weights(join_examples([examples, unanswered])).weights == expected
    assert fit_weights(louder).weights == pytest.approx(expected, abs=0.011)


def test_weights_settle_where_the_lists_are_best():
    """The likelihood counts candidates far down as well; how far to follow it is decided at the top of the lists."""
    examples = make_examples({"text": 5.0, "past_cooperation": 6.0}, needs=60)
    fitted = fit_weights(examples)
    settled = settle_weights(examples, fitted)
    qualities = [mean_ndcg(examples, step, fitted) for step in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert mean_ndcg(examples, settled.step, fitted) == max(qualities) > qualities[0]
    assert sum(settled.weights.values()) == pytest.approx(100)
    assert settled.loss_after < settled.loss_before


def mean_ndcg(examples: Examples, step: float, fitted: Fitted) -> float:
    """By the metric itself, need by need."""
    weights = np.array(
        [DEFAULT_WEIGHTS[name] + step * (fitted.weights[name] - DEFAULT_WEIGHTS[name]) for name in NAMES]
    )
    found = []
    for start, end in zip(examples.starts[:-1], examples.starts[1:], strict=True):
        order = start + np.argsort(-(examples.shares[start:end] @ weights), kind="stable")
        grades = {str(row): float(examples.gain[row]) for row in range(start, end)}
        found.append(ndcg(20)([str(row) for row in order], grades))
    return round(float(np.mean(found)), 6)


def test_weights_that_make_the_lists_no_better_stay_where_they_were():
    shares = np.zeros((4, len(NAMES)))
    shares[0, NAMES.index("text")], shares[2, NAMES.index("past_cooperation")] = 1.0, 1.0
    examples = Examples(shares, np.array([0, 2, 4]), np.array([1.0, 0.0, 1.0, 0.0]))
    settled = settle_weights(examples, fit_weights(examples))
    assert settled.step == 0
    assert settled.weights == pytest.approx(dict(DEFAULT_WEIGHTS))


def test_the_gradient_is_the_slope_of_the_loss():
    examples = make_examples({"text": 4.0}, needs=5, candidates=6)
    problem = training._Problem(examples.shares, examples.starts, examples.gain, np.full(len(NAMES), 0.1), 1.0)
    point = np.linspace(0.1, 2.0, len(NAMES))
    assert problem.loss(point)[1] == pytest.approx(approx_fprime(point, lambda at: problem.loss(at)[0]), abs=1e-4)


@pytest.mark.parametrize(
    ("examples", "says"),
    [
        (Examples(np.zeros((0, len(NAMES))), np.array([0]), np.zeros(0)), "No need has both"),
        (Examples(np.ones((2, len(NAMES))), np.array([0, 2]), np.ones(2)), "No need has both"),
        (Examples(np.ones((2, len(NAMES))), np.array([0, 2]), np.array([1.0, 0.0])), "No criterion tells"),
        (
            Examples(np.array([[0.0] * len(NAMES), [1.0] * len(NAMES)]), np.array([0, 2]), np.array([1.0, 0.0])),
            "speaks against",
        ),
    ],
)
def test_data_that_teach_nothing_are_refused(examples, says):
    with pytest.raises(TrainingError, match=says):
        fit_weights(examples)


def test_a_pull_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        fit_weights(make_examples({"text": 5.0}), ridge=0.0)


def test_steps_are_told_and_training_can_be_interrupted():
    steps: list[int] = []
    fit_weights(make_examples({"text": 5.0}, needs=20), on_step=steps.append)
    assert steps == list(range(1, len(steps) + 1))

    def interrupt(_step: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_weights(make_examples({"text": 5.0}, needs=20), on_step=interrupt)


def test_examples_come_from_assessed_shortlists():
    index = make_index([make_document(f"d{name}", name) for name in ("bob", "dora", "erin")])
    needs = [make_need(id="one"), make_need(id="closed", closed=True), make_need(id="two")]
    examples = examples_from(index.assess(needs), [{"dora": 1.0}, {"bob": 1.0}, {"erin": 2.0, "unheard-of": 9.0}])
    assert examples.starts.tolist() == [0, 3, 3, 6]
    assert examples.gain.tolist() == [0.0, 1.0, 0.0, 0.0, 0.0, 2.0]
    assert examples.criteria == NAMES
    assert not np.isnan(examples.shares).any()
    assert (examples.shares[:, NAMES.index("text")] > 0).all()
