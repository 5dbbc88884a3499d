"""Building an index from records, and replacing some organizations in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from matching.engine.analysis import Analyzer
from matching.engine.columns import Array, Vocabulary
from matching.engine.encoding import VectorSource
from matching.engine.graph import TechnologyGraph
from matching.engine.passages import PassageBuilder, PassageTable, Statistics, TextTable, merge_passages
from matching.engine.settings import Settings
from matching.engine.snapshot import Postings, Snapshot
from matching.engine.tables import DocumentTable, OrganizationTable, tabulate_documents, tabulate_organizations
from matching.engine.types import Document, Organization, Problem, Taxonomy
from matching.engine.validation import document_faults, organization_faults

Progress = Callable[[str, int, int], None]

_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Reading:
    """How records are read: the technologies' graph and the analyzer of texts, compiled once per taxonomy."""

    graph: TechnologyGraph
    analyzer: Analyzer

    @classmethod
    def of(cls, taxonomy: Taxonomy, settings: Settings) -> Self:
        """Compile a taxonomy."""
        graph = TechnologyGraph(taxonomy, settings)
        return cls(graph, make_analyzer(graph, settings))


def make_analyzer(graph: TechnologyGraph, settings: Settings) -> Analyzer:
    """Return the analyzer for a taxonomy and settings."""
    return Analyzer(graph.concepts(), title_weight=settings.title_weight, dense_characters=settings.dense_characters)


def build_snapshot(
    documents: Iterable[Document],
    organizations: Iterable[Organization],
    reading: Reading,
    settings: Settings,
    *,
    vectors: VectorSource,
    statistics: Statistics | None,
    words: Vocabulary,
    terms: Vocabulary,
    progress: Progress,
) -> Snapshot:
    """Build an index. Unusable records are skipped and listed in its problems, sorted."""
    kept, problems = _usable_organizations(organizations)
    rows = {organization.id: row for row, organization in enumerate(kept)}
    passages = PassageBuilder(reading.analyzer, words, terms)
    reader = _DocumentReader(rows, passages, words)
    for count, document in enumerate(documents, start=1):
        reader.read(document)
        if count % _CHUNK == 0:
            progress("analyse", count, 0)
    table, ids = reader.finish()
    passage_table, texts, statistics, moved = passages.finish(settings, vectors, statistics, progress)
    passage_table, texts, table = _referenced(passage_table, texts, _moved(table, None, moved))
    tabulated = tabulate_organizations(kept, words)
    return Snapshot(
        settings=settings,
        taxonomy=reading.graph.taxonomy,
        statistics=statistics,
        words=words,
        terms=terms,
        organization_ids=tuple(rows),
        document_ids=ids,
        organizations=tabulated,
        documents=table,
        passages=passage_table,
        texts=texts,
        postings=Postings.of(passage_table, texts, len(terms), len(words)),
        encoder=vectors.name,
        problems=_sorted([*problems, *reader.problems]),
    )


def replace_organizations(old: Snapshot, fresh: Snapshot, removed: Iterable[str]) -> Snapshot:
    """Return `old` without the removed organizations and with those of `fresh` in place of their former selves.

    `fresh` was built over copies of the old vocabularies and on the old statistics, so all codes agree.
    """
    gone = {*removed, *fresh.organization_ids}
    kept_rows = np.array([row for row, name in enumerate(old.organization_ids) if name not in gone], dtype=np.int64)
    names = [old.organization_ids[row] for row in kept_rows] + list(fresh.organization_ids)
    order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))

    moved = np.full(len(old.organization_ids), -1, dtype=np.int64)
    moved[kept_rows] = position[: len(kept_rows)]
    documents = np.flatnonzero(moved[old.documents.organization] >= 0)
    united, old_rows, fresh_rows = merge_passages(old.passages, fresh.passages)
    kept = _moved(old.documents.take(documents), moved, old_rows)
    added = _moved(fresh.documents, position[len(kept_rows) :], fresh_rows)
    table, ids = _in_order(
        DocumentTable.join([kept, added]), [*(old.document_ids[row] for row in documents), *fresh.document_ids]
    )
    passages, texts, table = _referenced(
        PassageTable.join([old.passages, fresh.passages]).take(united),
        TextTable.join([old.texts, fresh.texts]).take(united),
        table,
    )
    return Snapshot(
        settings=old.settings,
        taxonomy=old.taxonomy,
        statistics=old.statistics,
        words=fresh.words,
        terms=fresh.terms,
        organization_ids=tuple(names[row] for row in order),
        document_ids=ids,
        organizations=OrganizationTable.join([old.organizations.take(kept_rows), fresh.organizations]).take(order),
        documents=table,
        passages=passages,
        texts=texts,
        postings=Postings.of(passages, texts, len(fresh.terms), len(fresh.words)),
        encoder=old.encoder,
        problems=_sorted([*old.problems, *fresh.problems]),
    )


