"""Numbers with units inside a text become terms of their own; equal quantities become equal terms.

``50 kW``, ``50千瓦`` and ``0.05 MW`` are all ``=50kw``: whatever the language and the prefix, they meet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

_SCALES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "mm": {"nm": 1e-6, "纳米": 1e-6, "um": 1e-3, "μm": 1e-3, "微米": 1e-3, "mm": 1, "毫米": 1, "cm": 10, "厘米": 10,
               "米": 1e3, "km": 1e6, "公里": 1e6, "千米": 1e6},
        "m2": {"m2": 1, "平方米": 1},
        "l": {"ml": 1e-3, "毫升": 1e-3, "l": 1, "升": 1, "m3": 1e3, "立方米": 1e3},
        "kg": {"mg": 1e-6, "毫克": 1e-6, "kg": 1, "千克": 1, "公斤": 1, "吨": 1e3, "tonnes": 1e3, "tons": 1e3},
        "kw": {"w": 1e-3, "瓦": 1e-3, "kw": 1, "千瓦": 1, "mw": 1e3, "兆瓦": 1e3, "gw": 1e6, "吉瓦": 1e6},
        "kwh": {"wh": 1e-3, "kwh": 1, "千瓦时": 1, "mwh": 1e3, "兆瓦时": 1e3, "gwh": 1e6, "吉瓦时": 1e6},
        "wh/kg": {"wh/kg": 1, "瓦时/千克": 1, "瓦时/公斤": 1, "mj/kg": 1 / 0.0036, "kj/kg": 1 / 3.6},
        "wh/l": {"wh/l": 1},
        "mpa": {"pa": 1e-6, "帕": 1e-6, "kpa": 1e-3, "千帕": 1e-3, "bar": 0.1, "mpa": 1, "兆帕": 1, "gpa": 1e3,
                "吉帕": 1e3},
        "ghz": {"hz": 1e-9, "赫兹": 1e-9, "khz": 1e-6, "千赫": 1e-6, "mhz": 1e-3, "兆赫": 1e-3, "兆赫兹": 1e-3,
                "ghz": 1, "吉赫": 1, "吉赫兹": 1, "thz": 1e3, "太赫兹": 1e3},
        "gbps": {"mbps": 1e-3, "gbps": 1, "gbit/s": 1, "gb/s": 1, "tbps": 1e3},
        "v": {"mv": 1e-3, "毫伏": 1e-3, "v": 1, "伏": 1, "kv": 1e3, "千伏": 1e3},
        "a": {"ma": 1e-3, "毫安": 1e-3, "安培": 1, "ka": 1e3},
        "ah": {"mah": 1e-3, "毫安时": 1e-3, "ah": 1, "安时": 1},
        "a/cm2": {"ma/cm2": 1e-3, "a/cm2": 1},
        "ms": {"ps": 1e-9, "ns": 1e-6, "纳秒": 1e-6, "us": 1e-3, "μs": 1e-3, "微秒": 1e-3, "ms": 1, "毫秒": 1},
        "h": {"h": 1, "hours": 1, "hour": 1, "小时": 1},
        "°c": {"°c": 1, "摄氏度": 1, "degrees celsius": 1},
        "kn": {"kn": 1, "千牛": 1},
        "rpm": {"rpm": 1, "转/分": 1, "转每分钟": 1},
        "qubit": {"qubit": 1, "qubits": 1, "量子比特": 1},
        "%": {"%": 1, "percent": 1, "per cent": 1},
    }
)  # fmt: skip
_PLAIN = (
    "mah/g", "a/cm", "w/mk", "w/m2", "w/kg", "kw/kg", "kj/mol", "kg/day", "t/a", "t/h", "kg/h", "mg/l", "g/l", "l/min",
    "db", "dbm", "ppm", "ppb", "nm/min",
)  # fmt: skip
_UNITS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {unit: (base, factor) for base, units in _SCALES.items() for unit, factor in units.items()}
    | {unit: (unit, 1.0) for unit in _PLAIN}
)
_MANY: Mapping[str, float] = MappingProxyType({"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8})
_DIGIT = re.compile(r"\d")
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,6})?"
_NUMBER_IN_TERM = re.compile(r"^=[\d.e+-]+")
_WRITTEN_UNITS = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))


def find_quantities(text: str) -> list[str]:
    """Return the quantities of a normalised text as terms like ``=300wh/kg``, in order; a range gives two.

    Each is preceded by its unit alone, ``=wh/kg``: who asks for 300 and who offers 320 speak of the same thing.
    """
    return [part for term, _ in _found(text) for part in (_NUMBER_IN_TERM.sub("=", term), term)]


def without_quantities(text: str) -> str:
    """Return the text without its quantities: neither their numbers nor their units are words."""
    return _quantity().sub(" ", text) if _DIGIT.search(text) else text


def written_quantities(text: str) -> dict[str, str]:
    """Return the term of every quantity in a text with how people write it: ``=300wh/kg`` → ``300 Wh/kg``."""
    return dict(_found(text))


@cache
def _quantity() -> re.Pattern[str]:
    # Compiled when it is first needed: all the units make it a quarter of a second's work.
    return re.compile(
        rf"(?<![a-z0-9.,])(?:({_NUMBER})\s?(?:{_WRITTEN_UNITS})?\s?(?:[~\-–—]|至|到|to)\s?)?({_NUMBER})\s?"
        rf"(百万|[千万亿]?)({_WRITTEN_UNITS})(?![a-z0-9/])",
        re.IGNORECASE,
    )


def _found(text: str) -> Iterator[tuple[str, str]]:
    # Most texts name no number, and looking for one is far quicker than looking for a quantity.
    if not _DIGIT.search(text):
        return
    for first, second, many, unit in _quantity().findall(text):
        base, factor = _UNITS[unit.lower()]
        for number in filter(None, (first, second)):
            value = float(number.replace(",", "")) * _MANY[many] * factor
            space = " " if unit.isascii() and unit != "%" else ""
            # Six digits, so that what a conversion leaves behind the point does not part equal quantities.
            yield f"={value:.6g}{base}", f"{number}{many}{space}{unit}"
