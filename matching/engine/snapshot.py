"""Everything an index consists of, as immutable arrays and a few small records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import sparse

from matching.engine.columns import Array, Ragged, Vocabulary
from matching.engine.passages import LINK_STEPS, PassageTable, Statistics
from matching.engine.settings import Settings
from matching.engine.tables import DocumentTable, OrganizationTable
from matching.engine.types import Problem, Taxonomy


@dataclass(frozen=True, slots=True)
class Postings:
    """The passages of every term and of every technology, so that a need reads only what it has words for."""

    term_starts: Array
    term_passages: Array
    term_impacts: Array
    technology_starts: Array
    technology_passages: Array
    technology_weights: Array

    @classmethod
    def of(cls, passages: PassageTable, terms: int, words: int) -> Self:
        """Turn the passages' terms and technologies around; `terms` and `words` are the vocabularies' sizes."""
        weights = np.rint(passages.technology_weights.values * LINK_STEPS) / LINK_STEPS
        by_term = _transposed(passages.terms, passages.impacts.values, terms)
        by_technology = _transposed(passages.technologies, weights.astype(np.float32), words)
        return cls(
            by_term.indptr, by_term.indices, by_term.data,
            by_technology.indptr, by_technology.indices, by_technology.data,
        )  # fmt: skip

    def by_term(self, passages: int) -> sparse.csr_matrix:
        """Return impacts, terms by passages."""
        shape = (len(self.term_starts) - 1, passages)
        return sparse.csr_matrix((self.term_impacts, self.term_passages, self.term_starts), shape=shape)

    def by_technology(self, passages: int) -> sparse.csr_matrix:
        """Return weights, technologies by passages."""
        shape = (len(self.technology_starts) - 1, passages)
        return sparse.csr_matrix(
            (self.technology_weights, self.technology_passages, self.technology_starts), shape=shape
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A built index. Organizations are in the order of their ids, documents of their organization and id."""

    settings: Settings
    taxonomy: Taxonomy
    statistics: Statistics
    words: Vocabulary
    terms: Vocabulary
    organization_ids: tuple[str, ...]
    document_ids: tuple[str, ...]
    organizations: OrganizationTable
    documents: DocumentTable
    passages: PassageTable
    postings: Postings
    encoder: str | None
    problems: tuple[Problem, ...]


def _transposed(rows: Ragged, values: Array, width: int) -> sparse.csr_matrix:
    matrix = sparse.csr_matrix((values, rows.values, rows.indptr), shape=(len(rows), width))
    return matrix.T.tocsr()
