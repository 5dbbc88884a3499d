"""Everything an index consists of, as immutable arrays and a few small records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import sparse

from matching.engine.columns import Array, Ragged, Vocabulary
from matching.engine.passages import PassageTable, Statistics, TextTable
from matching.engine.settings import Settings
from matching.engine.tables import DocumentTable, OrganizationTable
from matching.engine.types import Problem, Taxonomy

Lists = tuple[Array, Array, Array]
"""Sparse rows: where each starts, and in parallel what it holds and how much of it."""


@dataclass(frozen=True, slots=True)
class Postings:
    """The passages of every term and of every technology, so that a need reads only what it has words for."""

    term_starts: Array
    term_passages: Array
    term_impacts: Array
    technology_starts: Array
    technology_passages: Array
    technology_links: Array

    @classmethod
    def of(cls, passages: PassageTable, texts: TextTable, terms: int, words: int) -> Self:
        """Turn the passages' terms and technologies around; `terms` and `words` are the vocabularies' sizes."""
        return cls(
            *_transposed(texts.terms, texts.impacts, terms), *_transposed(passages.technologies, passages.links, words)
        )

    @property
    def by_term(self) -> Lists:
        """The passages of every term with their impacts."""
        return self.term_starts, self.term_passages, self.term_impacts

    @property
    def by_technology(self) -> Lists:
        """The passages of every technology with their weights."""
        return self.technology_starts, self.technology_passages, self.technology_links


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
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
    texts: TextTable
    postings: Postings
    encoder: str | None
    problems: tuple[Problem, ...]


def _transposed(rows: Ragged, values: Ragged, width: int) -> Lists:
    matrix = sparse.csr_matrix((values.values, rows.values, rows.indptr), shape=(len(rows), width)).T.tocsr()
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data
