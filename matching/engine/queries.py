"""Needs, encoded against an index: the same analysis as the passages, weighted by the index's statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.engine.analysis import Analysis, Analyzer, is_portable
from matching.engine.bridging import Bridge
from matching.engine.columns import Array, Ints, Vocabulary
from matching.engine.encoding import VectorSource
from matching.engine.fusion import ZH
from matching.engine.graph import Relation, TechnologyGraph
from matching.engine.passages import LINK_STEPS, Statistics, rounded
from matching.engine.settings import Settings
from matching.engine.types import Need, TechnologyUse

_WEIGHT_STEPS = 32
_MAX_TERMS = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What meets a need's technologies: how well, how related, and for which of the technologies asked for."""

    weight: float
    relation: Relation
    technology: str


@dataclass(frozen=True)
class Query:
    """A need ready to be scored. `self_score` is what its own text would score: the measure for all others."""

    need: Need
    terms: Ints
    term_weights: Array
    self_score: float
    portable_score: float
    """The part of the self-score that can be met in another language: by translations, concepts and quantities."""
    languages: int
    vector: Array
    wishes: dict[int, Wish]
    """By technology code."""
    surfaces: dict[str, str]
    """How the need writes each of its terms, for those that may be shown."""

    @cached_property
    def weight_of(self) -> dict[int, float]:
        """The weight of each term by its code."""
        return dict(zip(self.terms.tolist(), self.term_weights.tolist(), strict=True))

    @cached_property
    def wanted_routes(self) -> dict[str, frozenset[str]]:
        """The routes named for each technology that names any."""
        technologies = {use.technology for use in self.need.technologies if use.route is not None}
        return {
            technology: frozenset(
                use.route for use in self.need.technologies if use.technology == technology and use.route
            )
            for technology in sorted(technologies)
        }


@dataclass(frozen=True, slots=True)
class QueryEncoder:
    """Encodes needs against one index."""

    settings: Settings
    analyzer: Analyzer
    graph: TechnologyGraph
    statistics: Statistics
    terms: Vocabulary
    words: Vocabulary
    vectors: VectorSource
    bridge: Bridge

    def encode(self, needs: Sequence[Need]) -> list[Query]:
        """Encode needs that passed validation, in the order given."""
        analyses = [self.analyzer.analyse(need.texts) for need in needs]
        vectors = self.vectors.vectors([analysis.sentence for analysis in analyses], _silent)
        return [
            self._encode(need, analysis, vector)
            for need, analysis, vector in zip(needs, analyses, vectors, strict=True)
        ]

    def _encode(self, need: Need, analysis: Analysis, vector: Array) -> Query:
        names = sorted(analysis.counts)
        codes = np.array([self.terms.code(name) for name in names], dtype=np.int64)
        counts = np.array([analysis.counts[name] for name in names], dtype=np.float64)
        saturated = counts * (self.settings.k1 + 1) / (counts + self.settings.k1)
        weights = rounded(self.statistics.rarity(codes) * saturated, _WEIGHT_STEPS)
        own = weights * self.statistics.saturation(counts, float(counts.sum()), self.settings)
        # The heaviest terms only: their sum then stays exact, and a flood of words buys nothing.
        kept = np.sort(np.argsort(-weights, kind="stable")[:_MAX_TERMS])
        translated = self.bridge.translate({names[place]: float(weights[place]) for place in kept.tolist()})
        portable = np.array(
            [
                is_portable(name) or name in translated.reached or (analysis.languages == ZH and name.isascii())
                for name in names
            ],
            dtype=np.bool_,
        )[kept]
        known = kept[codes[kept] >= 0]
        others = sorted(translated.weights)
        surfaces = self.analyzer.surfaces(need.texts)
        return Query(
            need=need,
            terms=np.concatenate([codes[known], np.array([self.terms.code(name) for name in others], dtype=np.int64)]),
            term_weights=np.concatenate(
                [weights[known], rounded(np.array([translated.weights[name] for name in others]), _WEIGHT_STEPS)]
            ).astype(np.float32),
            self_score=float(own[kept].sum()),
            portable_score=float(own[kept][portable].sum()),
            languages=analysis.languages,
            vector=vector,
            wishes=self._wishes(need.technologies),
            surfaces=surfaces | {name: surfaces[term] for name, term in translated.sources.items() if term in surfaces},
        )

    def _wishes(self, uses: Sequence[TechnologyUse]) -> dict[int, Wish]:
        total = sum(weight for weight in _by_technology(uses).values())
        wishes: dict[int, Wish] = {}
        for technology, weight in _by_technology(uses).items():
            for other, reach in self.graph.reach(technology).items():
                code = self.words.code(other)
                value = float(np.rint(reach.weight * weight / total * LINK_STEPS) / LINK_STEPS)
                if code >= 0 and value > (wishes[code].weight if code in wishes else 0.0):
                    wishes[code] = Wish(value, reach.relation, technology)
        return wishes


def _by_technology(uses: Sequence[TechnologyUse]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for use in sorted(uses, key=lambda use: use.technology):
        weights[use.technology] = max(use.weight, weights.get(use.technology, 0.0))
    return weights


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report nothing: encoding a batch of needs is too quick to speak of."""
