"""The criterion on parameters: what a need asks of quantities against what a document measures of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from matching.engine.board import Board
from matching.engine.columns import Floats, Ints
from matching.engine.criteria.base import Assessment, OfferCriterion, grade
from matching.engine.queries import Query
from matching.engine.tables import interval
from matching.engine.types import Detail, JsonValue, Need, Parameter, Span


class ParameterCriterion(OfferCriterion):
    """How many of the wanted parameters one document meets.

    Counts are told whatever the values are. The tightest margin is told only of values that neither side restricts.
    Values of another dimension are no answer: the parameter then stays unknown.
    """

    name: ClassVar[str] = "parameters"
    fields: ClassVar[tuple[str, ...]] = ()

    def asked(self, query: Query) -> bool:
        """Ask when the need has parameters."""
        return bool(query.need.parameters)

    def fit(self, board: Board) -> Floats:
        """Return the share of parameters met, unknown where a document measures none of them."""
        fit = np.full(len(board.rows.need), np.nan)
        for index, query in enumerate(board.queries):
            if query.need.parameters:
                part = board.rows_of(index)
                met, known = self._counts(board, query.need, board.rows.document[part])
                fit[part] = np.where(known > 0, met / len(query.need.parameters), np.nan)
        return fit

    def describe(self, board: Board, pair: int, assessment: Assessment) -> Detail:
        """Say "meets n of m, k unknown", and by how much the tightest of them is met or missed."""
        row = int(assessment.row[pair])
        arguments = self.arguments(board, row)
        met, total = arguments["met"], arguments["of"]
        return Detail(f"parameters.{grade(float(met or 0) / float(total or 1))}", arguments)

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return the counts, and the tightest margin in per cent where one may be told."""
        need = board.queries[int(board.rows.need[row])].need
        document = board.rows.document[row : row + 1]
        met, known = self._counts(board, need, document)
        total = len(need.parameters)
        told: dict[str, JsonValue] = {"met": int(met[0]), "of": total, "unknown": total - int(known[0])}
        margin = self._tightest(board, need, int(document[0]))
        return told if margin is None else {**told, "margin": round(100 * margin)}

    def _counts(self, board: Board, need: Need, documents: Ints) -> tuple[Ints, Ints]:
        """Return, per document, how many of the need's parameters it meets and how many it says anything about.

        What is asked of one quantity must be met by one and the same value: of two wishes that contradict each other
        one is met at most, and several values of one quantity do not add up.
        """
        table, words = board.records.documents, board.records.words
        owners, positions = table.quantity.expand(documents)
        quantities, dimensions = table.quantity.values[positions], table.dimension.values[positions]
        lows, highs = table.low.values[positions], table.high.values[positions]
        met, known = np.zeros(len(documents), dtype=np.int64), np.zeros(len(documents), dtype=np.int64)
        for (quantity, dimension), wanted in _by_quantity(need.parameters).items():
            same = np.flatnonzero((quantities == words.code(quantity)) & (dimensions == words.code(dimension)))
            fits = np.zeros(len(same), dtype=np.int64)
            for low, high in wanted:
                fits += (lows[same] <= high) & (highs[same] >= low)
            best = np.zeros(len(documents), dtype=np.int64)
            np.maximum.at(best, owners[same], np.minimum(fits, _compatible(wanted)))
            met += best
            known += len(wanted) * (np.bincount(owners[same], minlength=len(documents)) > 0)
        return met, known

    def _tightest(self, board: Board, need: Need, document: int) -> float | None:
        """Return the smallest margin among the parameters that may be told; None where there is none."""
        table, words = board.records.documents, board.records.words
        columns = (table.quantity, table.dimension, table.low, table.high, table.withheld)
        measured = list(zip(*(column.row(document).tolist() for column in columns), strict=True))
        margins = []
        for parameter in need.parameters:
            key = words.code(parameter.quantity), words.code(parameter.dimension)
            found = [
                margin
                for quantity, dimension, low, high, withheld in measured
                if (quantity, dimension) == key and not withheld
                if (margin := _margin(interval(parameter), (low, high))) is not None
            ]
            if found and not parameter.restricted:
                margins.append(max(found))
        return min(margins, default=None)


def _by_quantity(parameters: Sequence[Parameter]) -> dict[tuple[str, str], list[Span]]:
    """Return the intervals wanted of each quantity and dimension."""
    wanted: dict[tuple[str, str], list[Span]] = {}
    for parameter in parameters:
        wanted.setdefault((parameter.quantity, parameter.dimension), []).append(interval(parameter))
    return wanted


def _compatible(wanted: Sequence[Span]) -> int:
    """Return how many of some closed intervals have a value in common, at most."""
    # The best common value can be moved down to where one of the intervals begins.
    return max(sum(low <= start <= high for low, high in wanted) for start, _ in wanted)


def _margin(wanted: Span, offered: Span) -> float | None:
    """Return how far inside what is wanted (above 0) or outside of it (below 0) an offer can be.

    In parts of the larger bound; None where that is 0 and nothing can be a part of it.
    """
    low, high = wanted
    scale = max((abs(bound) for bound in wanted if math.isfinite(bound)), default=0.0)
    if not scale:
        return None
    best = min(max(_middle(wanted), offered[0]), offered[1])
    return min(best - low, high - best) / scale


def _middle(wanted: Span) -> float:
    """Return the value that is furthest inside: infinity where only one bound is given."""
    low, high = wanted
    return high if math.isinf(high) else low if math.isinf(low) else (low + high) / 2
