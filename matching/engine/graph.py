"""The technology graph: what else meets a wish for one technology, and by how much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from matching.engine.analysis import ConceptMatcher
from matching.engine.settings import Settings
from matching.engine.types import Problem, Taxonomy

Relation = Literal["same", "narrower", "broader", "related", "dependency"]

_MAX_STEPS = 3
_ROUTE = "route:"


class Fulfilment(NamedTuple):
    """How well an offer on some technology meets the wish (0 to 1), and how the two are related."""

    weight: float
    relation: Relation


class TechnologyGraph:
    """Technologies with their relations, compiled once per index. Cycles and dangling references do no harm."""

    def __init__(self, taxonomy: Taxonomy, settings: Settings) -> None:
        self.taxonomy = taxonomy
        self._settings = settings
        self._known = {technology.id for technology in taxonomy.technologies}
        self._broader = {item.id: item.broader for item in taxonomy.technologies}
        self._related = _symmetric((item.id, item.related) for item in taxonomy.technologies)
        self._depends = {item.id: item.depends_on for item in taxonomy.technologies}
        self._narrower: Mapping[str, tuple[str, ...]] = _inverted(self._broader)
        self._fulfilments: dict[str, dict[str, Fulfilment]] = {}

    def concepts(self) -> ConceptMatcher:
        """Return the matcher that finds the labels of technologies and routes in texts."""
        labels = [(item.id, item.labels) for item in self.taxonomy.technologies]
        labels += [(_ROUTE + route.id, route.labels) for route in self.taxonomy.routes]
        return ConceptMatcher(labels)

    def fulfilments(self, technology: str) -> dict[str, Fulfilment]:
        """Return every technology that meets a wish for `technology`, itself included with weight 1."""
        if technology not in self._fulfilments:
            self._fulfilments[technology] = self._find_fulfilments(technology)
        return self._fulfilments[technology]

    def _find_fulfilments(self, technology: str) -> dict[str, Fulfilment]:
        settings = self._settings
        found: dict[str, Fulfilment] = {}
        _walk(found, technology, self._depends.get, settings.dependency_weight, "dependency", steps=1)
        _walk(found, technology, self._related.get, settings.related_weight, "related", steps=1)
        _walk(found, technology, self._broader.get, settings.broader_weight, "broader", steps=_MAX_STEPS)
        _walk(found, technology, self._narrower.get, settings.narrower_weight, "narrower", steps=_MAX_STEPS)
        found[technology] = Fulfilment(1.0, "same")
        return {key: value for key, value in sorted(found.items()) if value.weight > 0}

    def problems(self) -> list[Problem]:
        """Return dangling references and cycles, sorted."""
        found = [
            Problem("taxonomy", technology, "dangling_reference", f"{technology} refers to {other}, which is not there")
            for relation in (self._broader, self._related, self._depends)
            for technology, others in relation.items()
            for other in others
            if other not in self._known
        ]
        found += [
            Problem(
                "taxonomy",
                route.id,
                "dangling_reference",
                f"{route.id} is a route of {route.technology}, which is not there",
            )
            for route in self.taxonomy.routes
            if route.technology not in self._known
        ]
        found += [
            Problem("taxonomy", technology, "cycle", f"{technology} is broader than itself")
            for technology in self._known
            if self._is_own_ancestor(technology)
        ]
        return sorted(set(found), key=lambda problem: (problem.id, problem.code, problem.message))

    def _is_own_ancestor(self, technology: str) -> bool:
        waiting, seen = list(self._broader.get(technology, ())), set[str]()
        while waiting:
            node = waiting.pop()
            if node == technology:
                return True
            if node not in seen:
                seen.add(node)
                waiting.extend(self._broader.get(node, ()))
        return False


def _walk(
    found: dict[str, Fulfilment],
    start: str,
    following: Callable[[str], Iterable[str] | None],
    weight: float,
    relation: Relation,
    *,
    steps: int,
) -> None:
    """Follow one relation up to `steps` times and keep the best weight for each technology met."""
    front, seen, value = {start}, {start}, 1.0
    for _ in range(steps):
        front = {other for node in front for other in (following(node) or ())} - seen
        if not front:
            return
        seen |= front
        value *= weight
        for node in front:
            if node not in found or value > found[node].weight:
                found[node] = Fulfilment(value, relation)


def _inverted(relation: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    inverse: dict[str, set[str]] = defaultdict(set)
    for node, others in relation.items():
        for other in others:
            inverse[other].add(node)
    return {node: tuple(sorted(others)) for node, others in inverse.items()}


def _symmetric(pairs: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    both: dict[str, set[str]] = defaultdict(set)
    for node, others in pairs:
        for other in others:
            both[node].add(other)
            both[other].add(node)
    return {node: tuple(sorted(others)) for node, others in both.items()}
