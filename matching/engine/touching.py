"""Which needs a change can reach: those whose list may differ between an index and what came of it.

A list is made of the passages that a need brings up, of the documents and organizations behind these, and of who
worked with whom. So it can only differ

- where other passages are brought up, or the same with another relevance;
- where a passage brought up is one of a changed organization, whose documents count, are shared and are barred anew;
- where it is one of somebody who shares a past project that a changed organization entered or left, or where such a
  one asks: closeness is measured by all the projects that somebody took part in, whatever their subject.

Whether somebody is barred or below a cut plays no part in that. Where what a need brings up does differ, both lists
are made without explanations: they are the same when they tell the same organizations by the same points, and nobody
listed, nor the asker, has a passage that moved or was brought up on one side only. More needs may be named than differ,
never fewer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from matching.engine.blocking import unmatchable
from matching.engine.columns import Bools, Ints, Ragged, Vocabulary
from matching.engine.cooperation import telling
from matching.engine.corpus import Corpus
from matching.engine.passages import merge_passages
from matching.engine.types import Exclusion, Need
from matching.engine.watcher import moved_passages
from matching.engine.watching import Moved

if TYPE_CHECKING:
    from matching.engine.matcher import Matcher
    from matching.engine.queries import Query
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

    def own_passages(self, organizations: Sequence[str]) -> Ints:
        """Return the same in the corpus's own numbering, each once."""
        rows = self._rows(organizations, self.corpus.documents)
        return np.unique(self.corpus.records.documents.passage[rows]).astype(np.int64)

    def owners(self, passages: Ints) -> tuple[Ints, Ints]:
        """Return whose documents have some passages: places among the passages, and rows of organizations."""
        places, positions = self._documents.expand(passages)
        return places, self._owner[self._documents.values[positions]].astype(np.int64)

    @cached_property
    def _documents(self) -> Ragged:
        return self.corpus.documents_by_passage()

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


class Difference:
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

    def reach(self, terms: Sequence[Vocabulary]) -> Reach:
        """Return what moved, given the vocabularies of both corpora."""
        before, after = (side.own_passages(sorted(self.organizations)) for side in self._sides)
        gone = before[~np.isin(self._sides[0].numbers[before], self._sides[1].numbers[after])]
        moved = [
            moved_passages(side.corpus, passages, words)
            for side, passages, words in zip(self._sides, (gone, after), terms, strict=True)
        ]
        return Reach(self.organizations, Moved.join(moved))

    def differing(self, before: Found, after: Found) -> tuple[Bools, Bools]:
        """Return which of the passages that both corpora bring up were moved, or have no equal on the other side."""
        width = max(len(self._moved), 1)
        passages = [side.numbers[found.passage] for side, found in zip(self._sides, (before, after), strict=True)]
        codes = [found.need * width + passage for found, passage in zip((before, after), passages, strict=True)]
        return (
            self._moved[passages[0]] | ~_has_equal(before, codes[0], after, codes[1]),
            self._moved[passages[1]] | ~_has_equal(after, codes[1], before, codes[0]),
        )

    def owners(self, place: int, passages: Ints) -> tuple[Ints, Ints]:
        """Return who holds some passages of one of the two corpora: their places among the passages, and the owners."""
        return self._sides[place].owners(passages)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a change moved."""

    organizations: frozenset[str]
    """The changed organizations, and whoever shares a past project that one of them entered or left."""
    passages: Moved
    """What these organizations' documents say, or said before."""


