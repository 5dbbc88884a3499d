"""Quantities with units, converted by pint, so that "≥ 300 Wh/kg" meets "1.15 MJ/kg"."""

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import pint
from django.utils.translation import gettext as _

from ronghe.common.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class BaseQuantity:
    """A value in SI base units.

    Attributes:
        value: magnitude in base units.
        dimension: pint's dimensionality, such as "[length] ** 2 / [time] ** 2"; "dimensionless" for pure numbers.
    """

    value: float
    dimension: str


@cache
def _registry() -> "pint.UnitRegistry[float]":
    # Building the registry takes a good part of a second, so it waits until somebody has a unit.
    registry: pint.UnitRegistry[float] = pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)
    registry.define("@alias degree_Celsius = ℃")
    return registry


@lru_cache(maxsize=4096)
def _unit(unit: str) -> Any:
    return _registry().Unit(unit or "dimensionless")


def to_base(value: float, unit: str, *, field: str = "unit") -> BaseQuantity:
    """Convert a value with a unit to SI base units.

    Args:
        value: finite magnitude in `unit`.
        unit: anything pint reads ("Wh/kg", "MPa", "kg/day", "%"); empty for a pure number.
        field: the input field that an error names.

    Raises:
        InvalidInput: the unit is unknown, or the value is not finite.
    """
    if not math.isfinite(value):
        message = _("Give a finite number.")
        raise InvalidInput(message, code="not_finite", fields={field: [message]})
    try:
        quantity = _registry().Quantity(value, _unit(unit)).to_base_units()
    # pint raises whatever its tokenizer meets in hostile text, from TokenError to RecursionError.
    except Exception as error:
        message = _("“%(unit)s” is not a unit we know. Write it like Wh/kg, mm, MPa, kg/day or %%.") % {
            "unit": unit[:40]
        }
        raise InvalidInput(message, code="unknown_unit", fields={field: [message]}) from error
    return BaseQuantity(value=float(quantity.magnitude), dimension=str(quantity.dimensionality))


def require_same_dimension(given: BaseQuantity, expected: str, *, field: str = "unit") -> None:
    """Refuse a unit that measures something else.

    Raises:
        InvalidInput: the dimensions differ.
    """
    if given.dimension != expected:
        message = _("This unit measures %(given)s, but the quantity is measured in %(expected)s.") % {
            "given": given.dimension,
            "expected": expected,
        }
        raise InvalidInput(message, code="wrong_dimension", fields={field: [message]})
