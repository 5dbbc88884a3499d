"""Reading off a text which technologies and routes it names."""

from __future__ import annotations

from collections.abc import Sequence

from matching.engine.analysis.concepts import CONCEPT_PREFIX, ConceptMatcher
from matching.engine.analysis.normalisation import language_of, normalise
from matching.engine.analysis.words import read_words, split_words
from matching.engine.types import Taxonomy, TechnologyUse, Text

_ROUTE = "route"
_TECHNOLOGY = "technology"


class TechnologyFinder:
    """Finds the labels of a taxonomy in texts, in any language and mixture of scripts."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._technology_of = {route.id: route.technology for route in taxonomy.routes}
        self._concepts = ConceptMatcher(
            [(f"{_TECHNOLOGY}:{item.id}", item.labels) for item in taxonomy.technologies]
            + [(f"{_ROUTE}:{route.id}", route.labels) for route in taxonomy.routes]
        )

    def find(self, texts: Sequence[Text]) -> tuple[TechnologyUse, ...]:
        """Return the technologies that texts name, in the order of their ids; a route brings its technology along."""
        names = {name.removeprefix(CONCEPT_PREFIX) for text in texts for name in self._named(text)}
        split = [name.partition(":") for name in names]
        routes = {(self._technology_of[name], name) for kind, _, name in split if kind == _ROUTE}
        routed = {technology for technology, _ in routes}
        plain = {name for kind, _, name in split if kind == _TECHNOLOGY} - routed
        uses = [TechnologyUse(technology, route) for technology, route in routes]
        uses += [TechnologyUse(technology) for technology in plain]
        return tuple(sorted(uses, key=lambda use: (use.technology, use.route or "")))

    def _named(self, text: Text) -> list[str]:
        """Title and text apart, so that no label is read across the border between them."""
        found: list[str] = []
        for part in (normalise(text.title), normalise(text.body)):
            found += self._concepts.find(read_words(split_words(part), language_of(part, text.lang))[1])
        return found
