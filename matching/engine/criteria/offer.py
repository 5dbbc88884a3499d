"""Criteria on what is offered: supply role, cooperation, interfaces, languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from matching.engine.board import Board
from matching.engine.columns import Floats
from matching.engine.criteria.base import OfferCriterion
from matching.engine.queries import Query
from matching.engine.types import JsonValue, Need

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
        known = column.lengths(board.rows.document) > 0
        wishes = [self._wishes(query.need) for query in board.queries]
        met = board.met(column, wishes)
        fit = met / np.array([len(own) or 1 for own in wishes])[board.rows.need] if self.all_wanted else met > 0
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
