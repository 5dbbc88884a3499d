"""Entries of a judged set: the files they stand in, and how a field of one is read and checked.

Every reader raises `InvalidInput` with the file, the entry and the field that are at fault.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from ronghe.common.errors import InvalidInput

ORGANIZATIONS: Final = "organizations.json"
CAPABILITIES: Final = "capabilities.json"
EXPERIENCE: Final = "experience.json"
NEEDS: Final = "needs.json"
QRELS: Final = "qrels.json"

_ROLES: Final[Mapping[str, str]] = {
    "material": "basic_material",
    "part": "component",
    "component_part": "component",
    "data": "dataset",
    "test": "testing",
    "verification": "testing",
    "testing_verification": "testing",
}
"""Other words for a place in the supply chain, and what the platform calls it."""
_EARLIEST_YEAR: Final = 1000
_LATEST_YEAR: Final = 9998

Entry = Mapping[str, Any]
"""One object of a file's list; its `id` has been checked."""


def read_string(file: str, row: Entry, name: str) -> str:
    """Return a text, empty where there is none."""
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise fault(file, str(row["id"]), f"{name}: {value!r} is not text")
    return value or ""


def read_strings(file: str, row: Entry, name: str) -> list[str]:
    """Return a list of texts; a single text is a list of one."""
    values = row.get(name)
    values = [] if values is None else values if isinstance(values, list) else [values]
    if not all(isinstance(value, str) for value in values):
        raise fault(file, str(row["id"]), f"{name}: {values!r} holds something that is not text")
    return values


def read_flag(file: str, row: Entry, name: str) -> bool | None:
    """Return true or false, None where the entry does not say."""
    value = row.get(name)
    if value is not None and not isinstance(value, bool):
        raise fault(file, str(row["id"]), f"{name}: {value!r} is neither true nor false")
    return value


def read_number(file: str, entry: str, name: str, value: object) -> float:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise fault(file, entry, f"{name}: {value!r} is not a number")
    return float(value)


def read_key(file: str, entry: str, name: str, value: object) -> str:
    """Return an identifier; a whole number is one too, however it is written."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise fault(file, entry, f"{name}: {value!r} is no identifier; give a text or a whole number")
    return str(value)


def read_levels(file: str, row: Entry) -> tuple[float, float] | None:
    """Return the span of technology readiness levels (1 to 9); a single level is a span of one."""
    value, name = row.get("trl"), str(row["id"])
    if value is None:
        return None
    levels = value if isinstance(value, list) else [value, value]
    if len(levels) != 2:
        raise fault(file, name, f"trl: {value!r} is not a pair; give [lowest, highest]")
    low, high = (read_number(file, name, "trl", level) for level in levels)
    if not 1 <= low <= high <= 9:
        raise fault(file, name, f"trl: {value!r} is no span of levels; give two levels from 1 to 9, the lower first")
    return low, high


def read_year(file: str, row: Entry) -> int | None:
    """Return a year with four digits."""
    value = row.get("year")
    if value is None:
        return None
    year = read_number(file, str(row["id"]), "year", value)
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        raise fault(file, str(row["id"]), f"year: {year:g} is not a year; give one like 2024")
    return int(year)


def read_role(file: str, row: Entry) -> str | None:
    """Return the place in the supply chain by the platform's name for it."""
    role = as_choice(read_string(file, row, "supply_role"))
    return _ROLES.get(role, role) if role else None


def as_choice(value: str) -> str | None:
    """Return a choice as the platform spells its own: ``Research institute`` → ``research_institute``."""
    return re.sub(r"\W+", "_", value.strip().lower()).strip("_") or None


def primary_language(lang: str) -> str:
    """Return the primary subtag of a language tag, ``und`` where there is none."""
    return re.split("[-_]", lang.lower(), maxsplit=1)[0] or "und"


def fault(file: str, entry: str, complaint: str) -> InvalidInput:
    """Return the error for an entry that cannot be used; without an entry it is the file that is at fault."""
    message = f"{file}, {entry}: {complaint}." if entry else f"{file}: {complaint}."
    return InvalidInput(message, code="bad_judged_set", fields={file: [message]})
