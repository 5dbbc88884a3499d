"""Criteria on readiness: technology and manufacturing readiness levels."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from matching.engine.board import Board
from matching.engine.columns import Floats
from matching.engine.criteria.base import OfferCriterion, number
from matching.engine.queries import Query
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
        """Return 1 where the span covers the target level, falling with the distance to it."""
        documents = board.records.documents
        low = getattr(documents, f"{self.name}_low")[board.rows.document]
        high = getattr(documents, f"{self.name}_high")[board.rows.document]
        spans = [self._span(query) for query in board.queries]
        target = np.array([np.nan if span is None else span[1] for span in spans])[board.rows.need]
        short = np.maximum(target - high, 0) / _REACH
        beyond = np.maximum(low - target, 0) / _OVERSHOOT
        return np.asarray(np.maximum(1 - short - beyond, 0))

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
