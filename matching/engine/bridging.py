"""Carrying the words of a need into the other language, so that its words can meet there too.

Only needs are translated, into words that the corpus has: documents stay as they are written. A dictionary knows no
context, so each translation weighs less than the word itself: with v the share of a gloss that a stem makes up, a term
of weight w is carried by a translation of rarity r with v / √(Σ v) · √(w · r).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from matching.engine.analysis.lexicon import Lexicon, load_lexicon
from matching.engine.analysis.words import is_han
from matching.engine.columns import Vocabulary
from matching.engine.errors import LexiconError
from matching.engine.passages import Statistics
from matching.engine.settings import Settings
from matching.engine.types import Problem

_LEAST = 0.3
"""Share of a gloss below which a stem is one word of many and no translation."""
_PER_TERM = 8
_REMEMBERED = 100_000
_MOST = 100
"""Translations per need that are followed: the heaviest."""


@dataclass(frozen=True, slots=True)
class Translated:
    """What a need's terms become in the other language."""

    weights: Mapping[str, float]
    sources: Mapping[str, str]
    """The term that each translation stands for."""
    reached: frozenset[str]
    """The terms that have a translation."""


NOTHING = Translated({}, {}, frozenset())


class Bridge:
    """Translates terms into those of one corpus; without a lexicon it translates nothing."""

    def __init__(self, lexicon: Lexicon | None, statistics: Statistics, terms: Vocabulary) -> None:
        self._lexicon, self._statistics, self._terms = lexicon, statistics, terms
        self._options = lru_cache(_REMEMBERED)(self._find_options)
        self._rarity = lru_cache(_REMEMBERED)(self._find_rarity)

    def translate(self, weights: Mapping[str, float]) -> Translated:
        """Return the translations of weighted terms. What the need says itself is not translated into once more."""
        if self._lexicon is None:
            return NOTHING
        best: dict[str, tuple[float, str]] = {}
        reached: set[str] = set()
        for term in sorted(term for term in weights if is_han(term) or term in self._chinese):
            options = self._options(term)
            if not options:
                continue
            total = math.sqrt(sum(value for _, value in options))
            for other, value in options:
                reached.add(term)
                weight = min(1.0, value / total) * math.sqrt(weights[term] * self._rarity(other))
                if other not in weights and weight > best.get(other, (0.0, ""))[0]:
                    best[other] = weight, term
        kept = sorted(best, key=lambda other: (-best[other][0], other))[:_MOST]
        return Translated(
            {other: best[other][0] for other in kept}, {other: best[other][1] for other in kept}, frozenset(reached)
        )

    def _find_options(self, term: str) -> list[tuple[str, float]]:
        if self._lexicon is None or not term[0].isalnum():
            return []
        found = self._lexicon.translate(term) if is_han(term) else self._chinese.get(term, {})
        usable = [(other, value) for other, value in found.items() if value >= _LEAST and self._is_known(other)]
        return sorted(usable, key=lambda option: (-option[1], option[0]))[:_PER_TERM]

    def _is_known(self, term: str) -> bool:
        """Say whether a text that everybody may read has a term.

        Words of restricted texts have no frequency: whether they occur must not show in anybody's score. Words that
        came after the statistics are not told from those of a full build on the same ones.
        """
        code = self._terms.code(term)
        return 0 <= code < len(self._statistics.frequency) and bool(self._statistics.frequency[code] > 0)

    def _find_rarity(self, term: str) -> float:
        return float(self._statistics.rarity(np.array([self._terms.code(term)]))[0])

    @cached_property
    def _chinese(self) -> Mapping[str, Mapping[str, float]]:
        """The Chinese words of the corpus by their translations."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for word in self._statistics.terms:
            if self._lexicon is not None and is_han(word) and self._is_known(word):
                for stem, value in self._lexicon.translate(word).items():
                    found[stem][word] = value
        return dict(found)


def open_lexicon(settings: Settings) -> tuple[Lexicon | None, list[Problem]]:
    """Return the dictionary where the settings want it; when it cannot be loaded, go on without and say so."""
    if not settings.lexicon:
        return None, []
    try:
        return load_lexicon(), []
    except LexiconError as error:
        message = f"Words do not meet across languages: {error}"
        return None, [Problem("lexicon", "cc-cedict", "lexicon_missing", message)]
