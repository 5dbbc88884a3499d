"""Documents and organizations as columns, so that scoring touches arrays and never single records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.columns import Array, Ragged, Table, Vocabulary
from matching.engine.types import Document, DocumentKind, Organization, Parameter, Reach, Span

KINDS: tuple[DocumentKind, ...] = ("capability", "facility", "experience")
FACILITY = KINDS.index("facility")
EXPERIENCE = KINDS.index("experience")
REACHES: tuple[Reach, ...] = ("everybody", "needs", "searches")
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class DocumentTable(Table):
    """One row per document; spans are two columns, NaN or -1 stands for unknown, words are vocabulary codes."""

    organization: Array
    passage: Array
    kind: Array
    supply_role: Array
    trl_low: Array
    trl_high: Array
    mrl_low: Array
    mrl_high: Array
    price_low: Array
    price_high: Array
    available_from: Array
    available_to: Array
    capacity: Array
    day: Array
    valid_until: Array
    coordinator: Array
    verified: Array
    cooperation_types: Ragged
    regions: Ragged
    languages: Ragged
    interfaces: Ragged
    restricted: Ragged
    audience: Ragged
    has_audience: Array
    reach: Array
    quantity: Ragged
    dimension: Ragged
    low: Ragged
    high: Ragged
    withheld: Ragged
    """Whether the value of each parameter is kept from explanations."""


@dataclass(frozen=True, slots=True)
class OrganizationTable(Table):
    """One row per organization, in the order of the ids. Other organizations are named by vocabulary codes."""

    code: Array
    type: Array
    country: Array
    region: Array
    latitude: Array
    longitude: Array
    sme: Array
    verification: Array
    suspended: Array
    day: Array
    certificates: Ragged
    affiliates: Ragged
    conflicts: Ragged
    partners: Ragged
    partner_weights: Ragged


def interval(parameter: Parameter) -> Span:
    """Return the values that a need's parameter accepts, widened by its tolerance."""
    low = None if parameter.operator == "le" else parameter.low
    high = parameter.low if parameter.operator == "eq" else None if parameter.operator == "ge" else parameter.high
    return (
        -np.inf if low is None else low - parameter.tolerance,
        np.inf if high is None else high + parameter.tolerance,
    )


def offered(parameter: Parameter) -> Span:
    """Return the values that a document vouches for.

    "At least 300" vouches for 300 and nothing above it; only a stated range can be set anywhere inside.
    """
    low, high = parameter.low, parameter.high
    if parameter.operator == "between" and low is not None and high is not None:
        return low, high
    point = high if parameter.operator == "le" else low
    return (_NAN, _NAN) if point is None else (point, point)


def tabulate_documents(
    documents: Sequence[Document], passages: Sequence[int], rows: Sequence[int], words: Vocabulary
) -> DocumentTable:
    """Turn documents into columns; `rows` are the rows of their organizations, `passages` of their contents."""

    def coded(name: str) -> Ragged:
        return Ragged.from_rows([sorted(map(words.add, getattr(item, name) or ())) for item in documents], np.int32)

    def numbers(name: str) -> Array:
        return _numbers([getattr(item, name) for item in documents])

    parameters = [item.parameters for item in documents]
    values = [[offered(parameter) for parameter in group] for group in parameters]
    return DocumentTable(
        organization=np.array(rows, dtype=np.int32),
        passage=np.array(passages, dtype=np.int32),
        kind=np.array([KINDS.index(item.kind) for item in documents], dtype=np.int8),
        supply_role=_codes([item.supply_role for item in documents], words),
        trl_low=_bounds([item.trl for item in documents], 0),
        trl_high=_bounds([item.trl for item in documents], 1),
        mrl_low=_bounds([item.mrl for item in documents], 0),
        mrl_high=_bounds([item.mrl for item in documents], 1),
        price_low=_bounds([item.price for item in documents], 0),
        price_high=_bounds([item.price for item in documents], 1),
        available_from=_bounds([item.available for item in documents], 0),
        available_to=_bounds([item.available for item in documents], 1),
        capacity=numbers("capacity"),
        day=numbers("day"),
        valid_until=numbers("valid_until"),
        coordinator=np.array([item.role == "coordinator" for item in documents], dtype=np.bool_),
        verified=numbers("verified"),
        cooperation_types=coded("cooperation_types"),
        regions=coded("regions"),
        languages=coded("languages"),
        interfaces=coded("interfaces"),
        restricted=coded("restricted"),
        audience=coded("audience"),
        has_audience=np.array([item.audience is not None for item in documents], dtype=np.bool_),
        reach=np.array([REACHES.index(item.reach) for item in documents], dtype=np.int8),
        quantity=Ragged.from_rows([[words.add(one.quantity) for one in group] for group in parameters], np.int32),
        dimension=Ragged.from_rows([[words.add(one.dimension) for one in group] for group in parameters], np.int32),
        low=Ragged.from_rows([[low for low, _ in group] for group in values], np.float64),
        high=Ragged.from_rows([[high for _, high in group] for group in values], np.float64),
        withheld=Ragged.from_rows([[one.restricted for one in group] for group in parameters], np.bool_),
    )


def tabulate_organizations(organizations: Sequence[Organization], words: Vocabulary) -> OrganizationTable:
    """Turn organizations into columns, in the order given."""

    def coded(name: str) -> Ragged:
        return Ragged.from_rows([sorted(map(words.add, getattr(item, name))) for item in organizations], np.int32)

    partners = [sorted(item.partners) for item in organizations]
    places = [item.place for item in organizations]
    return OrganizationTable(
        code=_codes([item.id for item in organizations], words),
        type=_codes([item.type for item in organizations], words),
        country=_codes([item.country for item in organizations], words),
        region=_codes([item.region for item in organizations], words),
        latitude=_bounds(places, 0),
        longitude=_bounds(places, 1),
        sme=np.array([bool(item.sme) for item in organizations], dtype=np.bool_),
        verification=_numbers([item.verification for item in organizations]),
        suspended=np.array([item.suspended for item in organizations], dtype=np.bool_),
        day=_numbers([item.day for item in organizations]),
        certificates=coded("certificates"),
        affiliates=coded("affiliates"),
        conflicts=coded("conflicts"),
        partners=Ragged.from_rows([[words.add(partner) for partner, _ in group] for group in partners], np.int32),
        partner_weights=Ragged.from_rows([[weight for _, weight in group] for group in partners], np.float64),
    )


def _codes(values: Sequence[str | None], words: Vocabulary) -> Array:
    return np.array([-1 if value is None else words.add(value) for value in values], dtype=np.int32)


def _numbers(values: Sequence[float | None]) -> Array:
    return np.array([_NAN if value is None else value for value in values], dtype=np.float64)


def _bounds(spans: Sequence[Span | None], side: int) -> Array:
    return _numbers([None if span is None else span[side] for span in spans])