class _DocumentReader:
    """Turns a stream of documents into columns, a chunk at a time, so that the records themselves can be let go."""

    def __init__(self, rows: dict[str, int], passages: PassageBuilder, words: Vocabulary) -> None:
        self._rows, self._passages, self._words = rows, passages, words
        self._seen: dict[str, int] = {}
        self._conflicting: set[str] = set()
        self._pending: list[Document] = []
        self._ids: list[str] = []
        self._tables: list[DocumentTable] = []
        self.problems: list[Problem] = []

    def read(self, document: Document) -> None:
        """Take one document, or a problem in its place. The same document twice is one document."""
        faults = document_faults(document)
        if faults:
            self._report(document, "invalid", "; ".join(faults))
        elif document.organization not in self._rows:
            self._report(document, "unknown_organization", f"organization {document.organization} is not there")
        elif document.id in self._seen:
            if self._seen[document.id] != hash(document):
                self._conflicting.add(document.id)
        else:
            self._seen[document.id] = hash(document)
            self._pending.append(document)
            if len(self._pending) >= _CHUNK:
                self._flush()

    def finish(self) -> tuple[DocumentTable, tuple[str, ...]]:
        """Return the documents in order, with their ids. Where two differ under one id, neither can be trusted."""
        self._flush()
        for name in sorted(self._conflicting):
            self.problems.append(Problem("document", name, "duplicate", "two different documents have this id"))
        table = DocumentTable.join(self._tables)
        sound = [row for row, name in enumerate(self._ids) if name not in self._conflicting]
        return _in_order(table.take(np.array(sound, dtype=np.int64)), [self._ids[row] for row in sound])

    def _flush(self) -> None:
        rows = [self._rows[document.organization] for document in self._pending]
        passages = [self._passages.add(document) for document in self._pending]
        self._tables.append(tabulate_documents(self._pending, passages, rows, self._words))
        self._ids.extend(document.id for document in self._pending)
        self._pending = []

    def _report(self, document: Document, code: str, message: str) -> None:
        self.problems.append(Problem("document", str(document.id), code, message))


def _usable_organizations(organizations: Iterable[Organization]) -> tuple[list[Organization], list[Problem]]:
    kept: dict[str, Organization] = {}
    conflicting: set[str] = set()
    problems: list[Problem] = []
    for organization in organizations:
        faults = organization_faults(organization)
        if faults:
            problems.append(Problem("organization", str(organization.id), "invalid", "; ".join(faults)))
        elif kept.setdefault(organization.id, organization) != organization:
            conflicting.add(organization.id)
    problems += [
        Problem("organization", name, "duplicate", "two different organizations have this id") for name in conflicting
    ]
    return [kept[name] for name in sorted(kept) if name not in conflicting], problems


def _in_order(table: DocumentTable, ids: Sequence[str]) -> tuple[DocumentTable, tuple[str, ...]]:
    owners = table.organization.tolist()
    order = sorted(range(len(ids)), key=lambda row: (owners[row], ids[row]))
    return table.take(np.array(order, dtype=np.int64)), tuple(ids[row] for row in order)


def _referenced(
    passages: PassageTable, texts: TextTable, documents: DocumentTable
) -> tuple[PassageTable, TextTable, DocumentTable]:
    """Drop passages that no document has."""
    used = np.unique(documents.passage)
    moved = np.zeros(len(passages.languages), dtype=np.int64)
    moved[used] = np.arange(len(used))
    return passages.take(used), texts.take(used), _moved(documents, None, moved)


def _moved(documents: DocumentTable, organizations: Array | None, passages: Array) -> DocumentTable:
    """Return documents that point to the new rows of their organizations and passages."""
    columns = documents.columns()
    if organizations is not None:
        columns["organization"] = organizations[documents.organization].astype(np.int32)
    columns["passage"] = passages[documents.passage].astype(np.int32)
    return DocumentTable(**columns)  # type: ignore[arg-type]


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems), key=lambda item: (item.record, item.id, item.code, item.message)))
