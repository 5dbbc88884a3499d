"""Physical quantities of a judged set, named in either language and written in any unit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, TypeGuard

from matching.engine import Parameter
from matching.evaluation.judged_entries import Entry, fault
from ronghe.common.errors import InvalidInput
from ronghe.common.units import to_base

_OPERATORS: Final[Mapping[str, str]] = {
    ">=": "ge", "≥": "ge", ">": "ge", "ge": "ge", "min": "ge", "at least": "ge",
    "<=": "le", "≤": "le", "<": "le", "le": "le", "max": "le", "at most": "le",
    "=": "eq", "==": "eq", "eq": "eq", "between": "between", "range": "between",
}  # fmt: skip
_DEFAULT: Final = "eq"


class ParameterReader:
    """Reads the parameters of one set. Names that ever stand together for one quantity are the same quantity."""

    def __init__(self, rows: Iterable[tuple[str, Entry]]) -> None:
        self.ignored: Counter[str] = Counter()
        self._same: dict[str, str] = {}
        for file, row in rows:
            for parameter in check_parameters(file, row):
                first, *others = _names(parameter) or [""]
                for other in others:
                    self._same[self._root(other)] = self._root(first)

    def wanted(self, row: Entry) -> tuple[Parameter, ...]:
        """Return what a need asks for."""
        return tuple(filter(None, (self._read(item) for item in row.get("parameters") or ())))

    def measured(self, row: Entry) -> tuple[Parameter, ...]:
        """Return what a capability measured; a single value is that value, whatever the operator."""
        return self.wanted(row)

    def _root(self, name: str) -> str:
        while name in self._same and self._same[name] != name:
            name = self._same[name]
        return name

    def _read(self, item: Entry) -> Parameter | None:
        names, span = _names(item), _span(item.get("value"))
        operator = _OPERATORS.get(str(item.get("operator") or _DEFAULT).strip().lower())
        if not names or span is None or operator is None:
            self.ignored["parameters without a name, a number or a known operator"] += 1
            return None
        unit = str(item.get("unit") or "").strip()
        try:
            low, high = (to_base(bound, unit) for bound in span)
        except InvalidInput:
            self.ignored["units that are not known, compared as they are written"] += 1
            return _parameter(self._root(names[0]), operator, span, unit)
        return _parameter(self._root(names[0]), operator, (low.value, high.value), low.dimension)


def _parameter(quantity: str, operator: str, span: tuple[float, float], dimension: str) -> Parameter:
    low, high = min(span), max(span)
    if operator == "ge":
        return Parameter(quantity, "ge", low=low, dimension=dimension)
    if operator == "le":
        return Parameter(quantity, "le", high=high, dimension=dimension)
    if low < high or operator == "between":
        return Parameter(quantity, "between", low=low, high=high, dimension=dimension)
    return Parameter(quantity, "eq", low=low, dimension=dimension)


def check_parameters(file: str, row: Entry) -> list[Entry]:
    """Return the parameters of an entry. Raises `InvalidInput` when they are no list of objects."""
    items = row.get("parameters") or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise fault(file, str(row["id"]), "parameters is not a list of objects; give one object per quantity")
    return items


def _names(item: Entry) -> list[str]:
    names = (item.get(name) for name in ("name_en", "name_zh"))
    return [" ".join(name.casefold().split()) for name in names if isinstance(name, str) and name.strip()]


def _span(value: object) -> tuple[float, float] | None:
    """Return the value or pair of values as a span, None where it is neither."""
    bounds = value if isinstance(value, list) else [value, value]
    numbers = [float(bound) for bound in bounds if _is_number(bound)]
    return (numbers[0], numbers[1]) if len(numbers) == len(bounds) == 2 else None


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
