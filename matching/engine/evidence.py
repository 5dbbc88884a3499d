"""Evidence: the documents that speak for each organization, added up strongest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.engine.blocking import DOCUMENT_RULES
from matching.engine.columns import Array, Bools, Floats, Ints, Ragged
from matching.engine.corpus import Corpus
from matching.engine.queries import Query
from matching.engine.settings import Settings

if TYPE_CHECKING:
    from matching.engine.retrieval import Found

_EXACT = 2.0**40
"""Summands are whole numbers of 2^-40, so that a sum of up to a thousand of them is exact in any order."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Needs × documents: which document speaks in which need's list, and how well it fits the subject.

    Sorted by need, organization, falling evidence and document.
    """

    need: Ints
    organization: Ints
    document: Ints
    text: Floats
    technology: Floats
    evidence: Floats

    def take(self, rows: Array) -> Rows:
        """Return the given rows."""
        return Rows(
            self.need[rows],
            self.organization[rows],
            self.document[rows],
            self.text[rows],
            self.technology[rows],
            self.evidence[rows],
        )


@dataclass(frozen=True, slots=True)
class Pairs:
    """Needs × organizations: pair i owns the rows ``starts[i]:starts[i + 1]``. `text` is the summed evidence."""

    need: Ints
    organization: Ints
    starts: Ints
    text: Floats
    technology: Floats

    def __len__(self) -> int:
        return len(self.need)


class EvidenceGatherer:
    """Follows retrieved passages to the documents and organizations behind them."""

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        self._records, self._settings = corpus.records, settings
        self._rules = [rule for rule in DOCUMENT_RULES if rule.matters(corpus.records)]
        self._documents_of = corpus.documents_by_passage()
        self._loudness = np.maximum(corpus.sharers, 1.0) ** -settings.sharing_exponent
        owners = corpus.records.documents.organization[corpus.documents]
        volume = np.bincount(owners, minlength=len(corpus.organization_ids))
        self._volume = np.maximum(volume, 1.0) ** -settings.volume_exponent

    def gather(self, queries: Sequence[Query], found: Found) -> Rows:
        """Return the documents behind the passages found that no document rule drops."""
        owners, positions = self._documents_of.expand(found.passage)
        document = self._documents_of.values[positions]
        text = found.text[owners]
        weight = np.where(self._records.documents.coordinator[document], self._settings.coordinator_weight, 1.0)
        loudness = self._loudness[found.passage[owners]]
        evidence = np.rint(text**self._settings.evidence_power * weight * loudness * _EXACT) / _EXACT
        rows = Rows(
            need=found.need[owners],
            organization=self._records.documents.organization[document].astype(np.int64),
            document=document,
            text=text,
            technology=found.technology[owners],
            evidence=evidence,
        )
        return self._sorted(rows.take(np.flatnonzero(self._allowed(queries, rows))) if self._rules else rows)

    def _sorted(self, rows: Rows) -> Rows:
        """Sort by need, organization, falling evidence and document."""
        owner = rows.need * len(self._volume) + rows.organization
        order = np.argsort(owner, kind="stable")
        ties = np.flatnonzero(np.diff(owner[order]) == 0)
        if len(ties):
            # Most organizations have one document: only those with several are put in order among themselves.
            several = np.union1d(ties, ties + 1)
            own = order[several]
            order[several] = own[np.lexsort((rows.document[own], -rows.evidence[own], owner[own]))]
        return rows.take(order)

    def _allowed(self, queries: Sequence[Query], rows: Rows) -> Bools:
        allowed = np.ones(len(rows.need), dtype=np.bool_)
        bounds = np.searchsorted(rows.need, np.arange(len(queries) + 1))
        for index, query in enumerate(queries):
            part = slice(bounds[index], bounds[index + 1])
            for rule in self._rules:
                if rule.concerns(query.need):
                    allowed[part] &= ~rule.blocks(query, self._records, rows.document[part])
        return allowed

    def pair(self, rows: Rows) -> tuple[Rows, Pairs]:
        """Add up the rows per organization; rows beyond the number of documents that can add up are left out."""
        starts = _group_starts(rows)
        place = np.arange(len(rows.need)) - np.repeat(starts, np.diff(starts, append=len(rows.need)))
        rows = rows.take(np.flatnonzero(place < self._settings.evidence_documents))
        starts = _group_starts(rows)
        if not len(starts):
            empty, none = np.zeros(0, dtype=np.int64), np.zeros(0)
            return rows, Pairs(empty, empty, np.zeros(1, dtype=np.int64), none, none)
        organization = rows.organization[starts]
        total = np.add.reduceat(rows.evidence, starts) ** (1 / self._settings.evidence_power)
        pairs = Pairs(
            need=rows.need[starts],
            organization=organization,
            starts=np.append(starts, len(rows.need)),
            text=total * self._volume[organization],
            technology=np.maximum.reduceat(rows.technology, starts),
        )
        return rows, pairs


def text_share(pairs: Pairs, queries: Sequence[Query], settings: Settings) -> Floats:
    """Return how much of the text points each pair's evidence earns: half of them at `text_half`, never all.

    Of a long need every text has but a part, which would put its best matches below the middling ones of a short need:
    half of its points take less evidence.
    """
    length = np.array([max(query.self_score, settings.long_need) for query in queries])
    half = settings.text_half * np.sqrt(settings.long_need / length)
    return np.asarray(pairs.text / (pairs.text + half[pairs.need]), dtype=np.float64)


def select_pairs(rows: Rows, pairs: Pairs, chosen: Ints) -> tuple[Rows, Pairs]:
    """Return the chosen pairs, in the order given, with their rows."""
    lengths = np.diff(pairs.starts)
    spans = Ragged(pairs.starts, np.arange(len(rows.need)))
    kept = rows.take(spans.take(chosen).values)
    starts = np.zeros(len(chosen) + 1, dtype=np.int64)
    np.cumsum(lengths[chosen], out=starts[1:])
    return kept, Pairs(
        need=pairs.need[chosen],
        organization=pairs.organization[chosen],
        starts=starts,
        text=pairs.text[chosen],
        technology=pairs.technology[chosen],
    )


def distinct_passages(rows: Rows, passage: Array) -> tuple[Array, Floats]:
    """Return the passages behind some rows, each once and in ascending order, with its relevance by text.

    `passage` holds the passage of every document.
    """
    passages, places = np.unique(passage[rows.document], return_index=True)
    return passages, np.asarray(rows.text[places], dtype=np.float64)


def _group_starts(rows: Rows) -> Ints:
    changed = np.ones(len(rows.need), dtype=np.bool_)
    changed[1:] = (rows.need[1:] != rows.need[:-1]) | (rows.organization[1:] != rows.organization[:-1])
    return np.flatnonzero(changed)
