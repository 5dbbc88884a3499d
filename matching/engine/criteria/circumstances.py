"""Criteria on circumstances: who the partner is, where, when, and at what price."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from matching.engine.blocking import count_of
from matching.engine.board import Board
from matching.engine.columns import Floats, Ints, held_in
from matching.engine.criteria.base import OfferCriterion, OrganizationCriterion, number
from matching.engine.queries import Query
from matching.engine.types import JsonValue, Need

_SME = "sme"
_INCLUDED_TYPES = {"firm": ("leading_firm",), "research_institute": ("national_lab",)}
_SAME_COUNTRY = 0.5
_EARTH_RADIUS_KM = 6371.0088
_HALF_DISTANCE_KM = 500.0


class PartnerTypeCriterion(OrganizationCriterion):
    """The kinds of organization sought; ``sme`` asks for the flag rather than for a type."""

    name: ClassVar[str] = "partner_type"

    def asked(self, query: Query) -> bool:
        """Ask when types are sought."""
        return bool(query.need.partner_types)

    def fit(self, board: Board) -> Floats:
        """Return whether the organization is of a kind that is sought."""
        table = board.records.organizations
        types = table.type[board.pairs.organization]
        small = table.sme[board.pairs.organization]
        fit = np.full(len(board.pairs), np.nan)
        for index, query in enumerate(board.queries):
            wanted = query.need.partner_types
            if not wanted:
                continue
            part = board.pairs_of(index)
            included = {extra for kind in wanted for extra in _INCLUDED_TYPES.get(kind, ())}
            met = held_in(types[part], board.records.codes(wanted | included)) | (small[part] & (_SME in wanted))
            fit[part] = np.where(met, 1.0, np.where(types[part] < 0, np.nan, 0.0))
        return fit

    def arguments(self, board: Board, pair: int) -> dict[str, JsonValue]:
        """Return the organization's type."""
        code = int(board.records.organizations.type[board.pairs.organization[pair]])
        return {"type": board.records.words.words[code] if code >= 0 else None}


class RegionCriterion(OfferCriterion):
    """Place: a wished region or country, where the offer can be had, or simply near."""

    name: ClassVar[str] = "region"
    fields: ClassVar[tuple[str, ...]] = ("regions",)

    def asked(self, query: Query) -> bool:
        """Ask when regions or a place are wished for."""
        return bool(query.need.regions) or query.need.place is not None

    def fit(self, board: Board) -> Floats:
        """Return 1 in a wished region, half in its country, otherwise by distance; the best of these."""
        fit = np.full(len(board.rows.need), np.nan)
        for index, query in enumerate(board.queries):
            if self.asked(query):
                part = board.rows_of(index)
                rows = board.rows.organization[part]
                fit[part] = self._by_name(board, query.need, rows, board.rows.document[part])
                if query.need.place is not None:
                    fit[part] = np.fmax(fit[part], self._by_distance(board, query.need, rows))
        return fit

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return where the organization is and how far away."""
        table, words = board.records.organizations, board.records.words
        organization = board.rows.organization[row : row + 1]
        region, country = int(table.region[organization[0]]), int(table.country[organization[0]])
        need = board.queries[int(board.rows.need[row])].need
        distance = number(float(_distances(board, need, organization)[0]))
        return {
            "region": words.words[region] if region >= 0 else None,
            "country": words.words[country] if country >= 0 else None,
            "kilometres": None if distance is None else round(distance),
        }

    def _by_name(self, board: Board, need: Need, organizations: Ints, documents: Ints) -> Floats:
        if not need.regions:
            return np.full(len(organizations), np.nan)
        table, records = board.records.organizations, board.records
        wished = records.codes(need.regions)
        countries = records.codes(region.split("-", maxsplit=1)[0] for region in need.regions)
        region, country = table.region[organizations], table.country[organizations]
        inside = held_in(region, wished) | held_in(country, wished)
        inside |= count_of(records.documents.regions, documents, wished) > 0
        unknown = (region < 0) & (country < 0) & (records.documents.regions.lengths(documents) == 0)
        near = np.where(held_in(country, countries), _SAME_COUNTRY, 0.0)
        return np.where(inside, 1.0, np.where(unknown, np.nan, near))

    def _by_distance(self, board: Board, need: Need, organizations: Ints) -> Floats:
        return np.asarray(0.5 ** (_distances(board, need, organizations) / _HALF_DISTANCE_KM))


class TimingCriterion(OfferCriterion):
    """Whether it can be had before the deadline, and how much of it is still free."""

    name: ClassVar[str] = "timing"
    fields: ClassVar[tuple[str, ...]] = ("available", "capacity")

    def asked(self, query: Query) -> bool:
        """Ask when there is a deadline."""
        return query.need.deadline is not None

    def fit(self, board: Board) -> Floats:
        """Return the free capacity where it is available in time; either alone counts where the other is unknown."""
        table, documents = board.records.documents, board.rows.document
        deadline = _per_row(board, [query.need.deadline for query in board.queries])
        today = _per_row(board, [query.need.as_of for query in board.queries])
        start, end = table.available_from[documents], table.available_to[documents]
        in_time = np.where(np.isnan(start), np.nan, (start <= deadline) & ~(end < today))
        capacity = table.capacity[documents]
        both = np.where(np.isnan(in_time), 1.0, in_time) * np.where(np.isnan(capacity), 1.0, capacity)
        return np.where(np.isnan(in_time) & np.isnan(capacity), np.nan, both)

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return when it can be had and the free capacity."""
        table, document = board.records.documents, int(board.rows.document[row])
        return {
            "from_day": number(table.available_from[document]),
            "to_day": number(table.available_to[document]),
            "capacity": number(table.capacity[document]),
        }


class CostCriterion(OfferCriterion):
    """The lowest price against the upper end of the budget."""

    name: ClassVar[str] = "cost"
    fields: ClassVar[tuple[str, ...]] = ("price",)

    def asked(self, query: Query) -> bool:
        """Ask when there is a budget."""
        return query.need.budget is not None

    def fit(self, board: Board) -> Floats:
        """Return 1 within the budget, otherwise the part of the price that the budget pays."""
        price = board.records.documents.price_low[board.rows.document]
        budget = _per_row(board, [query.need.budget and query.need.budget[1] for query in board.queries])
        over = price > np.maximum(budget, 0.0)
        paid = np.maximum(budget, 0.0) / np.where(over, price, 1.0)
        return np.where(np.isnan(price) | np.isnan(budget), np.nan, np.where(over, paid, 1.0))

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return price and budget."""
        budget = board.queries[int(board.rows.need[row])].need.budget
        price = number(board.records.documents.price_low[board.rows.document[row]])
        return {"price": price, "budget": None if budget is None else budget[1]}


def _per_row(board: Board, values: list[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values])[board.rows.need]


def _distances(board: Board, need: Need, organizations: Ints) -> Floats:
    """Return great-circle distances in kilometres (haversine formula), NaN where a place is unknown."""
    if need.place is None:
        return np.full(len(organizations), np.nan)
    latitude, longitude = np.radians(need.place)
    other_latitude = np.radians(board.records.organizations.latitude[organizations])
    other_longitude = np.radians(board.records.organizations.longitude[organizations])
    half = np.sin((other_latitude - latitude) / 2) ** 2
    half += np.cos(latitude) * np.cos(other_latitude) * np.sin((other_longitude - longitude) / 2) ** 2
    return np.asarray(2 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
