"""Labels of everything that an explanation names, read in a few queries for many explanations at once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise

from consortia.listings.models import CooperationType, QuantityKind, SupplyRole
from consortia.organizations.models import Organization
from consortia.technologies.models import Interface, Route, Technology
from ronghe.common.text import in_reader_language

CONCEPT: Final = "@"
ROUTE: Final = "route:"
_LEAST_LATIN, _LEAST_OTHER = 4, 2
_LISTED: Final = ("routes", "met")
"""Arguments that hold several keys, separated by commas."""

_CHOICES: Final[Mapping[str, str | Promise]] = {
    **{str(value): value.label for value in Organization.Type},
    **{str(value): value.label for value in SupplyRole},
    **{str(value): value.label for value in CooperationType},
}


@dataclass(frozen=True, slots=True)
class Labels:
    """Key of a technology, route or interface → its label in the reader's language."""

    by_key: Mapping[str, str] = field(default_factory=dict)

    def of(self, key: str) -> str:
        """The label of a key, of a choice, or else the word itself."""
        return self.by_key.get(key) or str(_CHOICES.get(key, key))

    def of_all(self, keys: str) -> str:
        """Labels of several keys that stand in one argument."""
        return ", ".join(self.of(key) for key in split(keys))

    def of_term(self, term: str) -> str:
        """A term that carried a match: a word as the need writes it, a quantity, or the label of a concept."""
        return self.of(concept_key(term)) if term.startswith(CONCEPT) else term.removeprefix("=")


def split(keys: str) -> list[str]:
    """The keys in one argument."""
    return [key for key in keys.split(", ") if key]


def tells_something(term: str) -> bool:
    """Whether a reader learns anything from a term: a bare number out of a text says nothing by itself."""
    return any(character.isalpha() for character in term)


def says_enough(word: str) -> bool:
    """Whether a word can stand alone in a sentence: not a unit, and not a single Chinese character."""
    return len(word) >= (_LEAST_LATIN if word.isascii() else _LEAST_OTHER)


def concept_key(term: str) -> str:
    """The key of the technology or route that a concept term names."""
    return term.removeprefix(CONCEPT).removeprefix(ROUTE)


def load_labels(columns: Iterable[Mapping[str, Any]]) -> Labels:
    """Labels for everything that these matches name; three queries, however many there are.

    Args:
        columns: `contributions` and `supporting` of each match, as stored.
    """
    keys = {key for column in columns for key in _keys_of(column)}
    if not keys:
        return Labels()
    found = {key: in_reader_language(labels) for key, labels in _labelled(Technology, keys, "labels")}
    found |= {key: in_reader_language(labels) for key, labels in _labelled(Route, keys, "labels")}
    found |= {key: in_reader_language(names) for key, names in _labelled(Interface, keys, "names")}
    return Labels(found)


def load_labels_of(keys: Collection[str]) -> Labels:
    """Labels for keys of technologies, routes, interfaces and quantities; four queries, however many there are."""
    wanted = set(keys)
    if not wanted:
        return Labels()
    known = ((Technology, "labels"), (Route, "labels"), (Interface, "names"), (QuantityKind, "labels"))
    return Labels(
        {
            key: text
            for model, column in known
            for key, labels in _labelled(model, wanted, column)
            if (text := in_reader_language(labels))
        }
    )


def _labelled(model: Any, keys: set[str], column: str) -> Iterable[tuple[str, Mapping[str, str]]]:
    rows: Iterable[tuple[str, Mapping[str, str]]] = model.objects.filter(key__in=keys).values_list("key", column)
    return rows


def _keys_of(column: Mapping[str, Any]) -> Iterable[str]:
    for contribution in column.get("contributions", ()):
        for name, value in contribution["args"].items():
            if isinstance(value, str):
                yield from split(value) if name in _LISTED else [value]
    for item in column.get("supporting", ()):
        for term in item["terms"]:
            if term.startswith(CONCEPT):
                yield concept_key(term)
