"""The labels of a judged set's capabilities, as the technologies and routes that its needs may name."""

from __future__ import annotations

from collections.abc import Iterable

from matching.engine import Route, Taxonomy, Technology, TechnologyUse
from matching.evaluation.judged_entries import CAPABILITIES, Entry, primary_language, read_string, read_strings


class Labels:
    """The taxonomy behind labels: each label, however written, is a technology; a route belongs to those beside it."""

    def __init__(self, rows: Iterable[Entry]) -> None:
        technologies: dict[str, set[str]] = {}
        routes: dict[tuple[str, str], set[str]] = {}
        self._languages: dict[str, set[str]] = {}
        for row in rows:
            language = primary_language(read_string(CAPABILITIES, row, "lang"))
            written = _labels(row, "technology_labels")
            for label in written:
                technologies.setdefault(_folded(label), set()).add(label)
                self._languages.setdefault(_folded(label), set()).add(language)
            for route in _labels(row, "route_labels"):
                for technology in written or [route]:
                    technologies.setdefault(_folded(technology), set()).add(technology)
                    self._languages.setdefault(_folded(technology), set()).add(language)
                    routes.setdefault((_folded(technology), _folded(route)), set()).add(route)
        self.taxonomy = Taxonomy(
            tuple(Technology(key, {"und": tuple(sorted(labels))}) for key, labels in sorted(technologies.items())),
            tuple(
                Route(f"{technology}/{route}", technology, {"und": tuple(sorted(labels))})
                for (technology, route), labels in sorted(routes.items())
            ),
        )

    def spoken_everywhere(self) -> Taxonomy:
        """Return the technologies whose label capabilities in every language of the set carry.

        A need that names another one would prefer offers for being written in its own language.
        """
        languages = set().union(*self._languages.values())
        kept = {name for name, spoken in self._languages.items() if spoken == languages}
        return Taxonomy(
            tuple(item for item in self.taxonomy.technologies if item.id in kept),
            tuple(item for item in self.taxonomy.routes if item.technology in kept),
        )

    def uses(self, row: Entry) -> tuple[TechnologyUse, ...]:
        """Return the technologies and routes of a capability."""
        routes = [_folded(label) for label in _labels(row, "route_labels")]
        technologies = [_folded(label) for label in _labels(row, "technology_labels")] or routes
        ids: list[str | None] = [*routes] or [None]
        return tuple(
            TechnologyUse(technology, None if route is None else f"{technology}/{route}")
            for technology in dict.fromkeys(technologies)
            for route in dict.fromkeys(ids)
        )


def _labels(row: Entry, name: str) -> list[str]:
    return [label for label in read_strings(CAPABILITIES, row, name) if _folded(label)]


def _folded(label: str) -> str:
    return " ".join(label.casefold().split())
