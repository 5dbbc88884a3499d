"""Numbers with units inside a text, such as ``300 Wh/kg``, become terms of their own."""

from __future__ import annotations

import re

_UNITS = (
    "wh/kg|wh/l|mwh|kwh|gwh|mah/g|mah|ah|wh|a/cm2|ma/cm2|a/cm|w/mk|w/m2|w/kg|kw/kg|mj/kg|kj/mol|mw|gw|kw|"
    "gpa|mpa|kpa|pa|bar|nm|μm|um|mm|cm|km|m2|m3|ghz|thz|mhz|khz|hz|gbps|tbps|mbps|db|dbm|qubits?|°c|kg/day|t/a|"
    "t/h|kg/h|kg|mg/l|g/l|mg|ml|l/min|nl|ms|ns|ps|rpm|ppm|ppb|kv|mv|ma|kn|nm/min|%"
)
_QUANTITY = re.compile(rf"(?<![a-z0-9.])(\d{{1,9}}(?:\.\d{{1,6}})?)\s?({_UNITS})(?![a-z0-9/])", re.IGNORECASE)


def find_quantities(text: str) -> list[str]:
    """Return the quantities of a normalised text as terms like ``=300wh/kg``, in order of appearance."""
    return [_term(number, unit) for number, unit in _QUANTITY.findall(text)]


def written_quantities(text: str) -> dict[str, str]:
    """Return the term of every quantity in a text with how people write it: ``=300wh/kg`` → ``300 Wh/kg``."""
    return {
        _term(number, unit): f"{number}{unit}" if unit == "%" else f"{number} {unit}"
        for number, unit in _QUANTITY.findall(text)
    }


def _term(number: str, unit: str) -> str:
    return f"={float(number):g}{unit.lower()}"
