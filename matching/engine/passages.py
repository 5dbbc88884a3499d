"""Passages: the distinct contents of all documents, weighted by corpus statistics.

Impacts and weights are whole numbers of fixed binary fractions. Their products and sums are then exact, so a score
depends neither on the order of the input nor on how many needs are scored together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.analysis import Analysis, Analyzer
from matching.engine.columns import Array, Floats, Ints, Ragged, Table, Vocabulary
from matching.engine.encoding import VectorSource
from matching.engine.fusion import Background
from matching.engine.settings import Settings
from matching.engine.types import Document, TechnologyUse, Text

KEY_BYTES = 16
IMPACT_STEPS = 64
"""Impacts are whole numbers of 1/64."""
LINK_STEPS = 256
"""Weights of technologies are whole numbers of 1/256."""
_STEEPNESS = 0.25
"""By how much rare words weigh more, and common ones less, than in BM25, as real consortia and experts teach it."""
_USUAL_RARITY = 5.0
"""Of a word in one text of 150: there the weight is that of BM25."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the corpus says about words, frozen with the index so that later changes move nobody else's score."""

    terms: tuple[str, ...]
    frequency: Array
    """In how many passages each term occurs."""
    passages: int
    mean_length: float
    background: Background

    def frequency_of(self, codes: Array) -> Ints:
        """Return in how many passages term codes occur; those that the statistics do not know are in none."""
        known = (codes >= 0) & (codes < len(self.frequency))
        frequency = np.zeros(len(codes), dtype=np.int64)
        frequency[known] = self.frequency[codes[known]]
        return frequency

    def rarity(self, codes: Array) -> Floats:
        """Return the inverse document frequency of term codes, as in BM25 but steeper."""
        frequency = self.frequency_of(codes)
        rarity = np.log1p((self.passages - frequency + 0.5) / (frequency + 0.5))
        return np.asarray(rarity * (rarity / _USUAL_RARITY) ** _STEEPNESS)

    def saturation(self, counts: Array, length: float | Array, settings: Settings) -> Floats:
        """Return the BM25 impact of term counts in texts of the given length (Robertson and Zaragoza, 2009).

        Impacts are in steps of 1/64.
        """
        norm = settings.k1 * (1 - settings.b + settings.b * length / self.mean_length)
        return np.asarray(np.rint(counts * (settings.k1 + 1) / (counts + norm) * IMPACT_STEPS), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class PassageTable(Table):
    """What rules and criteria read of passages: one row per distinct content, in the order of its key."""

    key: Array
    languages: Array
    technologies: Ragged
    links: Ragged
    """Weights of the technologies, in steps of 1/256."""
    routes: Ragged


@dataclass(frozen=True, slots=True)
class TextTable(Table):
    """What retrieval reads of passages, in the same rows: by far the larger part."""

    terms: Ragged
    impacts: Ragged
    shown: Ragged
    vectors: Array


def ordering_keys(keys: Array) -> Ints:
    """Return the first 63 bits of passage keys as numbers, by which ties between passages are broken."""
    leading = np.ascontiguousarray(keys[:, :8]).view(">u8").ravel()
    return (leading >> 1).astype(np.int64)


def content_key(texts: Sequence[Text], technologies: Sequence[TechnologyUse]) -> bytes:
    """Return the hash by which equal contents are recognised."""
    content = [
        [[text.lang, text.title, text.body, text.restricted] for text in texts],
        [[use.technology, use.route, use.weight] for use in technologies],
    ]
    return hashlib.blake2b(json.dumps(content).encode(), digest_size=KEY_BYTES).digest()


class PassageBuilder:
    """Collects the distinct contents of documents as they stream by."""

    def __init__(self, analyzer: Analyzer, words: Vocabulary, terms: Vocabulary) -> None:
        self._analyzer, self._words, self._terms = analyzer, words, terms
        self._rows: dict[bytes, int] = {}
        self._codes: list[Array] = []
        self._counts: list[Array] = []
        self._shown: list[Array] = []
        self._languages: list[int] = []
        self._open: list[bool] = []
        self._sentences: list[str] = []
        self._uses: list[tuple[TechnologyUse, ...]] = []

    def add(self, document: Document) -> int:
        """Return the row of a document's content, analysing it at first sight."""
        key = content_key(document.texts, document.technologies)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = len(self._rows)
            self._append(self._analyzer.analyse(document.texts), document.technologies)
            self._open.append(not any(text.restricted for text in document.texts))
        return row

    def _append(self, analysis: Analysis, technologies: tuple[TechnologyUse, ...]) -> None:
        add = self._terms.add
        self._codes.append(np.array([add(term) for term in analysis.counts], dtype=np.int32))
        self._counts.append(np.fromiter(analysis.counts.values(), dtype=np.int32, count=len(analysis.counts)))
        self._shown.append(np.array([term in analysis.shown for term in analysis.counts], dtype=np.bool_))
        self._languages.append(analysis.languages)
        self._sentences.append(analysis.sentence)
        self._uses.append(technologies)

    def finish(
        self,
        settings: Settings,
        vectors: VectorSource,
        statistics: Statistics | None,
        progress: Callable[[str, int, int], None],
    ) -> tuple[PassageTable, TextTable, Statistics, Array]:
        """Return the passages in canonical order, the statistics, and the new row of every row handed out by `add`."""
        embedded = vectors.vectors(self._sentences, progress)
        languages = np.array(self._languages, dtype=np.int64)
        if statistics is None:
            statistics = self._statistics(languages, embedded)
        passages, texts = self._passages(languages), self._texts(settings, statistics, embedded)
        order = np.array([row for _, row in sorted(self._rows.items())], dtype=np.int64)
        moved = np.empty(len(order), dtype=np.int64)
        moved[order] = np.arange(len(order))
        return passages.take(order), texts.take(order), statistics, moved

    def _statistics(self, languages: Array, vectors: Array) -> Statistics:
        """Count what everybody may read: a rare word in a restricted text would else move the scores of searches."""
        public = np.flatnonzero(self._open)
        lengths = [int(self._counts[row].sum()) for row in public]
        codes = np.concatenate([np.zeros(0, dtype=np.int32), *(self._codes[row] for row in public)])
        return Statistics(
            terms=tuple(self._terms.words),
            frequency=np.bincount(codes, minlength=len(self._terms)).astype(np.int32),
            passages=len(public),
            mean_length=max(1.0, sum(lengths) / len(lengths)) if lengths else 1.0,
            background=Background.measure(languages[public], vectors[public]),
        )

    def _passages(self, languages: Array) -> PassageTable:
        return PassageTable(
            key=np.frombuffer(b"".join(self._rows), dtype=np.uint8).reshape(-1, KEY_BYTES),
            languages=languages,
            technologies=Ragged.from_rows(
                [[self._words.add(use.technology) for use in uses] for uses in self._uses], np.int32
            ),
            links=Ragged.from_rows(
                [[round(use.weight * LINK_STEPS) for use in uses] for uses in self._uses], np.uint16
            ),
            routes=Ragged.from_rows(
                [[-1 if use.route is None else self._words.add(use.route) for use in uses] for uses in self._uses],
                np.int32,
            ),
        )

    def _texts(self, settings: Settings, statistics: Statistics, vectors: Array) -> TextTable:
        terms, counts = _stacked(self._codes, np.int32), _stacked(self._counts, np.int32)
        sizes = np.diff(terms.indptr)
        lengths = np.repeat([int(own.sum()) for own in self._counts], sizes)
        impacts = statistics.saturation(counts.values, lengths, settings)
        return TextTable(
            terms=terms,
            impacts=Ragged(terms.indptr, impacts.astype(np.uint16)),
            shown=_stacked(self._shown, np.bool_),
            vectors=vectors,
        )


def merge_passages(first: PassageTable, second: PassageTable) -> tuple[Ints, Ints, Ints]:
    """Return which rows to keep of both tables put together, and the new rows of the first's and of the second's."""
    joined = np.ascontiguousarray(np.concatenate([first.key, second.key]))
    _, kept, moved = np.unique(
        joined.view(np.dtype((np.void, KEY_BYTES))).ravel(), return_index=True, return_inverse=True
    )
    return kept, moved[: len(first.languages)], moved[len(first.languages) :]


def _stacked(rows: list[Array], dtype: type[np.generic]) -> Ragged:
    indptr = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=indptr[1:])
    values = np.concatenate(rows).astype(dtype) if rows else np.zeros(0, dtype=dtype)
    return Ragged(indptr, values)
