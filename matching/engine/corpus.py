"""A built index together with what was changed since: what all stages of matching read."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import Self

import numpy as np

from matching.engine.blocking import Records
from matching.engine.columns import Array, Ints, Ragged
from matching.engine.cooperation import CooperationGraph
from matching.engine.passages import PassageTable, TextTable, ordering_keys
from matching.engine.snapshot import Lists, Snapshot
from matching.engine.tables import DocumentTable, OrganizationTable

NO_LISTS: Lists = (np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint16))
"""Lists of a part that holds nothing."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What changed since an index was built: organizations that are gone, and others as they are now.

    `added` was built on the index's statistics and over copies of its vocabularies, so that all codes agree.
    """

    added: Snapshot
    gone: frozenset[str]
    """Organizations of the index that no longer count, those that `added` holds anew among them."""


@dataclass(frozen=True, slots=True)
class Part:
    """The large arrays of an index, or of what was added to it, where they lie."""

    texts: TextTable
    by_term: Lists
    by_technology: Lists

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Return those of a snapshot."""
        return cls(snapshot.texts, snapshot.postings.by_term, snapshot.postings.by_technology)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that can be matched, in one numbering of organizations, documents and passages.

    What was added is numbered after what was there. The passages' texts and postings, nearly all of the memory, stay
    where they are, in one or two parts; the other columns are put together.
    """

    records: Records
    parts: tuple[Part, ...]
    second: int
    """The passage from which the second part counts."""
    organization_ids: tuple[str, ...]
    document_ids: tuple[str, ...]
    order: Ints
    """Place of every organization in the order of the ids."""
    documents: Ints
    """Rows of the documents that count."""
    sharers: Ints
    """How many documents that count have each passage."""
    keys: Ints
    """By which ties between passages are broken."""

    @classmethod
    def of(cls, base: Snapshot, amendment: Amendment | None) -> Self:
        """Put together an index and what was changed since."""
        if amendment is None:
            return cls._made(
                base, base.organizations, base.documents, base.passages,
                (Part.of(base),), base.organization_ids, base.document_ids, frozenset(),
            )  # fmt: skip
        added = amendment.added
        return cls._made(
            added,
            OrganizationTable.join([base.organizations, added.organizations]),
            DocumentTable.join([base.documents, _renumbered(added, base)]),
            PassageTable.join([base.passages, added.passages]),
            (Part.of(base), Part.of(added)),
            base.organization_ids + added.organization_ids,
            base.document_ids + added.document_ids,
            amendment.gone,
        )

    @classmethod
    def _made(
        cls,
        newest: Snapshot,
        organizations: OrganizationTable,
        documents: DocumentTable,
        passages: PassageTable,
        parts: tuple[Part, ...],
        organization_ids: tuple[str, ...],
        document_ids: tuple[str, ...],
        gone: frozenset[str],
    ) -> Self:
        first = len(organization_ids) - (len(newest.organization_ids) if len(parts) > 1 else 0)
        rows = {name: row for row, name in enumerate(organization_ids) if row >= first or name not in gone}
        counts = np.zeros(len(organization_ids), dtype=np.bool_)
        counts[list(rows.values())] = True
        counted = np.flatnonzero(counts[documents.organization])
        return cls(
            records=Records(
                organizations,
                documents,
                passages,
                newest.words,
                rows,
                CooperationGraph.of(
                    documents,
                    counted,
                    organizations=len(organization_ids),
                    passages=len(passages.languages),
                ),
            ),
            parts=parts,
            second=len(passages.languages) - (len(newest.passages.languages) if len(parts) > 1 else 0),
            organization_ids=organization_ids,
            document_ids=document_ids,
            order=_order(organization_ids, first),
            documents=counted,
            sharers=np.bincount(documents.passage[counted], minlength=len(passages.languages)),
            keys=ordering_keys(passages.key),
        )

    def term_lists(self) -> tuple[Lists, Lists]:
        """Return the passages of every term, of both parts."""
        return self._both([part.by_term for part in self.parts])

    def technology_lists(self) -> tuple[Lists, Lists]:
        """Return the passages of every technology, of both parts."""
        return self._both([part.by_technology for part in self.parts])

    def term_rows(self) -> tuple[Lists, Lists]:
        """Return the terms of every passage, of both parts."""
        return self._both(
            [(part.texts.terms.indptr, part.texts.terms.values, part.texts.impacts.values) for part in self.parts]
        )

    def technology_rows(self) -> Lists:
        """Return the technologies of every passage."""
        passages = self.records.passages
        return passages.technologies.indptr, passages.technologies.values, passages.links.values

    def cells(self, passage: int) -> tuple[Array, Array, Array]:
        """Return a passage's terms, their impacts, and whether they may be shown."""
        part = self.parts[passage >= self.second]
        row = passage - self.second if passage >= self.second else passage
        return part.texts.terms.row(row), part.texts.impacts.row(row), part.texts.shown.row(row)

    def vectors(self) -> list[Array]:
        """Return the vectors of the passages, part by part."""
        return [part.texts.vectors for part in self.parts]

    def vectors_of(self, passages: Ints) -> Array:
        """Return the vectors of some passages."""
        rows = [
            self.parts[passage >= self.second].texts.vectors[passage - self.second * (passage >= self.second)]
            for passage in passages.tolist()
        ]
        return np.stack(rows) if rows else self.parts[0].texts.vectors[:0]

    def documents_by_passage(self) -> Ragged:
        """Return the documents that count behind every passage."""
        passages = np.asarray(self.records.documents.passage[self.documents], dtype=np.int64)
        rows = Ragged(np.arange(len(passages) + 1, dtype=np.int64), passages).invert(len(self.sharers))
        return Ragged(rows.indptr, self.documents[rows.values])

    @staticmethod
    def _both(lists: list[Lists]) -> tuple[Lists, Lists]:
        return lists[0], lists[1] if len(lists) > 1 else NO_LISTS


def _renumbered(added: Snapshot, base: Snapshot) -> DocumentTable:
    """Return the added documents in the common numbering; a content that the index has already is not a new one."""
    first = len(base.passages.languages)
    keys, own = ordering_keys(base.passages.key), ordering_keys(added.passages.key)
    place = np.minimum(np.searchsorted(keys, own), max(first - 1, 0))
    moved = np.arange(len(own)) + first
    if first:
        same = (base.passages.key[place] == added.passages.key).all(axis=1)
        moved[same] = place[same]
    columns = added.documents.columns()
    columns["organization"] = (added.documents.organization + len(base.organization_ids)).astype(np.int32)
    columns["passage"] = moved[added.documents.passage].astype(np.int32)
    return DocumentTable(**columns)  # type: ignore[arg-type]


def _order(names: tuple[str, ...], first: int) -> Ints:
    """Return the place of every name among all; up to `first` and from there on, names are in order already."""
    if first == len(names):
        return np.arange(len(names))
    old = names[:first]
    # Every added name pushes those behind it one place on. An organization that was replaced is there twice, its
    # former self out of use.
    places = [bisect.bisect_left(old, name) for name in names[first:]]
    pushed = np.cumsum(np.bincount(places, minlength=first + 1)[: first + 1])
    return np.concatenate([np.arange(first) + pushed[:first], np.array(places) + np.arange(len(places))])