class Touching:
    """Compares the lists that two matchers make, one over an index and one over what came of it."""

    def __init__(self, before: Matcher, after: Matcher, changed: Collection[str]) -> None:
        """Take both matchers and the organizations that were replaced or removed between them."""
        self._matchers, self._changed = (before, after), frozenset(changed)
        self._difference = Difference(before.corpus, after.corpus, changed)

    def compares(self, before: Matcher, changed: Collection[str]) -> bool:
        """Say whether this compares with that matcher, and for these organizations."""
        return self._matchers[0] is before and self._changed == frozenset(changed)

    def reach(self) -> Reach:
        """Return what replacing the organizations moved."""
        return self._difference.reach([matcher.terms for matcher in self._matchers])

    def touched(self, needs: Sequence[Need]) -> list[bool]:
        """Say of each of a batch of needs whether its list may differ. One that cannot be matched has no list."""
        touched = [need.organization in self._difference.organizations for need in needs]
        open_ones = [place for place, need in enumerate(needs) if not touched[place] and unmatchable(need) is None]
        if open_ones:
            for place, differs in zip(open_ones, self._differ([needs[place] for place in open_ones]), strict=True):
                touched[place] = differs
        return touched

    def _differ(self, needs: Sequence[Need]) -> list[bool]:
        """Look at what needs bring up, and at the lists only where that differs."""
        (own, before), (its, after) = (matcher.find(needs) for matcher in self._matchers)
        moved = self._difference.differing(before, after)
        reached = np.union1d(before.need[moved[0]], after.need[moved[1]])
        differ = np.zeros(len(needs), dtype=np.bool_)
        if len(reached):
            sides = [
                self._outlined(place, [queries[need] for need in reached], *_among(found, moved[place], reached))
                for place, (queries, found) in enumerate(((own, before), (its, after)))
            ]
            differ[reached] = [one != other or one.is_concerned for one, other in zip(*sides, strict=True)]
        return differ.tolist()

    def _outlined(self, place: int, queries: list[Query], found: Found, moved: Bools) -> list[_Outlined]:
        """Return what one matcher puts on the lists of needs, and whether anybody there is concerned."""
        matcher = self._matchers[place]
        outline = matcher.outline(queries, found)
        ranking, width = outline.ranking, len(matcher.organization_ids)
        passages, owners = self._difference.owners(place, found.passage[moved])
        concerned = np.unique(found.need[moved][passages] * width + owners)
        known = matcher.corpus.records.rows
        changed = [known[name] for name in self._difference.organizations if name in known]
        asking = np.array([known.get(query.need.organization or "", -1) for query in queries])
        hit = np.isin(ranking.need * width + ranking.organization, concerned) | np.isin(ranking.organization, changed)
        hits = np.bincount(ranking.need[hit], minlength=len(queries)) > 0
        hits |= (asking >= 0) & np.isin(np.arange(len(queries)) * width + asking, concerned)
        bounds = np.searchsorted(ranking.need, np.arange(len(queries) + 1))
        names = [matcher.organization_ids[row] for row in ranking.organization.tolist()]
        return [
            _Outlined(
                listed=tuple(names[bounds[need] : bounds[need + 1]]),
                points=ranking.points[:, bounds[need] : bounds[need + 1]].tobytes(),
                unknown=ranking.unknown[:, bounds[need] : bounds[need + 1]].tobytes(),
                considered=int(ranking.considered[need]),
                exclusions=outline.exclusions[need],
                is_concerned=bool(hits[need]),
            )
            for need in range(len(queries))
        ]


@dataclass(frozen=True, slots=True)
class _Outlined:
    """A list as far as it is told by its points; what supports a match differs only where somebody is concerned."""

    listed: tuple[str, ...]
    points: bytes
    unknown: bytes
    considered: int
    exclusions: tuple[Exclusion, ...]
    is_concerned: bool
    """Whether the asker or somebody listed changed, or has a passage that moved or came or went with the change."""


def _has_equal(found: Found, codes: Ints, others: Found, its: Ints) -> Bools:
    """Say which passages the other side brought up for the same need with the same relevance."""
    if not len(its):
        return np.zeros(len(codes), dtype=np.bool_)
    order = np.argsort(its, kind="stable")
    place = order[np.minimum(np.searchsorted(its, codes, sorter=order), len(its) - 1)]
    same = (its[place] == codes) & (others.text[place] == found.text)
    return np.asarray(same & (others.technology[place] == found.technology))


def _among(found: Found, moved: Bools, needs: Ints) -> tuple[Found, Bools]:
    """Return what some needs, given by their places in ascending order, brought up, and what of it moved."""
    rows = np.flatnonzero(np.isin(found.need, needs))
    columns = {item.name: getattr(found, item.name)[rows] for item in fields(found)}
    return replace(found, **{**columns, "need": np.searchsorted(needs, columns["need"])}), moved[rows]
