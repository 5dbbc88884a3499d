"""Turning what YAML gives into the types of `records`, noting every fault with its place and going on."""

import math
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from consortia.imports.demo.records import NameOf, OneOf

RecordT = TypeVar("RecordT")


class Broken:
    """Stands where a value could not be read; its fault is noted."""


BROKEN: Final = Broken()

# Called with the place inside the entry and with what is wrong there and how to mend it.
Note = Callable[[str, str], None]


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind, include_extras=True)


def record_of(kind: type[RecordT], given: object, note: Note, *, place: str = "") -> RecordT | Broken:
    """An entry of this type, or BROKEN when anything in it is at fault.

    Args:
        kind: a dataclass of `records`.
        given: what YAML gave.
        note: told of every fault.
        place: where it stands inside the entry, such as `routes.0`.
    """
    if not isinstance(given, Mapping):
        note(place, "Give keys with values.")
        return BROKEN
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]  # only dataclasses come here
    for name in given:
        if name not in known:
            note(_join(place, str(name)), f"This key is unknown. Take it away, or use one of: {', '.join(known)}.")
    values = {name: _field_value(kind, item, given, note, place) for name, item in known.items()}
    if any(value is BROKEN for value in values.values()):
        return BROKEN
    return kind(**{name: value for name, value in values.items() if value is not MISSING})


def _field_value(kind: type, item: "Field[Any]", given: Mapping[Any, Any], note: Note, place: str) -> Any:
    """The value of one key; MISSING leaves it to the default."""
    if item.name in given:
        return _value(_hints(kind)[item.name], given[item.name], note, _join(place, item.name))
    if item.default is MISSING and item.default_factory is MISSING:
        note(_join(place, item.name), "This key is missing. Add it.")
        return BROKEN
    return MISSING


def _value(hint: Any, given: object, note: Note, place: str) -> Any:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return None if given is None else _value(_without_none(hint), given, note, place)
    if origin is Annotated:
        value = _value(hint.__origin__, given, note, place)
        return value if value is BROKEN else _chosen(hint.__metadata__, value, note, place)
    if origin is tuple:
        return _sequence(get_args(hint), given, note, place)
    if origin is not None:
        return _mapping(get_args(hint)[1], given, note, place)
    if isinstance(hint, type) and is_dataclass(hint):
        kind: type[Any] = hint
        return record_of(kind, given, note, place=place)
    return _scalar(hint, given, note, place)


def _without_none(hint: Any) -> Any:
    (only,) = (part for part in get_args(hint) if part is not types.NoneType)
    return only


def _chosen(metadata: tuple[Any, ...], value: str, note: Note, place: str) -> Any:
    for rule in metadata:
        if isinstance(rule, OneOf) and value not in rule.choices.values:
            note(place, f"“{value}” cannot be chosen. Choose one of: {', '.join(rule.choices.values)}.")
            return BROKEN
    return value


def _sequence(parts: tuple[Any, ...], given: object, note: Note, place: str) -> Any:
    """Any number of one type (`tuple[X, ...]`), or as many values as there are types."""
    if not isinstance(given, list):
        note(place, "Give a list, in brackets or with hyphens.")
        return BROKEN
    if parts[-1] is not Ellipsis and len(given) != len(parts):
        note(place, f"Give {len(parts)} values; there are {len(given)}.")
        return BROKEN
    hints = parts if parts[-1] is not Ellipsis else (parts[0],) * len(given)
    values = [
        _value(hint, item, note, _join(place, number))
        for number, (hint, item) in enumerate(zip(hints, given, strict=True))
    ]
    return BROKEN if BROKEN in values else tuple(values)


def _mapping(hint: Any, given: object, note: Note, place: str) -> Any:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        note(place, "Give values by language tag, such as {zh-Hans: …, en: …}.")
        return BROKEN
    values = {key: _value(hint, item, note, _join(place, key)) for key, item in given.items()}
    return BROKEN if BROKEN in values.values() else values


def _scalar(hint: Any, given: object, note: Note, place: str) -> Any:
    remedy, read = _SCALARS[hint]
    value = read(given)
    if value is None:
        note(place, remedy)
        return BROKEN
    return value


def _text(given: object) -> str | None:
    return given.strip() if isinstance(given, str) and given.strip() else None


def _whole_number(given: object) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def _number(given: object) -> float | None:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return float(given) if is_number and math.isfinite(given) else None  # type: ignore[arg-type]  # checked before


def _amount(given: object) -> Decimal | None:
    number = _number(given)
    return None if number is None else Decimal(str(given))


def _truth(given: object) -> bool | None:
    return given if isinstance(given, bool) else None


def _day(given: object) -> date | None:
    return given if isinstance(given, date) and not isinstance(given, datetime) else None


_SCALARS: Final[Mapping[type, tuple[str, Callable[[object], Any]]]] = {
    str: ("Give a text; put it in quotes when YAML takes it for something else, as it does with NO.", _text),
    int: ("Give a whole number.", _whole_number),
    float: ("Give a finite number.", _number),
    Decimal: ("Give an amount of money as a finite number.", _amount),
    bool: ("Give true or false.", _truth),
    date: ("Give a day such as 2027-03-01.", _day),
}


def _join(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)


def names_in(record: Any, *, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Every id of another entry that a record holds: where it stands, the section it must lie in, and the id."""
    kind: type = type(record)
    for item in fields(record):
        yield from _names_in_value(_hints(kind)[item.name], getattr(record, item.name), _join(place, item.name))


def _names_in_value(hint: Any, value: Any, place: str) -> Iterator[tuple[str, str, str]]:
    origin = get_origin(hint)
    if value is None:
        return
    if origin in {Union, types.UnionType}:
        yield from _names_in_value(_without_none(hint), value, place)
    elif origin is Annotated:
        for rule in hint.__metadata__:
            if isinstance(rule, NameOf):
                yield place, rule.section, value
    elif isinstance(value, tuple):
        parts = get_args(hint)
        for number, item in enumerate(value):
            yield from _names_in_value(parts[0] if parts[-1] is Ellipsis else parts[number], item, _join(place, number))
    elif is_dataclass(value):
        yield from names_in(value, place=place)
