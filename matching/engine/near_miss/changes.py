"""Changes to records, and what the two sides' changes have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from matching.engine.tables import interval, offered
from matching.engine.types import Document, JsonValue, Need, Parameter

_RecordT = TypeVar("_RecordT", Need, Document)


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one record with a new value, and what may be told of it. `document` is empty for the need."""

    name: str
    value: Any
    args: Mapping[str, JsonValue] = field(default_factory=dict)
    document: str = ""


Ladder = tuple[Change, ...]
"""Changes of one field, the smallest first; each goes further than the one before it."""


def changed_need(need: Need, changes: Iterable[Change]) -> Need:
    """Return the need with the changes made."""
    return _changed(need, changes)


def changed_documents(documents: Iterable[Document], changes: Iterable[Change]) -> list[Document]:
    """Return all documents with the changes made to those they belong to."""
    of_document: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        of_document[change.document].append(change)
    return [_changed(document, of_document[document.id]) for document in documents]


def levels_between(start: float, end: float) -> list[float]:
    """Return the levels after `start`, one step apart, the last of them `end`; none when the two are equal."""
    step = 1.0 if end > start else -1.0
    levels, level = [], start
    while level != end:
        level = min(level + step, end) if step > 0 else max(level + step, end)
        levels.append(level)
    return levels


def is_about(measured: Parameter, wanted: Parameter) -> bool:
    """Say whether a document measures what a need asks for."""
    return (measured.quantity, measured.dimension) == (wanted.quantity, wanted.dimension)


def meets(measured: Parameter, wanted: Parameter) -> bool:
    """Say whether a document's parameter meets a need's."""
    low, high = interval(wanted)
    first, last = offered(measured)
    return is_about(measured, wanted) and first <= high and last >= low


def _changed(record: _RecordT, changes: Iterable[Change]) -> _RecordT:
    return replace(record, **{change.name: change.value for change in changes})
