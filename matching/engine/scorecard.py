"""The scorecard: every criterion gives labelled points, and the points are the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.board import Board
from matching.engine.columns import Bools, Ints
from matching.engine.criteria import CRITERIA, Assessment, Criterion

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
