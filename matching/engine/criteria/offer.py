"""Criteria on what is offered: parameters, supply role, cooperation, interfaces, languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from matching.engine.blocking import count_of
from matching.engine.board import Board
from matching.engine.columns import Floats, Ints
from matching.engine.criteria.base import Assessment, OfferCriterion, grade
from matching.engine.queries import Query
from matching.engine.tables import interval
from matching.engine.types import Detail, JsonValue, Need

_NEIGHBOURING_ROLES: Mapping[frozenset[str], float] = MappingProxyType(
    {
        frozenset({"basic_material", "component"}): 0.5,
        frozenset({"component", "equipment"}): 0.3,
        frozenset({"equipment", "process"}): 0.4,
        frozenset({"process", "service"}): 0.4,
        frozenset({"testing", "service"}): 0.5,
        frozenset({"integration", "service"}): 0.5,
        frozenset({"software", "dataset"}): 0.4,
        frozenset({"software", "integration"}): 0.4,
    }
)
"""Roles that organizations often fill together; all other pairs are worth nothing."""


class ParameterCriterion(OfferCriterion):
    """How many of the wanted parameters one document meets. Only counts are told, whatever the values are."""

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
        """Say "meets n of m, k unknown"."""
        row = int(assessment.row[pair])
        need = board.queries[int(board.rows.need[row])].need
        return Detail(
            f"parameters.{grade(self._met(board, need, row) / len(need.parameters))}", self.arguments(board, row)
        )

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return the counts."""
        need = board.queries[int(board.rows.need[row])].need
        met, known = self._counts(board, need, board.rows.document[row : row + 1])
        total = len(need.parameters)
        return {"met": int(met[0]), "of": total, "unknown": total - int(known[0])}

    def _met(self, board: Board, need: Need, row: int) -> int:
        return int(self._counts(board, need, board.rows.document[row : row + 1])[0][0])

    def _counts(self, board: Board, need: Need, documents: Ints) -> tuple[Ints, Ints]:
        """Return, per document, how many of the need's parameters it meets and how many it says anything about."""
        table, words = board.records.documents, board.records.words
        owners, positions = table.quantity.expand(documents)
        quantities, dimensions = table.quantity.values[positions], table.dimension.values[positions]
        lows, highs = table.low.values[positions], table.high.values[positions]
        met, known = np.zeros(len(documents), dtype=np.int64), np.zeros(len(documents), dtype=np.int64)
        for parameter in need.parameters:
            low, high = interval(parameter)
            same = (quantities == words.code(parameter.quantity)) & (dimensions == words.code(parameter.dimension))
            fits = same & (lows <= high) & (highs >= low)
            known += np.bincount(owners[same], minlength=len(documents)) > 0
            met += np.bincount(owners[fits], minlength=len(documents)) > 0
        return met, known


class SupplyRoleCriterion(OfferCriterion):
    """The place in the supply chain: what is supplied against what is sought."""

    name: ClassVar[str] = "supply_role"
    fields: ClassVar[tuple[str, ...]] = ("supply_role",)

    def asked(self, query: Query) -> bool:
        """Ask when the need seeks a role."""
        return query.need.supply_role is not None

    def fit(self, board: Board) -> Floats:
        """Return 1 for the role itself, less for a neighbouring one."""
        offered = board.records.documents.supply_role[board.rows.document]
        fit = np.where(offered < 0, np.nan, 0.0)
        for index, query in enumerate(board.queries):
            part = board.rows_of(index)
            for role, value in _roles_near(query.need.supply_role).items():
                fit[part][offered[part] == board.records.words.code(role)] = value
        return np.where(offered < 0, np.nan, fit)

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return both roles."""
        code = int(board.records.documents.supply_role[board.rows.document[row]])
        sought = board.queries[int(board.rows.need[row])].need.supply_role
        return {"sought": sought, "offered": board.records.words.words[code]}


class _Wishes(OfferCriterion):
    """A set of wishes against a set that the document declares."""

    all_wanted: ClassVar[bool]

    def asked(self, query: Query) -> bool:
        """Ask when there are wishes."""
        return bool(self._wishes(query.need))

    def fit(self, board: Board) -> Floats:
        """Return the share of wishes met, or whether any is, where the document declares anything."""
        column = getattr(board.records.documents, self.name_of_column())
        known = np.diff(column.indptr)[board.rows.document] > 0
        fit = np.zeros(len(board.rows.need))
        for index, query in enumerate(board.queries):
            wishes = self._wishes(query.need)
            if wishes:
                part = board.rows_of(index)
                met = count_of(column, board.rows.document[part], board.records.codes(wishes))
                fit[part] = met / len(wishes) if self.all_wanted else met > 0
        return np.where(known, fit, np.nan)

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return the wishes met."""
        column = getattr(board.records.documents, self.name_of_column())
        declared = {board.records.words.words[code] for code in column.row(int(board.rows.document[row])).tolist()}
        wishes = self._wishes(board.queries[int(board.rows.need[row])].need)
        return {"met": ", ".join(sorted(declared & wishes)), "of": len(wishes)}

    def name_of_column(self) -> str:
        """Return the field on both sides."""
        return self.fields[0]

    def _wishes(self, need: Need) -> frozenset[str]:
        wishes: frozenset[str] = getattr(need, self.name_of_column())
        return wishes


class CooperationCriterion(_Wishes):
    """Kinds of cooperation: any that suits will do."""

    name: ClassVar[str] = "cooperation"
    fields: ClassVar[tuple[str, ...]] = ("cooperation_types",)
    all_wanted: ClassVar[bool] = False


class InterfaceCriterion(_Wishes):
    """Interfaces and standards: every one required counts."""

    name: ClassVar[str] = "interfaces"
    fields: ClassVar[tuple[str, ...]] = ("interfaces",)
    all_wanted: ClassVar[bool] = True


class LanguageCriterion(_Wishes):
    """Working languages: one in common is enough."""

    name: ClassVar[str] = "languages"
    fields: ClassVar[tuple[str, ...]] = ("languages",)
    all_wanted: ClassVar[bool] = False


def _roles_near(role: str | None) -> dict[str, float]:
    if role is None:
        return {}
    near = {other: value for pair, value in _NEIGHBOURING_ROLES.items() if role in pair for other in pair - {role}}
    return {**near, role: 1.0}
