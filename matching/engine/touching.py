"""Which needs a change can reach: those whose list may differ between an index and what came of it.

A list is made of the passages that a need brings up, of the documents and organizations behind these, and of who
worked with whom. So it can only differ

- where other passages are brought up, or the same with another relevance;
- where a passage brought up is one of a changed organization, whose documents count, are shared and are barred anew;
- where it is one of somebody who shares a past project that a changed organization entered or left, or where such a
  one asks: closeness is measured by all the projects that somebody took part in, whatever their subject.

Whether somebody is barred or below a cut plays no part in it. More needs may be named than differ, never fewer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from matching.engine.blocking import unmatchable
from matching.engine.columns import Array, Bools, Ints
from matching.engine.cooperation import telling
from matching.engine.corpus import Corpus
from matching.engine.passages import merge_passages
from matching.engine.types import Need

if TYPE_CHECKING:
    from matching.engine.matcher import Matcher
    from matching.engine.retrieval import Found


class _Side:
    """One of the two corpora, with its passages in a numbering that both share."""

    def __init__(self, corpus: Corpus, numbers: Ints) -> None:
        self.corpus, self.numbers = corpus, numbers
        documents = corpus.records.documents
        self._owner, self._passage = documents.organization, numbers[documents.passage]

    def passages(self, organizations: Sequence[str]) -> Ints:
        """Return the passages of all documents of some organizations, some of them repeatedly."""
        return np.asarray(self._passage[self._rows(organizations, self.corpus.documents)], dtype=np.int64)

    def memberships(self, organizations: Sequence[str], width: int) -> Ints:
        """Return who of some organizations took part in which past project, as place × width + passage."""
        rows = self._rows(organizations, self._told())
        places = np.full(len(self.corpus.organization_ids), -1, dtype=np.int64)
        for place, name in enumerate(organizations):
            if name in self.corpus.records.rows:
                places[self.corpus.records.rows[name]] = place
        return np.unique(places[self._owner[rows]] * width + self._passage[rows])

    def members(self, projects: Bools) -> list[str]:
        """Return who took part in the past projects marked."""
        told = self._told()
        rows = np.unique(self._owner[told[projects[self._passage[told]]]])
        return [self.corpus.organization_ids[row] for row in rows.tolist()]

    def _told(self) -> Ints:
        return telling(self.corpus.records.documents, self.corpus.documents)

    def _rows(self, organizations: Sequence[str], documents: Ints) -> Ints:
        known = self.corpus.records.rows
        own = np.zeros(len(self.corpus.organization_ids), dtype=np.bool_)
        own[[known[name] for name in organizations if name in known]] = True
        return documents[own[self._owner[documents]]]


class Change:
    """What replacing some organizations moves, as two corpora on the same statistics show it."""

    def __init__(self, before: Corpus, after: Corpus, changed: Collection[str]) -> None:
        """Compare two corpora that differ in nothing but the changed organizations and their documents."""
        kept, *numbers = merge_passages(before.records.passages, after.records.passages)
        self._sides = (_Side(before, numbers[0]), _Side(after, numbers[1]))
        self.organizations = self._with_partners(sorted(set(changed)), len(kept))
        """The changed organizations, and whoever shares a past project that one of them entered or left."""
        self._moved = np.zeros(len(kept), dtype=np.bool_)
        for side in self._sides:
            self._moved[side.passages(sorted(self.organizations))] = True

    def _with_partners(self, changed: Sequence[str], passages: int) -> frozenset[str]:
        width = max(passages, 1)
        projects = np.zeros(width, dtype=np.bool_)
        former, now = (side.memberships(changed, width) for side in self._sides)
        projects[np.setxor1d(former, now) % width] = True
        return frozenset(changed).union(*(side.members(projects) for side in self._sides))

    def reaches(self, before: Found, after: Found, needs: int) -> Bools:
        """Return which of a batch of needs may have another list, by the passages that both corpora bring up."""
        reached = np.zeros(needs, dtype=np.bool_)
        columns = []
        for side, found in zip(self._sides, (before, after), strict=True):
            passage = side.numbers[found.passage]
            reached[found.need[self._moved[passage]]] = True
            order = np.lexsort((passage, found.need))
            starts = np.searchsorted(found.need[order], np.arange(needs + 1))
            columns.append((starts, passage[order], found.text[order], found.technology[order]))
        for need in np.flatnonzero(~reached).tolist():
            reached[need] = not _are_equal(columns[0], columns[1], need)
        return reached


class Touching:
    """Compares what two matchers bring up, one over an index and one over what came of it."""

    def __init__(self, before: Matcher, after: Matcher, changed: Collection[str]) -> None:
        """Take both matchers and the organizations that were replaced or removed between them."""
        self._before, self._after = before, after
        self._change = Change(before.corpus, after.corpus, changed)

    def touched(self, needs: Sequence[Need]) -> list[bool]:
        """Say of each of a batch of needs whether its list may differ. One that cannot be matched has no list."""
        touched = [need.organization in self._change.organizations for need in needs]
        open_ones = [place for place, need in enumerate(needs) if not touched[place] and unmatchable(need) is None]
        if open_ones:
            asked = [needs[place] for place in open_ones]
            found = self._change.reaches(self._before.find(asked), self._after.find(asked), len(asked))
            for place, reached in zip(open_ones, found.tolist(), strict=True):
                touched[place] = reached
        return touched


def _are_equal(one: tuple[Array, ...], other: tuple[Array, ...], need: int) -> bool:
    """Say whether two sides bring up the same passages for a need, with the same relevance."""
    (first, *columns), (second, *others) = one, other
    own, its = slice(first[need], first[need + 1]), slice(second[need], second[need + 1])
    return all(np.array_equal(column[own], there[its]) for column, there in zip(columns, others, strict=True))
