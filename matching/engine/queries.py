"""Needs, encoded against an index: the same analysis as the passages, weighted by the index's statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from matching.engine.analysis import Analysis, Analyzer, is_portable
from matching.engine.bridging import Bridge, Translated
from matching.engine.columns import Array, Floats, Ints, Vocabulary
from matching.engine.encoding import VectorSource
from matching.engine.fusion import ZH
from matching.engine.graph import Relation, TechnologyGraph
from matching.engine.passages import IMPACT_STEPS, LINK_STEPS, Statistics
from matching.engine.settings import Settings
from matching.engine.types import Need, TechnologyUse

WEIGHT_STEPS = 32
"""Weights of a need's terms are whole numbers of 1/32."""

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
    """Codes of its terms, the heaviest first."""
    term_weights: Ints
    """In steps of 1/32."""
    scanned: int
    """How many of the terms bring up passages; all of them score those that were brought up."""
    self_score: float
    portable_score: float
    """The part of the self-score that can be met in another language: by translations, concepts and quantities."""
    languages: int
    vector: Array
    wishes: dict[int, Wish]
    """By technology code."""
    translations: Mapping[str, str]
    """The term of the need that each of its translations stands for."""
    unmet_terms: Mapping[str, int]
    """Its terms that no text of the index has, with their weights in steps of 1/32."""
    unmet_wishes: Mapping[str, float]
    """The technologies that would meet it and that no record of the index has, with their weights."""
    analyzer: Analyzer = field(repr=False)

    @cached_property
    def surfaces(self) -> dict[str, str]:
        """How the need writes each of its terms, for those that may be shown; translations as what they stand for."""
        own = self.analyzer.surfaces(self.need.texts)
        return own | {name: own[term] for name, term in self.translations.items() if term in own}

    @cached_property
    def weight_of(self) -> dict[int, int]:
        """The weight of each term by its code, in steps of 1/32."""
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
class _Terms:
    """The terms of a batch of needs, need by need, each need's heaviest first, equal ones by name."""

    starts: Ints
    names: list[str]
    codes: Ints
    weights: Ints
    scores: Floats
    """What each term would score in the need's own text."""

    def of(self, need: int) -> slice:
        """Return where a need's terms are."""
        return slice(int(self.starts[need]), int(self.starts[need + 1]))


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
        sentences = [analysis.sentence for analysis in analyses]
        vectors = self.vectors.vectors(sentences, _silent, keep=not any(need.is_search for need in needs))
        terms = self._weighted(analyses)
        return [
            self._query(need, analysis, vector, terms, terms.of(place))
            for place, (need, analysis, vector) in enumerate(zip(needs, analyses, vectors, strict=True))
        ]

    def _weighted(self, analyses: Sequence[Analysis]) -> _Terms:
        """Weigh the terms of all needs: rarity times the saturated count."""
        names = [sorted(analysis.counts) for analysis in analyses]
        sizes = np.array([len(own) for own in names], dtype=np.int64)
        owners = np.repeat(np.arange(len(names)), sizes)
        flat = [name for own in names for name in own]
        codes = self.terms.codes(flat)
        counts = np.array(
            [analysis.counts[name] for analysis, own in zip(analyses, names, strict=True) for name in own],
            dtype=np.float64,
        )
        lengths = np.bincount(owners, weights=counts, minlength=len(names))[owners]
        saturated = counts * (self.settings.k1 + 1) / (counts + self.settings.k1)
        weights = np.rint(self.statistics.rarity(codes) * saturated * WEIGHT_STEPS).astype(np.int64)
        impacts = self.statistics.saturation(counts, lengths, self.settings)
        order = np.lexsort((-weights, owners))
        # The heaviest terms only: a flood of words buys nothing.
        order = order[np.arange(len(order)) - (np.cumsum(sizes) - sizes)[owners] < _MAX_TERMS]
        return _Terms(
            starts=np.append(0, np.cumsum(np.minimum(sizes, _MAX_TERMS))),
            names=[flat[place] for place in order],
            codes=codes[order],
            weights=weights[order],
            scores=weights[order] * impacts[order] / (WEIGHT_STEPS * IMPACT_STEPS),
        )

    def _query(self, need: Need, analysis: Analysis, vector: Array, terms: _Terms, part: slice) -> Query:
        names = terms.names[part]
        translated = self.bridge.translate(
            dict(zip(names, (terms.weights[part] / WEIGHT_STEPS).tolist(), strict=True))
        )  # fmt: skip
        is_chinese = analysis.languages == ZH
        portable = [
            is_portable(name) or name in translated.reached or (is_chinese and name.isascii()) for name in names
        ]
        codes, weights = self._with_translations(terms.codes[part], terms.weights[part], translated)
        wishes = self._wishes(need.technologies)
        # Whole numbers of a binary fraction add up exactly, in whatever order.
        return Query(
            need=need,
            terms=codes,
            term_weights=weights,
            scanned=self._scanned(codes),
            self_score=float(terms.scores[part].sum()),
            portable_score=float(terms.scores[part] @ np.array(portable, dtype=np.float64)),
            languages=analysis.languages,
            vector=vector,
            wishes={code: wish for name, wish in wishes.items() if (code := self.words.code(name)) >= 0},
            translations=translated.sources,
            unmet_terms={
                name: weight
                for name, code, weight in zip(
                    names, terms.codes[part].tolist(), terms.weights[part].tolist(), strict=True
                )
                if code < 0
            },
            unmet_wishes={name: wish.weight for name, wish in wishes.items() if self.words.code(name) < 0},
            analyzer=self.analyzer,
        )

    def _with_translations(self, codes: Ints, weights: Ints, translated: Translated) -> tuple[Ints, Ints]:
        """Return the terms that the index knows, and what they become in the other language, the heaviest first."""
        known = codes >= 0
        codes, weights = codes[known], weights[known]
        if not translated.weights:
            return codes, weights
        others = sorted(translated.weights)
        carried = np.rint([translated.weights[name] * WEIGHT_STEPS for name in others]).astype(np.int64)
        codes = np.concatenate([codes, self.terms.codes(others)])
        weights = np.concatenate([weights, carried])
        order = np.argsort(-weights, kind="stable")
        return codes[order], weights[order]

    def _scanned(self, codes: Ints) -> int:
        """Return how many terms bring up passages: those before which fewer postings than the limit are read.

        Only the statistics count the postings, so that a later change to the index brings up nothing else.
        """
        frequency = self.statistics.frequency_of(codes)
        return int(np.count_nonzero(np.cumsum(frequency) - frequency < self.settings.scanned_postings))

    def _wishes(self, uses: Sequence[TechnologyUse]) -> dict[str, Wish]:
        total = sum(weight for weight in _by_technology(uses).values())
        wishes: dict[str, Wish] = {}
        for technology, weight in _by_technology(uses).items():
            for other, fulfilment in self.graph.fulfilments(technology).items():
                value = float(np.rint(fulfilment.weight * weight / total * LINK_STEPS) / LINK_STEPS)
                if value > (wishes[other].weight if other in wishes else 0.0):
                    wishes[other] = Wish(value, fulfilment.relation, technology)
        return wishes


def _by_technology(uses: Sequence[TechnologyUse]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for use in sorted(uses, key=lambda use: use.technology):
        weights[use.technology] = max(use.weight, weights.get(use.technology, 0.0))
    return weights


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report nothing: encoding a batch of needs is too quick to speak of."""
