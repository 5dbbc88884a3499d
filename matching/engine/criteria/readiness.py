"""Criteria on readiness: technology and manufacturing readiness levels.

Three questions decide. *Reach*: does the offer come up to the target level? *Distance*: if not, how far off is it?
*Overlap*: for a facility, which carries a technology from one level to another, how much of the way does it cover?
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from matching.engine.board import Board
from matching.engine.columns import Floats
from matching.engine.criteria.base import OfferCriterion, number
from matching.engine.queries import Query
from matching.engine.tables import FACILITY
from matching.engine.types import JsonValue, Span

_REACH = 3.0
"""Levels short of the target at which an offer is worth nothing: it would take years to close such a gap."""
_OVERSHOOT = 6.0
"""Levels beyond the target at which it is worth nothing: a finished product is of less use to early research."""


class _Readiness(OfferCriterion):
    """The span of levels an offer covers against the level that the need wants to reach."""

    def asked(self, query: Query) -> bool:
        """Ask when the need says from where to where."""
        return self._span(query) is not None

    def fit(self, board: Board) -> Floats:
        """Return 1 where the span covers the target level, falling with the distance to it.

        What stands below the level that the asker has already reached is worth nothing. A facility with a way of its
        own is worth the part of the asker's way that it covers.
        """
        documents = board.records.documents
        low = getattr(documents, f"{self.name}_low")[board.rows.document]
        high = getattr(documents, f"{self.name}_high")[board.rows.document]
        spans = np.array([self._span(query) or (np.nan, np.nan) for query in board.queries])
        current, target = spans[board.rows.need].T
        short = np.maximum(target - high, 0) / _REACH
        beyond = np.maximum(low - target, 0) / _OVERSHOOT
        climbs = current < target
        near = np.where(climbs & (high < current), 0.0, np.maximum(1 - short - beyond, 0))
        carries = climbs & (documents.kind[board.rows.document] == FACILITY) & (low < high)
        overlap = np.maximum(np.minimum(high, target) - np.maximum(low, current), 0)
        fit = np.where(carries, overlap / np.where(carries, target - current, 1.0), near)
        return np.where(np.isnan(low), np.nan, fit)

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return both spans."""
        document = int(board.rows.document[row])
        current, target = self._span(board.queries[int(board.rows.need[row])]) or (np.nan, np.nan)
        return {
            "current": number(current),
            "target": number(target),
            "from": number(getattr(board.records.documents, f"{self.name}_low")[document]),
            "to": number(getattr(board.records.documents, f"{self.name}_high")[document]),
        }

    def _span(self, query: Query) -> Span | None:
        span: Span | None = getattr(query.need, self.name)
        return span


class TrlCriterion(_Readiness):
    """Technology readiness level, 1 to 9."""

    name: ClassVar[str] = "trl"
    fields: ClassVar[tuple[str, ...]] = ("trl",)


class MrlCriterion(_Readiness):
    """Manufacturing readiness level, 1 to 10."""

    name: ClassVar[str] = "mrl"
    fields: ClassVar[tuple[str, ...]] = ("mrl",)
