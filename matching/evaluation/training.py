"""Learning the scorecard's weights from what became of matches.

The model is the production scorecard itself, additive and non-negative, so whatever is learned can be shown as points.
It is a conditional logit (McFadden 1974; the same as the listwise loss of ListNet with one draw per list): of a need's
candidates the one that proved relevant is drawn with probability proportional to exp(score). Only differences within a
need count, since lists are ranked within a need; how many candidates a need has, or how easy it is, teaches nothing.

    minimise  Σ_needs loss(θ)  +  ridge / 2 · ‖θ − τ·d‖²     over θ ≥ 0, τ ≥ 0

θ are the unscaled weights of the criteria, d the prior weights scaled to sum to 1, and τ the slope at which the prior
weights fit best, so that the penalty falls on another *mix* of criteria and not on their common scale. The problem is
convex: the optimum does not depend on the order of the examples or on where the search starts.

Outcomes can only teach what they vary in. A criterion that no need of the examples asks for, or that never tells two
candidates apart, keeps exactly its prior points; those that were taught share out among themselves the points that they
have in the prior together. Real consortia of a framework programme, for instance, say nothing about readiness levels:
whatever they teach about texts against past cooperation, a readiness level stays worth what it was.

The likelihood counts every relevant candidate alike, however far down it stands, while people read the top of a list.
`settle_weights` therefore goes from the prior towards the fitted weights only as far as nDCG of the examples rises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from matching.engine import DEFAULT_WEIGHTS, Assessed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DEFAULT_RIDGE: Final = 1.0
"""Strength of the pull towards the prior mix: a weight that is one logit off costs as much as half a unit of loss."""
WEIGHT_DECIMALS: Final = 2
READ: Final = 20
"""Places of a list that people read."""
STEPS: Final = 4
_FULL: Final = 100.0
_TOLERANCE: Final = 1e-10
_MOST_STEPS: Final = 2000


class TrainingError(Exception):
    """The examples cannot teach anything; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Candidates of needs and what became of them. Arrays run over candidates, which stand grouped by need."""

    shares: Floats
    """Candidates × criteria, in the order of `criteria`: the part of the points earned, 0 where it is unknown."""
    starts: Ints
    """Candidates ``starts[i]:starts[i + 1]`` belong to need i."""
    gain: Floats
    """How much a candidate proved relevant, 0 or more."""
    criteria: tuple[str, ...] = tuple(DEFAULT_WEIGHTS)

    @property
    def needs(self) -> int:
        """How many needs there are."""
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True)
class Fitted:
    """Learned weights and what they rest on."""

    weights: Mapping[str, float]
    """Points per criterion, summing to 100."""
    taught: tuple[str, ...]
    """The criteria that the examples could say something about; all others keep their prior points."""
    needs: int
    """Needs with both a relevant and another candidate: the others teach nothing."""
    candidates: int
    loss_before: float
    """Mean loss per need of the prior mix at its best slope."""
    loss_after: float
    step: float = 1.0
    """How far from the prior towards the optimum the weights stand, 0 to 1."""


def examples_from(assessed: Assessed, gains: Sequence[Mapping[str, float]]) -> Examples:
    """Turn assessed shortlists into examples.

    Args:
        assessed: what every criterion found.
        gains: for each need that was assessed, the organizations that proved relevant and how much.
    """
    names = assessed.organization_ids
    gain = [
        gains[need].get(names[organization], 0.0)
        for need, organization in zip(assessed.need.tolist(), assessed.organization.tolist(), strict=True)
    ]
    return Examples(
        shares=np.nan_to_num(assessed.shares.T, nan=0.0),
        starts=np.searchsorted(assessed.need, np.arange(len(gains) + 1)).astype(np.int64),
        gain=np.array(gain, dtype=np.float64),
        criteria=assessed.criteria,
    )


def join_examples(parts: Sequence[Examples]) -> Examples:
    """Unite examples from several sources; their needs stay apart.

    Raises:
        ValueError: they do not agree on the criteria.
    """
    if len({part.criteria for part in parts}) != 1:
        raise ValueError("Give examples over the same criteria in the same order.")
    sizes = [np.diff(part.starts) for part in parts]
    return Examples(
        shares=np.concatenate([part.shares for part in parts]),
        starts=np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64),
        gain=np.concatenate([part.gain for part in parts]),
        criteria=parts[0].criteria,
    )


def fit_weights(
    examples: Examples,
    *,
    prior: Mapping[str, float] = DEFAULT_WEIGHTS,
    ridge: float = DEFAULT_RIDGE,
    on_step: Callable[[int], None] | None = None,
) -> Fitted:
    """Learn the points per criterion.

    Args:
        examples: candidates and what became of them.
        prior: the weights to stay near, naming every criterion and summing to 100.
        ridge: how strongly to stay near them, above 0.
        on_step: called with the number of steps taken; may raise to cancel.

    Raises:
        TrainingError: no need has both a relevant and another candidate, no criterion tells candidates apart, or
            whatever tells them apart points away from what proved relevant.
        ValueError: `ridge` is not above 0.
    """
    if not ridge > 0:
        raise ValueError(f"ridge is {ridge!r}; give a number above 0")
    usable = _usable(examples)
    taught = _taught(usable)
    shared = np.array([prior[name] for name in usable.criteria])[taught]
    if not shared.sum() > 0:
        raise TrainingError("Every criterion that the examples speak of has no points to share out in the prior.")
    problem = _Problem(usable.shares[:, taught], usable.starts, usable.gain, shared / shared.sum(), ridge)
    slope = problem.best_slope()
    theta = problem.solve(slope, on_step or _ignore)
    if not theta.sum() > 0:
        raise TrainingError("In these examples every criterion speaks against what proved relevant; check the data.")
    points = dict(prior)
    for name, value in zip(np.array(usable.criteria)[taught], theta / theta.sum() * shared.sum(), strict=True):
        points[str(name)] = float(value)
    return Fitted(
        weights=_rounded(points),
        taught=tuple(name for name, is_taught in zip(usable.criteria, taught.tolist(), strict=True) if is_taught),
        needs=usable.needs,
        candidates=len(usable.gain),
        loss_before=problem.loss(slope * problem.prior)[0] / usable.needs,
        loss_after=problem.loss(theta)[0] / usable.needs,
    )


def settle_weights(examples: Examples, fitted: Fitted, *, prior: Mapping[str, float] = DEFAULT_WEIGHTS) -> Fitted:
    """Return the weights between the prior and the fitted ones that give the examples the best lists.

    Tried are equal steps; of equally good ones the shortest is taken.

    Args:
        examples: what the weights were fitted to.
        fitted: the outcome of `fit_weights`.
        prior: the weights that it started from.
    """
    usable = _usable(examples)
    names = usable.criteria
    start, end = (np.array([weights[name] for name in names]) for weights in (prior, fitted.weights))
    steps = [place / STEPS for place in range(STEPS + 1)]
    quality = [_mean_ndcg(usable, usable.shares @ (start + step * (end - start))) for step in steps]
    step = steps[int(np.argmax(np.round(quality, 6)))]
    points = {name: prior[name] + step * (fitted.weights[name] - prior[name]) for name in prior}
    theta = np.array([points[name] for name in names])
    return replace(fitted, weights=_rounded(points), step=step, loss_after=_best_loss(usable, theta) / usable.needs)


def _mean_ndcg(examples: Examples, score: Floats) -> float:
    """Return nDCG at the places that people read, averaged over needs; see `matching.evaluation.metrics.ndcg`."""
    need = np.repeat(np.arange(examples.needs), np.diff(examples.starts))
    place = np.arange(len(score)) - examples.starts[need]
    discount = np.where(place < READ, 1 / np.log2(place + 2), 0.0)

    def gathered(by: Floats) -> Floats:
        order = np.lexsort((-by, need))
        summed = np.bincount(need, weights=discount * examples.gain[order], minlength=examples.needs)
        return np.asarray(summed, dtype=np.float64)

    return float((gathered(score) / gathered(examples.gain)).mean())


def _best_loss(examples: Examples, points: Floats) -> float:
    """Return the loss of a mix of weights at its best slope."""
    problem = _Problem(examples.shares, examples.starts, examples.gain, points / points.sum(), DEFAULT_RIDGE)
    return problem.loss(problem.best_slope() * problem.prior)[0]


@dataclass(frozen=True, slots=True)
class _Problem:
    """The convex problem of the module's docstring over the criteria that can be taught."""

    shares: Floats
    starts: Ints
    gain: Floats
    prior: Floats
    ridge: float

    def loss(self, theta: Floats) -> tuple[float, Floats]:
        """Return Σ_needs −log-likelihood and its gradient; a need's gains are scaled to sum to 1."""
        groups, sizes = self.starts[:-1], np.diff(self.starts)
        score = self.shares @ theta
        peak = np.maximum.reduceat(score, groups)
        lifted = np.exp(score - np.repeat(peak, sizes))
        total = np.add.reduceat(lifted, groups)
        drawn = self.gain / np.repeat(np.add.reduceat(self.gain, groups), sizes)
        log_total = float((peak + np.log(total)).sum())
        expected = lifted / np.repeat(total, sizes)
        return log_total - float(drawn @ score), np.asarray(self.shares.T @ (expected - drawn))

    def best_slope(self) -> float:
        """Return the τ at which the prior mix alone fits best."""

        def along(slope: Floats) -> tuple[float, Floats]:
            value, gradient = self.loss(slope[0] * self.prior)
            return value, np.array([gradient @ self.prior])

        return float(_minimum(along, np.ones(1), _ignore)[0])

    def solve(self, slope: float, on_step: Callable[[int], None]) -> Floats:
        """Return θ at the optimum, starting from the prior mix at this slope."""

        def penalised(point: Floats) -> tuple[float, Floats]:
            theta, tau = point[:-1], point[-1]
            value, gradient = self.loss(theta)
            off = theta - tau * self.prior
            return value + self.ridge / 2 * float(off @ off), np.append(
                gradient + self.ridge * off, -self.ridge * float(off @ self.prior)
            )

        return _minimum(penalised, np.append(slope * self.prior, slope), on_step)[:-1]


