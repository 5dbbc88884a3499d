"""Retrieval: the relevance of every passage to every need of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from matching.engine.columns import Array, Ints
from matching.engine.fusion import Fusion, cosine_of, language_pair
from matching.engine.queries import Query
from matching.engine.snapshot import Snapshot

Matrix = npt.NDArray[np.float32]

_DENSE_BLOCK = 8192


@dataclass(frozen=True, slots=True)
class Relevance:
    """Needs by passages, each value 0 to 1; `strength` ranks passages by text and technology together."""

    text: Matrix
    technology: Matrix
    strength: Matrix


class Retriever:
    """Scores all passages for batches of needs: words, technologies and sentence vectors, fused per language pair."""

    def __init__(self, snapshot: Snapshot, *, dense: bool) -> None:
        """Take an index; `dense` says whether sentence vectors take part."""
        self._passages, self._settings = snapshot.passages, snapshot.settings
        passages = len(snapshot.passages.languages)
        self._postings = snapshot.postings.by_term(passages)
        self._links = snapshot.postings.by_technology(passages)
        self._dense_takes_part = dense
        self._fusion = Fusion(snapshot.settings, snapshot.statistics.background, dense=dense)

    def relevance(self, queries: Sequence[Query]) -> Relevance:
        """Score every passage for every need."""
        technology = np.minimum(self._product([_wish_row(query) for query in queries], self._links), np.float32(1))
        text = self._text(queries)
        weights = self._settings.weights
        total = (weights["text"] + weights["technology"]) or 1.0
        shares = np.float32(weights["text"] / total), np.float32(weights["technology"] / total)
        strength = np.asarray(text * shares[0] + technology * shares[1], dtype=np.float32)
        return Relevance(text, technology, strength)

    def _text(self, queries: Sequence[Query]) -> Matrix:
        languages = np.array([query.languages for query in queries], dtype=np.int64)
        return self._fusion.relevance(
            self._product([(query.terms, query.term_weights) for query in queries], self._postings),
            self._cosine(queries) if self._dense_takes_part else None,
            pair=language_pair(languages[:, None], self._passages.languages[None, :]),
            self_score=np.array([query.self_score for query in queries])[:, None],
            portable_score=np.array([query.portable_score for query in queries])[:, None],
        )

    def _cosine(self, queries: Sequence[Query]) -> Matrix:
        asked = np.stack([query.vector for query in queries]).astype(np.float32)
        vectors = self._passages.vectors
        product = np.empty((len(queries), len(vectors)), dtype=np.float32)
        for start in range(0, len(vectors), _DENSE_BLOCK):
            block = vectors[start : start + _DENSE_BLOCK].astype(np.float32)
            product[:, start : start + _DENSE_BLOCK] = asked @ block.T
        return cosine_of(product)

    def _product(self, rows: Sequence[tuple[Ints, Array]], matrix: sparse.csr_matrix) -> Matrix:
        # Index types must agree, or scipy would copy the whole matrix to a wider one for every batch.
        indptr = np.zeros(len(rows) + 1, dtype=matrix.indptr.dtype)
        np.cumsum([len(codes) for codes, _ in rows], out=indptr[1:])
        codes = np.concatenate([codes for codes, _ in rows]).astype(matrix.indices.dtype)
        weights = np.concatenate([weights for _, weights in rows]).astype(np.float32)
        asked = sparse.csr_matrix((weights, codes, indptr), shape=(len(rows), matrix.shape[0]))
        return np.asarray((asked @ matrix).toarray(), dtype=np.float32)


def strongest(strength: Matrix, limit: int) -> tuple[Ints, Ints]:
    """Return (need, passage) of the `limit` strongest passages per need above zero; ties go to the lower passage."""
    count = strength.shape[1]
    if count <= limit:
        rows, columns = np.nonzero(strength > 0)
        return rows, columns
    threshold = np.partition(strength, count - limit, axis=1)[:, count - limit]
    above = strength > np.maximum(threshold, 0)[:, None]
    tied = (strength == threshold[:, None]) & (threshold > 0)[:, None]
    room = limit - above.sum(axis=1)
    above |= tied & (np.cumsum(tied, axis=1) <= room[:, None])
    rows, columns = np.nonzero(above)
    return rows, columns


def _wish_row(query: Query) -> tuple[Ints, Array]:
    codes = np.array(sorted(query.wishes), dtype=np.int64)
    return codes, np.array([query.wishes[code].weight for code in codes.tolist()], dtype=np.float32)
