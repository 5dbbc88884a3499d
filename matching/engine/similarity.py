"""Similarity of two texts of the same kind, as of two needs: how nearly they say the same.

Unlike relevance it is symmetrical, and a text is wholly similar to itself alone. Within a language it is the weighted
Jaccard index of the terms (each weighing its saturated count times its rarity; Ioffe, 2010), averaged with the
rescaled cosine of the sentence vectors where there are any, so that a paraphrase counts. Across languages words cannot
meet: there the cosine counts for most, and the concepts and quantities that mean the same everywhere for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.analysis import Analysis, Analyzer, is_portable
from matching.engine.analysis.normalisation import clean
from matching.engine.columns import Vocabulary
from matching.engine.encoding import VectorSource
from matching.engine.fusion import Fusion, cosine_of, language_pair
from matching.engine.passages import Statistics
from matching.engine.quotation import Fragment, Quote, best_sentence, sentences_of
from matching.engine.types import Text

_CONCEPT, _ROUTE = "@", "@route:"
_MEANING_ACROSS = 0.75
"""Share of the vectors across languages: it parts translations best from unrelated needs of the demo network."""
_TELLING = 0.3
"""Share of the heaviest word's weight from which a word is worth marking: “two” and “release” say nothing."""
_SENTENCES = 12
"""Sentences of which the one nearest in meaning is sought: encoding takes time."""


@dataclass(frozen=True, slots=True)
class Marks:
    """By what texts like one are found: technologies that it names, and its most telling words as it writes them."""

    technologies: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares texts by one index's analysis, statistics and sentence vectors."""

    analyzer: Analyzer
    statistics: Statistics
    terms: Vocabulary
    vectors: VectorSource
    fusion: Fusion
    saturation: float
    """BM25's k1: how soon repeating a word counts no more."""

    def similarities(self, asked: Text, others: Sequence[Text]) -> list[float]:
        """Return the similarity of a text to each of the others, 0 to 1."""
        analyses = [self.analyzer.analyse((text,)) for text in (asked, *others)]
        weights = [self._weights(analysis) for analysis in analyses]
        dense = self._dense(analyses)
        bits = np.array([analysis.languages for analysis in analyses], dtype=np.int64)
        return [
            _similarity(weights[0], weights[place], meaning, across=not bits[0] & bits[place])
            for place, meaning in enumerate(dense, start=1)
        ]

    def quote(self, asked: Sequence[Text], offered: Sequence[Text]) -> Quote | None:
        """Return the sentence of the offered texts that says most of what was asked for.

        Where no word of it was asked for, it is the sentence whose meaning is nearest, if there is an encoder.
        """
        weights = self._weights(self.analyzer.analyse(tuple(asked)))
        # Words that no record has are the rarest of all and say nothing of how telling the others are.
        known = [weight for term, weight in weights.items() if self.terms.code(term) >= 0]
        least = _TELLING * max(known, default=0.0)
        weights = {term: weight for term, weight in weights.items() if weight >= least}
        by_text = [(text.lang, sentences_of(f"{text.title}\n{text.body}")) for text in offered]
        found = [best for lang, sentences in by_text if (best := best_sentence(sentences, weights, lang))]
        if found:
            return max(found, key=lambda item: item[1])[0]
        return self._nearest(asked, [sentence for _, sentences in by_text for sentence in sentences])

    def _nearest(self, asked: Sequence[Text], sentences: Sequence[str]) -> Quote | None:
        if self.vectors.encoder is None or not sentences or not asked:
            return None
        # What is asked may be a search.
        sought = self.vectors.vectors([self.analyzer.analyse(tuple(asked)).sentence], _silent, keep=False)
        vectors = self.vectors.vectors([*map(clean, sentences[:_SENTENCES])], _silent).astype(np.int64)
        nearest = sentences[int(np.argmax(vectors @ sought[0]))]
        return Quote((Fragment(nearest, is_marked=False),), by_meaning=True)

    def marks(self, text: Text, *, most: int) -> Marks:
        """Return what a text can be found by, at most so many words, the most telling first."""
        weights = self._weights(self.analyzer.analyse((text,)))
        surfaces = self.analyzer.surfaces((text,))
        telling = sorted((term for term in weights if term in surfaces), key=lambda term: (-weights[term], term))
        concepts = sorted(term for term in weights if term.startswith(_CONCEPT) and not term.startswith(_ROUTE))
        return Marks(
            technologies=tuple(term.removeprefix(_CONCEPT) for term in concepts),
            words=tuple(surfaces[term] for term in telling if not is_portable(term))[:most],
        )

    def _weights(self, analysis: Analysis) -> dict[str, float]:
        names = sorted(analysis.counts)
        counts = np.array([analysis.counts[name] for name in names], dtype=np.float64)
        saturated = counts * (self.saturation + 1) / (counts + self.saturation)
        codes = np.array([self.terms.code(name) for name in names], dtype=np.int64)
        return dict(zip(names, (self.statistics.rarity(codes) * saturated).tolist(), strict=True))

    def _dense(self, analyses: Sequence[Analysis]) -> list[float | None]:
        """Return the rescaled cosines of the first text with all others, None without an encoder."""
        if self.vectors.encoder is None:
            return [None] * (len(analyses) - 1)
        # The first may be a draft, the others are saved.
        draft, *sentences = [analysis.sentence for analysis in analyses]
        sought = self.vectors.vectors([draft], _silent, keep=False).astype(np.float64)
        vectors = self.vectors.vectors(sentences, _silent).astype(np.float64)
        languages = np.array([analysis.languages for analysis in analyses], dtype=np.int64)
        pair = language_pair(languages[:1], languages[1:])
        found: list[float | None] = [*self.fusion.dense_share(cosine_of(vectors @ sought[0]), pair).tolist()]
        return found


def _similarity(one: dict[str, float], other: dict[str, float], meaning: float | None, *, across: bool) -> float:
    if across:
        portable = [{term: weight for term, weight in side.items() if is_portable(term)} for side in (one, other)]
        shared = _jaccard(*portable)
        return shared if meaning is None else _MEANING_ACROSS * meaning + (1 - _MEANING_ACROSS) * shared
    words = _jaccard(one, other)
    return words if meaning is None else (words + meaning) / 2


def _jaccard(one: dict[str, float], other: dict[str, float]) -> float:
    shared = sum(min(weight, other[term]) for term, weight in one.items() if term in other)
    total = sum(one.values()) + sum(other.values()) - shared
    return shared / total if total > 0 else 0.0


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report nothing: a handful of texts is encoded too quickly to speak of."""