def _usable(examples: Examples) -> Examples:
    """Return the needs that have both a relevant and another candidate."""
    groups = [
        (start, end)
        for start, end in zip(examples.starts[:-1].tolist(), examples.starts[1:].tolist(), strict=True)
        if (examples.gain[start:end] > 0).any() and not (examples.gain[start:end] > 0).all()
    ]
    if not groups:
        raise TrainingError("No need has both a candidate that proved relevant and one that did not; give more data.")
    rows = np.concatenate([np.arange(start, end) for start, end in groups])
    sizes = [end - start for start, end in groups]
    return Examples(
        shares=examples.shares[rows],
        starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        gain=examples.gain[rows],
        criteria=examples.criteria,
    )


def _taught(examples: Examples) -> Bools:
    """Return the criteria that tell candidates of at least one need apart."""
    groups = examples.starts[:-1]
    spread = np.maximum.reduceat(examples.shares, groups) - np.minimum.reduceat(examples.shares, groups)
    taught = np.asarray((spread > 0).any(axis=0))
    if not taught.any():
        raise TrainingError("No criterion tells the candidates of a need apart; give more data.")
    return taught


def _minimum(
    function: Callable[[Floats], tuple[float, Floats]], start: Floats, on_step: Callable[[int], None]
) -> Floats:
    steps = 0

    def count(_point: Floats) -> None:
        nonlocal steps
        steps += 1
        on_step(steps)

    found = minimize(
        function,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * len(start),
        callback=count,
        options={"maxiter": _MOST_STEPS, "ftol": _TOLERANCE, "gtol": 1e-8},
    )
    return np.asarray(found.x, dtype=np.float64)


def _rounded(points: Mapping[str, float]) -> dict[str, float]:
    """Return points with two decimals that sum to 100, by the method of largest remainders."""
    unit = 10**WEIGHT_DECIMALS
    exact = {name: value * unit * _FULL / sum(points.values()) for name, value in points.items()}
    whole = {name: int(np.floor(value + 1e-9)) for name, value in exact.items()}
    missing = round(_FULL * unit) - sum(whole.values())
    for name in sorted(exact, key=lambda name: (whole[name] - exact[name], name))[:missing]:
        whole[name] += 1
    return {name: value / unit for name, value in whole.items()}


def _ignore(_step: int) -> None:
    """Nobody watches."""
