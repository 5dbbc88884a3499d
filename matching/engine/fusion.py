"""Fusion: words and sentence vectors become one relevance, from 0 to 1, that can be compared across languages.

Words only meet within a language, and what unrelated texts have in common differs from one pair of languages to
another. Both measures are therefore put in relation to what can be expected of the pair at hand before they are added.
All functions work element by element on arrays of any shapes that broadcast, so they serve matrices and candidate lists
alike and give the same value however many elements are computed together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.engine.columns import Array
from matching.engine.encoding import QUANTUM
from matching.engine.settings import Settings

Relevances = npt.NDArray[np.float32]

ZH, EN = 1, 2
"""Bits of the languages that are calibrated, as in `Analysis.languages`."""
WITHIN_ZH, WITHIN_EN, ACROSS = range(3)
"""Pairs of languages. Two texts in the same third language are calibrated like two English ones."""

_SAMPLE = 30
"""Texts per language below which a corpus says nothing about what is usual in it."""
_USUAL_MEAN, _USUAL_SPREAD = 0.15, 0.1
_CHUNK = 8192


@dataclass(frozen=True, slots=True)
class Background:
    """Cosines of unrelated texts: their mean and standard deviation per pair of languages.

    Measured over all pairs of texts of the corpus, nearly all of which are unrelated.
    """

    mean: tuple[float, float, float] = (_USUAL_MEAN,) * 3
    spread: tuple[float, float, float] = (_USUAL_SPREAD,) * 3

    @classmethod
    def measure(cls, languages: Array, vectors: Array) -> Background:
        """Measure a corpus of quantised vectors; a language with too few texts takes what is usual elsewhere."""
        if not vectors.shape[1]:
            return cls()
        groups = {bit: _Moments.of(vectors[(languages & bit) != 0]) for bit in (ZH, EN)}
        within = {bit: group.within() for bit, group in groups.items() if group.count >= _SAMPLE}
        usual = next(iter(within.values()), (_USUAL_MEAN, _USUAL_SPREAD))
        across = groups[ZH].across(groups[EN]) if len(within) == len(groups) else usual
        pairs = within.get(ZH, usual), within.get(EN, usual), across
        (zh, zh_spread), (en, en_spread), (both, both_spread) = pairs
        return cls((zh, en, both), (zh_spread, en_spread, both_spread))


@dataclass(frozen=True, slots=True)
class _Moments:
    """Sum and second moment of vectors. Their elements are whole numbers, exact in any order of the vectors."""

    count: int
    total: npt.NDArray[np.float64]
    second: npt.NDArray[np.float64]

    @classmethod
    def of(cls, vectors: Array) -> _Moments:
        vectors = vectors[np.any(vectors != 0, axis=1)]
        total = np.zeros(vectors.shape[1])
        second = np.zeros((vectors.shape[1], vectors.shape[1]))
        for start in range(0, len(vectors), _CHUNK):
            block = vectors[start : start + _CHUNK].astype(np.float64)
            total += block.sum(axis=0)
            second += block.T @ block
        return cls(len(vectors), total, second)

    def within(self) -> tuple[float, float]:
        """Return mean and standard deviation of the cosines of all pairs of different vectors."""
        own = float(np.trace(self.second))
        pairs = self.count * (self.count - 1)
        # All vectors have the same length, so what each gives with itself follows from their sum.
        squares = float((self.second * self.second).sum()) - own * own / self.count
        return _mean_and_spread(float(self.total @ self.total) - own, squares, pairs)

    def across(self, other: _Moments) -> tuple[float, float]:
        """Return the same for all pairs of one of these vectors with one of the other's."""
        squares = float((self.second * other.second).sum())
        return _mean_and_spread(float(self.total @ other.total), squares, self.count * other.count)


def language_pair(asked: Array, offered: Array) -> npt.NDArray[np.int8]:
    """Return the pair of languages of texts, given one bit per language that each is written in."""
    shared = asked & offered
    within = np.where(shared == ZH, np.int8(WITHIN_ZH), np.int8(WITHIN_EN))
    return np.where(shared == 0, np.int8(ACROSS), within)


def cosine_of(product: Array) -> Relevances:
    """Return the cosine of two quantised vectors from their inner product."""
    return np.asarray(product, dtype=np.float32) / np.float32(QUANTUM**2)


class Fusion:
    """Brings the measures of one index together."""

    def __init__(self, settings: Settings, background: Background, *, dense: bool) -> None:
        """Take an index's settings and background; `dense` says whether sentence vectors take part."""
        self._dense = dense
        self._mean = np.array(background.mean, dtype=np.float32)
        self._share = np.array(
            [settings.dense_share_chinese, settings.dense_share, settings.dense_share_across], dtype=np.float32
        )
        self._worth = np.float32(settings.dense_worth)

    def relevance(
        self, words: Array, cosine: Array | None, *, pair: Array, self_score: Array, portable_score: Array
    ) -> Relevances:
        """Return the relevance of texts to needs, 0 to 1.

        `words` is the lexical score, `cosine` that of the vectors (None without an encoder), `pair` as in
        `language_pair`; `self_score` and `portable_score` are what the need's own words would score, all of them and
        those that mean the same in every language.
        """
        lexical = lexical_share(words, pair=pair, self_score=self_score, portable_score=portable_score)
        if cosine is None or not self._dense:
            return lexical
        share = self._vector_share(pair, np.asarray(self_score, dtype=np.float32))
        return np.asarray(lexical * (np.float32(1) - share) + self.dense_share(cosine, pair) * share)

    def _vector_share(self, pair: Array, self_score: Relevances) -> Relevances:
        """Return the share of vectors: within English it falls with all that the need's words say already."""
        falling = np.where(pair == WITHIN_EN, self._worth / (self._worth + self_score), np.float32(1))
        return np.minimum(self._share[pair], falling)

    def dense_share(self, cosine: Array, pair: Array) -> Relevances:
        """Return cosines rescaled so that what unrelated texts have in common counts as nothing."""
        floor = self._mean[pair]
        above: Relevances = (np.asarray(cosine, dtype=np.float32) - floor) / (np.float32(1) - floor)
        return np.clip(above, np.float32(0), np.float32(1))


def lexical_share(words: Array, *, pair: Array, self_score: Array, portable_score: Array) -> Relevances:
    """Return lexical scores relative to what can be reached: across languages only with portable words, if any."""
    reachable = np.where((pair == ACROSS) & (np.asarray(portable_score) > 0), portable_score, self_score)
    measure = np.where(reachable > 0, reachable, 1).astype(np.float32)
    share: Relevances = np.asarray(words, dtype=np.float32) / measure
    return np.minimum(share, np.float32(1))


def _mean_and_spread(total: float, squares: float, pairs: int) -> tuple[float, float]:
    scale = QUANTUM**2
    mean = total / pairs / scale
    return mean, float(np.sqrt(max(squares / pairs / scale**2 - mean**2, 0.0)))
