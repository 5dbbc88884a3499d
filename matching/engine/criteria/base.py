"""What a criterion is."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from matching.engine.board import Board
from matching.engine.columns import Floats, Ints
from matching.engine.queries import Query
from matching.engine.types import Detail, JsonValue

FULL = 0.999
SLIGHT = 0.02
"""Below this share a fit is none to speak of: it gives next to no points."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Per pair: the share of the points earned (0 to 1, NaN for unknown) and the row it was read from (or -1)."""

    share: Floats
    row: Ints


class Criterion(ABC):
    """One line of the scorecard. A need that does not ask for it gives nobody points and makes nobody unknown."""

    name: ClassVar[str]

    @abstractmethod
    def asked(self, query: Query) -> bool:
        """Say whether the need asks for it."""

    @abstractmethod
    def assess(self, board: Board) -> Assessment:
        """Return what every pair on the board earns."""

    @abstractmethod
    def describe(self, board: Board, pair: int, assessment: Assessment) -> Detail:
        """Return what a template needs to explain the points of one pair."""


class OfferCriterion(Criterion):
    """A criterion read from single documents: the best one counts, as far as it is about the subject."""

    fields: ClassVar[tuple[str, ...]]
    """Document fields it reads; when one is restricted, the explanation says no more than that."""

    @abstractmethod
    def fit(self, board: Board) -> Floats:
        """Return how well each row fits, 0 to 1; NaN where the document does not say."""

    @abstractmethod
    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return what may be shown of an unrestricted document."""

    def assess(self, board: Board) -> Assessment:
        """Return the best fit of each pair's documents, weighted by how far each is about the subject."""
        return Assessment(*board.best(self.fit(board) * board.row_topical))

    def describe(self, board: Board, pair: int, assessment: Assessment) -> Detail:
        """Say how well it fits; for a restricted field nothing that depends on its value."""
        row = int(assessment.row[pair])
        if self._is_restricted(board, row):
            return Detail(f"{self.name}.restricted")
        share = float(assessment.share[pair] / (board.row_topical[row] or 1.0))
        return Detail(f"{self.name}.{grade(share)}", self.arguments(board, row))

    def _is_restricted(self, board: Board, row: int) -> bool:
        hidden = board.records.documents.restricted.row(int(board.rows.document[row]))
        # Most documents hide nothing, and this is asked of every line of every match.
        return len(hidden) > 0 and bool(np.isin(hidden, board.records.codes(self.fields)).any())


class OrganizationCriterion(Criterion):
    """A criterion read from the organization itself, worth as much as it has to say on the subject."""

    @abstractmethod
    def fit(self, board: Board) -> Floats:
        """Return how well each pair's organization fits, 0 to 1; NaN where its record does not say."""

    @abstractmethod
    def arguments(self, board: Board, pair: int) -> dict[str, JsonValue]:
        """Return what may be shown of the organization."""

    def assess(self, board: Board) -> Assessment:
        """Return the fit of each pair, weighted by how far the organization is about the subject."""
        return Assessment(self.fit(board) * board.pair_topical, np.full(len(board.pairs), -1, dtype=np.int64))

    def describe(self, board: Board, pair: int, assessment: Assessment) -> Detail:
        """Say how well it fits."""
        share = float(assessment.share[pair] / (board.pair_topical[pair] or 1.0))
        return Detail(f"{self.name}.{grade(share)}", self.arguments(board, pair))


def grade(share: float) -> str:
    """Return ``met``, ``partly`` or ``not_met``: the ending of every detail code."""
    if share >= FULL:
        return "met"
    return "partly" if share >= SLIGHT else "not_met"


def number(value: float) -> float | None:
    """Return a number for an explanation, None for an unknown one."""
    return None if math.isnan(value) else float(value)
