"""The scorecard: every criterion gives labelled points, and the points are the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.board import Board
from matching.engine.columns import Bools, Floats, Ints
from matching.engine.criteria import CRITERIA, Assessment, Criterion
from matching.engine.settings import Settings

POINT_DECIMALS = 4
POINT_STEPS = 10**POINT_DECIMALS
"""Points are whole numbers of 1/10,000, so that contributions sum to the score exactly."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one criterion gave: points per pair, in steps, and where it was asked for and stayed unknown."""

    criterion: Criterion
    assessment: Assessment
    points: Ints
    unknown: Bools
    asked: Bools


@dataclass(frozen=True, slots=True)
class Assessed:
    """What every criterion found for every scored pair of need and organization, as columns.

    Pairs are sorted by need, then organization. Criteria without a weight are assessed too, so that weights can be
    tried and learned; they give no points.
    """

    criteria: tuple[str, ...]
    organization_ids: tuple[str, ...]
    """Ids by organization row."""
    need: Ints
    """Place of each pair's need among the needs given."""
    organization: Ints
    """Row of each pair's organization."""
    shares: Floats
    """Criteria × pairs: the part of the points that was earned, 0 to 1; NaN where it is unknown or was not asked."""
    asked: Bools
    """Criteria × needs: whether the need asks for the criterion."""
    points: Ints
    """Criteria × pairs: points in steps of 1/10,000."""
    score: Ints
    """Sum of each pair's points, in the same steps."""

    def __len__(self) -> int:
        return len(self.need)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The lists of many needs as columns: one row per place in a list, need by need, best first."""

    criteria: tuple[str, ...]
    organization_ids: tuple[str, ...]
    """Ids by organization row."""
    considered: Ints
    """How many organizations were scored for each need."""
    need: Ints
    """Place of each row's need among the needs given."""
    organization: Ints
    """Row of each row's organization."""
    score: Ints
    """In steps of 1/10,000 point."""
    points: Ints
    """Criteria × rows, in the same steps; they sum to the score."""
    unknown: Bools
    """Criteria × rows: where the need asks for the criterion and nothing is known."""

    def __len__(self) -> int:
        return len(self.need)


def rank(board: Board, lines: Sequence[Line], scores: Ints, best: Ints, organization_ids: tuple[str, ...]) -> Ranking:
    """Return the best pairs of a scored board, in the order given."""
    return Ranking(
        criteria=tuple(line.criterion.name for line in lines),
        organization_ids=organization_ids,
        considered=np.bincount(board.pairs.need, minlength=len(board.queries)),
        need=board.pairs.need[best],
        organization=board.pairs.organization[best],
        score=scores[best],
        points=np.array([line.points[best] for line in lines], dtype=np.int64).reshape(len(lines), len(best)),
        unknown=np.array([line.unknown[best] for line in lines], dtype=np.bool_).reshape(len(lines), len(best)),
    )


def join_rankings(
    parts: Sequence[Ranking], places: Sequence[Sequence[int]], needs: int, settings: Settings, ids: tuple[str, ...]
) -> Ranking:
    """Unite the parts of several batches; `places` are the places of each part's needs among all `needs`."""
    criteria = tuple(criterion.name for criterion in CRITERIA if settings.weights[criterion.name] > 0)
    considered = np.zeros(needs, dtype=np.int64)
    for part, place in zip(parts, places, strict=True):
        considered[list(place)] = part.considered
    none = np.zeros(0, dtype=np.int64)
    nothing = np.zeros((len(criteria), 0), dtype=np.int64)
    return Ranking(
        criteria=criteria,
        organization_ids=ids,
        considered=considered,
        need=_moved([part.need for part in parts], places),
        organization=np.concatenate([none, *(part.organization for part in parts)]),
        score=np.concatenate([none, *(part.score for part in parts)]),
        points=np.concatenate([nothing, *(part.points for part in parts)], axis=1),
        unknown=np.concatenate([nothing.astype(np.bool_), *(part.unknown for part in parts)], axis=1),
    )


def assess(board: Board, organization_ids: tuple[str, ...]) -> Assessed:
    """Return what all criteria found on a board."""
    weights = board.settings.weights
    lines = [_line(board, criterion, weights[criterion.name]) for criterion in CRITERIA]
    asked = [[criterion.asked(query) for query in board.queries] for criterion in CRITERIA]
    points = np.array([line.points for line in lines], dtype=np.int64)
    return Assessed(
        criteria=tuple(criterion.name for criterion in CRITERIA),
        organization_ids=organization_ids,
        need=board.pairs.need,
        organization=board.pairs.organization,
        shares=np.array([_share(line) for line in lines], dtype=np.float64),
        asked=np.array(asked, dtype=np.bool_),
        points=points,
        score=points.sum(axis=0),
    )


def join_assessed(
    parts: Sequence[Assessed], places: Sequence[Sequence[int]], needs: int, organization_ids: tuple[str, ...]
) -> Assessed:
    """Unite the parts of several batches; `places` are the places of each part's needs among all `needs`."""
    asked = np.zeros((len(CRITERIA), needs), dtype=np.bool_)
    for part, place in zip(parts, places, strict=True):
        asked[:, list(place)] = part.asked
    none = np.zeros(0, dtype=np.int64)
    nothing = np.zeros((len(CRITERIA), 0), dtype=np.int64)
    return Assessed(
        criteria=tuple(criterion.name for criterion in CRITERIA),
        organization_ids=organization_ids,
        need=_moved([part.need for part in parts], places),
        organization=np.concatenate([none, *(part.organization for part in parts)]),
        shares=np.concatenate([nothing.astype(np.float64), *(part.shares for part in parts)], axis=1),
        asked=asked,
        points=np.concatenate([nothing, *(part.points for part in parts)], axis=1),
        score=np.concatenate([none, *(part.score for part in parts)]),
    )


def _moved(needs: Sequence[Ints], places: Sequence[Sequence[int]]) -> Ints:
    """Return the needs of all batches by their place among all."""
    moved = [np.array(place, dtype=np.int64)[need] for need, place in zip(needs, places, strict=True)]
    return np.concatenate([np.zeros(0, dtype=np.int64), *moved])


def _share(line: Line) -> Floats:
    return np.where(line.asked, np.clip(line.assessment.share, 0.0, 1.0), np.nan)


def score(board: Board) -> tuple[list[Line], Ints]:
    """Return the lines of all criteria with a weight, and each pair's score in steps."""
    lines = [
        _line(board, criterion, board.settings.weights[criterion.name])
        for criterion in CRITERIA
        if board.settings.weights[criterion.name] > 0
    ]
    total = np.zeros(len(board.pairs), dtype=np.int64)
    for line in lines:
        total += line.points
    return lines, total


def _line(board: Board, criterion: Criterion, weight: float) -> Line:
    wanted = np.array([criterion.asked(query) for query in board.queries], dtype=np.bool_)
    asked = wanted[board.pairs.need]
    if not asked.any():
        nothing = np.zeros(len(asked), dtype=np.int64)
        assessment = Assessment(np.zeros(len(asked)), np.full(len(asked), -1, dtype=np.int64))
        return Line(criterion, assessment, nothing, np.zeros(len(asked), dtype=np.bool_), asked)
    assessment = criterion.assess(board)
    missing = np.isnan(assessment.share)
    earned = np.where(asked & ~missing, np.clip(np.where(missing, 0.0, assessment.share), 0.0, 1.0), 0.0)
    points = np.rint(earned * weight * POINT_STEPS).astype(np.int64)
    return Line(criterion, assessment, points, asked & missing, asked)
