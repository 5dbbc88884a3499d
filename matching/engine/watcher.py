"""Setting watches: what needs ask for and the bars of what they bring up, and the passages that a change moved."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.engine.blocking import unmatchable
from matching.engine.columns import Array, Ints, Ragged, Vocabulary
from matching.engine.corpus import Corpus
from matching.engine.passages import LINK_STEPS
from matching.engine.queries import Query, QueryEncoder
from matching.engine.retrieval import Retriever
from matching.engine.types import Need
from matching.engine.watching import Entries, Moved, Watches, technology_key, term_key

_BARS = 4
_OUT_OF_REACH = np.iinfo(np.int64).max
_NOTHING: Entries = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32))


class Watcher:
    """Sets watches by one index."""

    def __init__(self, encoder: QueryEncoder, retriever: Retriever) -> None:
        self._encoder, self._retriever = encoder, retriever

    def watch(self, needs: Sequence[Need], numbers: Sequence[tuple[int, int]]) -> Watches:
        """Return the watches of one batch of needs; one that cannot be matched is out of everybody's reach."""
        usable = [place for place, need in enumerate(needs) if unmatchable(need) is None]
        queries = self._encoder.encode([needs[place] for place in usable]) if usable else []
        bars = np.full((len(needs), _BARS), _OUT_OF_REACH)
        languages = np.zeros(len(needs), dtype=np.int64)
        entries = [_NOTHING] * len(needs)
        vectors = np.zeros((len(needs), self._retriever.dimensions), dtype=np.int16)
        if queries:
            found = self._retriever.bars(queries)
            bars[usable, : found.shape[1]] = found
        for place, query in zip(usable, queries, strict=True):
            languages[place], entries[place] = query.languages, self._entries(query)
            if vectors.shape[1]:
                vectors[place] = query.vector
            if self._retriever.lists.is_bounded(query):
                # What becomes known to the index would move the bound, and with it the need's other terms.
                bars[place, :2] = 0
        return Watches.of(numbers, languages, bars, entries, vectors)

    def _entries(self, query: Query) -> Entries:
        lists = self._retriever.lists
        (terms, counts), (wishes, links) = lists.asked(query)
        unmet = np.array(list(query.unmet_terms.values()), dtype=np.int64)
        missing = np.array([round(weight * LINK_STEPS) for weight in query.unmet_wishes.values()], dtype=np.int64)
        keys = [
            *_keys(terms, self._encoder.terms),
            *map(term_key, query.unmet_terms),
            *(technology_key(self._encoder.words.words[code]) for code in wishes.tolist()),
            *map(technology_key, query.unmet_wishes),
        ]
        weights = np.concatenate([counts, lists.count_terms(query, unmet), links, lists.count_wishes(missing)])
        return np.array(keys, dtype=np.int64), weights.astype(np.int32)


def moved_passages(corpus: Corpus, passages: Ints, terms: Vocabulary) -> Moved:
    """Return some passages of a corpus in the terms of watches; `terms` is the vocabulary of its index."""
    starts, codes, links = corpus.technology_rows()
    contents: list[list[int]] = []
    impacts: list[Array] = [np.zeros(0, dtype=np.int64)]
    for passage in passages.tolist():
        own, weights, _shown = corpus.cells(passage)
        part = slice(starts[passage], starts[passage + 1])
        named = [technology_key(corpus.records.words.words[code]) for code in codes[part].tolist()]
        contents.append([*_keys(own, terms), *named])
        impacts += [weights, links[part]]
    return Moved(
        contents=Ragged.from_rows(contents, np.int64),
        impacts=np.concatenate(impacts),
        languages=np.asarray(corpus.records.passages.languages[passages], dtype=np.int64),
        vectors=corpus.vectors_of(passages),
    )


def _keys(codes: Array, terms: Vocabulary) -> list[int]:
    return [term_key(terms.words[code]) for code in codes.tolist()]
