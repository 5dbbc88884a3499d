"""Retrieval: which passages may matter to a need, and how much each of them does.

Sources bring up candidates: the lists of the need's most telling terms and of its technologies, and the nearest
vectors. Every candidate is then scored by all terms, technologies and vectors, and the strongest stay. How many a
source brings up depends on the need and the frozen statistics alone, and within a source stronger passages come first,
so a passage's score never depends on what else is in the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from matching.engine import kernels
from matching.engine.columns import Array, Floats, Ints
from matching.engine.corpus import NO_LISTS, Corpus
from matching.engine.fusion import Fusion, cosine_of, language_pair
from matching.engine.passages import IMPACT_STEPS, LINK_STEPS, Statistics
from matching.engine.queries import WEIGHT_STEPS, Query
from matching.engine.settings import Settings
from matching.engine.snapshot import Lists
from matching.engine.watching import ESTIMATE_STEPS, lowest_bars

Products = npt.NDArray[np.float32]

_DENSE_BLOCK = 8192
_WORD_STEPS = WEIGHT_STEPS * IMPACT_STEPS
_LINK_STEPS = LINK_STEPS * LINK_STEPS
_LARGEST_SUM = 1 << 22


@dataclass(frozen=True, slots=True)
class Batch:
    """Needs to retrieve for, and the inner products of their vectors with all passages' (no columns without)."""

    queries: Sequence[Query]
    products: Products

    @property
    def languages(self) -> Ints:
        """The languages of every need."""
        return np.array([query.languages for query in self.queries], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Proposed:
    """Passages that one source brings up, need by need."""

    counts: Ints
    passages: Array

    @property
    def needs(self) -> Ints:
        """The place of the need that each passage was brought up for."""
        return np.repeat(np.arange(len(self.counts)), self.counts)


class Proposer(Protocol):
    """A source of candidates: brings up passages for needs."""

    def propose(self, batch: Batch) -> Proposed:
        """Return passages that count for every need of a batch, none twice for a need."""
        ...

    def strength(self, batch: Batch, proposed: Proposed) -> Ints:
        """Return what each of the passages proposed was chosen by, or less."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """The strongest passages, need by need; relevance is 0 to 1."""

    need: Ints
    passage: Ints
    text: Floats
    technology: Floats


class _Space:
    """What compiled code reads of all passages: languages, negative where no document counts any more, and keys."""

    def __init__(self, corpus: Corpus) -> None:
        languages = np.where(corpus.sharers > 0, corpus.records.passages.languages, -1)
        self.languages: Array = _column(languages, np.int32)
        self.keys: Array = _column(corpus.keys, np.int64)

    def relations(self, asked: Ints) -> tuple[Array, Array]:
        """Return how all passages' languages stand to those of some needs: each need's row, and the rows."""
        spoken, rows = np.unique(asked, return_inverse=True)
        near = (self.languages & spoken[:, np.newaxis].astype(np.int32)) != 0
        relations = np.where(near, np.uint8(kernels.NEAR), np.uint8(kernels.FAR))
        relations[:, self.languages < 0] = 0
        return rows.astype(np.int32), relations


class ListProposer:
    """Brings up passages by the lists of terms and technologies."""

    def __init__(self, corpus: Corpus, space: _Space, settings: Settings) -> None:
        self._settings, self._space, self._second = settings, space, corpus.second
        self._term_lists, self._technology_lists = _both(corpus.term_lists()), _both(corpus.technology_lists())
        self._term_rows, self._technology_rows = _both(corpus.term_rows()), _columns(corpus.technology_rows())
        self._vocabulary, self._technologies = _widths(corpus)
        self._shares = subject_shares(settings)

    def propose(self, batch: Batch) -> Proposed:
        """Return the passages with the highest estimates."""
        terms, wishes = zip(*map(self.asked, batch.queries), strict=True)
        found, counts = kernels.propose_by_lists(
            *_packed(terms), *_packed(wishes), self._term_lists, self._technology_lists,
            self._second, *self._space.relations(batch.languages), self._space.keys, self._settings.candidates,
        )  # fmt: skip
        return Proposed(counts.astype(np.int64), found)

    def strength(self, batch: Batch, proposed: Proposed) -> Ints:
        """Return the estimates, save for the step that counts where an impact is nothing."""
        terms, wishes = zip(*map(self.asked, batch.queries), strict=True)
        starts, whole = _starts(proposed.counts), (self._technology_rows, NO_LISTS)
        words = kernels.complete(
            *_packed(terms), starts, proposed.passages, self._term_rows, self._second, self._vocabulary
        )
        links = kernels.complete(
            *_packed(wishes), starts, proposed.passages, whole, len(self._space.keys), self._technologies
        )
        return np.asarray(words + links, dtype=np.int64)

    def asked(self, query: Query) -> tuple[tuple[Ints, Array], tuple[Ints, Array]]:
        """Return the terms and the technologies by which a need brings up passages, with what each counts."""
        codes, wishes = query.terms[: query.scanned], wish_row(query)
        return (codes, self.count_terms(query, query.term_weights[: query.scanned])), (
            wishes[0], self.count_wishes(wishes[1]),
        )  # fmt: skip

    def count_terms(self, query: Query, weights: Array) -> Floats:
        """Return what terms of a need count in an estimate, per step of impact, given their weights."""
        return np.clip(self._scaled(query, weights), 1, _most_of_a_term(query.scanned))

    def count_wishes(self, weights: Array) -> Floats:
        """Return what technologies count in an estimate, per step of a link, given their weights in such steps."""
        return np.asarray(np.rint(weights * (self._shares[1] * ESTIMATE_STEPS) / _LINK_STEPS), dtype=np.float64)

    def is_bounded(self, query: Query) -> bool:
        """Say whether a term of a need counts less than it should, or would with its unmet terms among the others."""
        weights = np.array([*query.term_weights[: query.scanned], *query.unmet_terms.values()], dtype=np.int64)
        return bool((self._scaled(query, weights) > _most_of_a_term(query.scanned + len(query.unmet_terms))).any())

    def _scaled(self, query: Query, weights: Array) -> Floats:
        scale = self._shares[0] * ESTIMATE_STEPS / (query.self_score * _WORD_STEPS or 1.0)
        return np.asarray(np.rint(weights * scale), dtype=np.float64)


class VectorProposer:
    """Brings up the passages whose vectors are nearest."""

    def __init__(self, space: _Space, settings: Settings) -> None:
        self._settings, self._space = settings, space

    def propose(self, batch: Batch) -> Proposed:
        """Return the passages with the highest inner products."""
        found, counts = kernels.propose_by_vectors(
            batch.products, *self._space.relations(batch.languages), self._space.keys, self._settings.candidates
        )
        return Proposed(counts.astype(np.int64), found)

    def strength(self, batch: Batch, proposed: Proposed) -> Ints:
        """Return the inner products."""
        return np.asarray(batch.products[proposed.needs, proposed.passages], dtype=np.int64)


class Retriever:
    """Finds the strongest passages for batches of needs: words, technologies and vectors, fused per language pair."""

    def __init__(self, corpus: Corpus, statistics: Statistics, settings: Settings, *, dense: bool) -> None:
        """Take everything there is; `dense` says whether sentence vectors take part."""
        self._settings, self._second = settings, corpus.second
        self._space = _Space(corpus)
        self._vectors = corpus.vectors() if dense else []
        self._term_rows = _both(corpus.term_rows())
        self._technology_rows = _columns(corpus.technology_rows())
        self._vocabulary, self._technologies = _widths(corpus)
        self._fusion = Fusion(settings, statistics.background, dense=dense)
        self.lists = ListProposer(corpus, self._space, settings)
        self._proposers: list[Proposer] = [self.lists]
        if dense:
            self._proposers.append(VectorProposer(self._space, settings))

    @property
    def dimensions(self) -> int:
        """How many components the needs' vectors have; none where vectors take no part."""
        return int(self._vectors[0].shape[1]) if self._vectors else 0

    def find(self, queries: Sequence[Query]) -> Found:
        """Return the strongest passages for every need."""
        batch = Batch(queries, self._products(queries))
        starts, passages = self._candidates(batch)
        text, technology = self._relevance(batch, starts, passages)
        shares = subject_shares(self._settings)
        strength = text * np.float32(shares[0]) + technology * np.float32(shares[1])
        need = np.repeat(np.arange(len(queries)), np.diff(starts))
        # The bits of floating-point numbers that are not negative are in the order of the numbers.
        bits = strength.astype(np.float32).view(np.int32)
        kept = kernels.keep_strongest(starts, bits, self._space.keys[passages], self._settings.passages)
        kept = np.sort(kept[bits[kept] > 0])
        return Found(
            need[kept],
            passages[kept].astype(np.int64),
            text[kept].astype(np.float64),
            technology[kept].astype(np.float64),
        )

    def bars(self, queries: Sequence[Query]) -> Ints:
        """Return the bars of every need: needs × two of each source."""
        batch = Batch(queries, self._products(queries))
        return np.concatenate([self._bars_of(proposer, batch) for proposer in self._proposers], axis=1)

    def _bars_of(self, proposer: Proposer, batch: Batch) -> Ints:
        proposed = proposer.propose(batch)
        need, spoken = proposed.needs, self._space.languages[proposed.passages]
        return lowest_bars(
            need, (spoken & batch.languages[need]) == 0, proposer.strength(batch, proposed),
            needs=len(batch.queries), limit=self._settings.candidates,
        )  # fmt: skip

    def _candidates(self, batch: Batch) -> tuple[Ints, Array]:
        """Unite what all sources bring up: where each need's candidates start, and the candidates."""
        proposed = [proposer.propose(batch) for proposer in self._proposers]
        if len(proposed) == 1:
            return _starts(proposed[0].counts), proposed[0].passages
        passages = len(self._space.keys)
        tagged = [np.repeat(np.arange(len(one.counts)), one.counts) * passages + one.passages for one in proposed]
        united = np.unique(np.concatenate(tagged))
        need, passage = np.divmod(united, max(passages, 1))
        return _starts(np.bincount(need, minlength=len(batch.queries))), passage.astype(np.int32)

    def _relevance(self, batch: Batch, starts: Ints, passages: Array) -> tuple[Products, Products]:
        """Score candidates by all terms, technologies and vectors."""
        queries = batch.queries
        need = np.repeat(np.arange(len(queries)), np.diff(starts))
        words = kernels.complete(
            *_packed([(query.terms, query.term_weights) for query in queries]), starts, passages,
            self._term_rows, self._second, self._vocabulary,
        )  # fmt: skip
        links = kernels.meet(
            *_packed([wish_row(query) for query in queries]), _wanted(queries), starts, passages,
            self._technology_rows, self._technologies,
        )  # fmt: skip
        text = self._fusion.relevance(
            words / _WORD_STEPS,
            cosine_of(batch.products[need, passages]) if self._vectors else None,
            pair=language_pair(batch.languages[need], self._space.languages[passages]),
            self_score=np.array([query.self_score for query in queries])[need],
            portable_score=np.array([query.portable_score for query in queries])[need],
        )
        return text.astype(np.float32), np.minimum(links / _LINK_STEPS, 1.0).astype(np.float32)

    def _products(self, queries: Sequence[Query]) -> Products:
        """Return the inner products of the needs' vectors with all passages'."""
        products = np.empty((len(queries), len(self._space.keys) if self._vectors else 0), dtype=np.float32)
        if not self._vectors:
            return products
        asked = np.stack([query.vector for query in queries]).astype(np.float32)
        column = 0
        for vectors in self._vectors:
            for start in range(0, len(vectors), _DENSE_BLOCK):
                block = vectors[start : start + _DENSE_BLOCK].astype(np.float32)
                products[:, column : column + len(block)] = asked @ block.T
                column += len(block)
        return products


def subject_shares(settings: Settings) -> tuple[float, float]:
    """Return how much text and technology weigh when passages are compared."""
    text, technology = settings.weights["text"], settings.weights["technology"]
    total = (text + technology) or 1.0
    return text / total, technology / total


def wish_row(query: Query) -> tuple[Ints, Ints]:
    """Return the technologies that meet a need's, by code, with their weights in steps of 1/256."""
    codes = sorted(query.wishes)
    weights = [round(query.wishes[code].weight * LINK_STEPS) for code in codes]
    return np.array(codes, dtype=np.int64), np.array(weights, dtype=np.int64)


def _wanted(queries: Sequence[Query]) -> Array:
    """Return, in parallel to all wish rows, which of its need's technologies each one meets, numbered within it."""
    numbers: list[int] = []
    for query in queries:
        places = {name: place for place, name in enumerate(sorted({wish.technology for wish in query.wishes.values()}))}
        numbers += [places[query.wishes[code].technology] for code in sorted(query.wishes)]
    return np.array(numbers, dtype=np.int32)


def _most_of_a_term(terms: int) -> float:
    """Return what one of so many terms may count at most: sums stay within 32 bits, whatever a need says."""
    return _LARGEST_SUM / (terms or 1)


def _widths(corpus: Corpus) -> tuple[int, int]:
    """Return bounds above all codes of terms and of technologies that occur."""
    return (
        max(len(lists[0]) for lists in corpus.term_lists()),
        max(len(lists[0]) for lists in corpus.technology_lists()),
    )


def _packed(rows: Sequence[tuple[Ints, Array]]) -> tuple[Ints, Array, Array]:
    starts = _starts(np.array([len(codes) for codes, _ in rows], dtype=np.int64))
    codes = np.concatenate([codes for codes, _ in rows]).astype(np.int32)
    return starts, codes, np.concatenate([weights for _, weights in rows]).astype(np.int32)


def _starts(counts: Array) -> Ints:
    return np.append(0, np.cumsum(counts, dtype=np.int64))


def _column(values: Array, kind: npt.DTypeLike) -> Array:
    return np.ascontiguousarray(values, dtype=kind)


def _columns(lists: Lists) -> Lists:
    starts, codes, values = lists
    return _column(starts, np.int64), _column(codes, np.int32), _column(values, np.uint16)


def _both(lists: tuple[Lists, Lists]) -> tuple[Lists, Lists]:
    return _columns(lists[0]), _columns(lists[1])
