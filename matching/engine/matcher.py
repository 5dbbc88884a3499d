"""The stages in their order: retrieval, evidence, blocking, scorecard, selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.blocking import DOCUMENT_RULES, ORGANIZATION_RULES, unmatchable
from matching.engine.board import Board
from matching.engine.bridging import Bridge, open_lexicon
from matching.engine.building import Reading
from matching.engine.columns import Array, Bools, Floats, Ints, Vocabulary
from matching.engine.cooperation import share_by_subject, work_on_subject
from matching.engine.corpus import Amendment, Corpus
from matching.engine.encoding import VectorSource
from matching.engine.evidence import EvidenceGatherer, Pairs, Rows, distinct_passages, select_pairs, text_share
from matching.engine.explanation import Explainer
from matching.engine.queries import Query, QueryEncoder
from matching.engine.retrieval import Found, Retriever
from matching.engine.scorecard import POINT_STEPS, Assessed, Line, Ranking, assess, rank, score
from matching.engine.selection import top
from matching.engine.snapshot import Snapshot
from matching.engine.types import Exclusion, Match, MatchList, Need, Reason
from matching.engine.watcher import Watcher


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Everything retrieval brought up for a batch: `prior` ranks it, `blocked` is what a hard rule drops."""

    rows: Rows
    pairs: Pairs
    askers: Rows
    """The rows of the organizations that ask."""
    prior: Array
    blocked: Bools
    listed: Ints
    """Pairs that reach the scorecard, in their original order."""


@dataclass(frozen=True, slots=True)
class _Scored:
    """The shortlists of a batch with all points."""

    board: Board
    lines: list[Line]
    scores: Ints


@dataclass(frozen=True, slots=True)
class Outline:
    """The lists of a batch of needs in columns, with whom hard rules kept from them."""

    ranking: Ranking
    exclusions: tuple[tuple[Exclusion, ...], ...]


class Matcher:
    """Runs all stages over one index and what was changed since."""

    def __init__(self, base: Snapshot, amendment: Amendment | None, reading: Reading, vectors: VectorSource) -> None:
        newest = base if amendment is None else amendment.added
        self._settings = base.settings
        self._dense = base.encoder is not None and base.encoder == vectors.name
        lexicon, self.problems = open_lexicon(self._settings)
        self._encoder = QueryEncoder(
            settings=self._settings,
            analyzer=reading.analyzer,
            graph=reading.graph,
            statistics=base.statistics,
            terms=newest.terms,
            words=newest.words,
            vectors=vectors if self._dense else VectorSource(None),
            bridge=Bridge(lexicon, base.statistics, newest.terms),
        )
        self._terms = newest.terms
        self._corpus = Corpus.of(base, amendment)
        self._records = self._corpus.records
        self._retriever = Retriever(self._corpus, base.statistics, self._settings, dense=self._dense)
        self._gatherer = EvidenceGatherer(self._corpus, self._settings)

    @property
    def documents(self) -> int:
        """How many documents can be matched."""
        return len(self._corpus.documents)

    @property
    def organizations(self) -> int:
        """How many organizations can be matched."""
        return len(self._records.rows)

    @property
    def organization_ids(self) -> tuple[str, ...]:
        """Ids by organization row."""
        return self._corpus.organization_ids

    @property
    def corpus(self) -> Corpus:
        """Everything that can be matched."""
        return self._corpus

    def knows(self, organization: str) -> bool:
        """Say whether the index holds an organization."""
        return organization in self._records.rows

    def match(self, needs: Sequence[Need]) -> list[MatchList]:
        """Match one batch of needs."""
        problems = {place: problem for place, need in enumerate(needs) if (problem := unmatchable(need))}
        places = [place for place in range(len(needs)) if place not in problems]
        lists = {place: MatchList(needs[place].id, (), (), 0, problem) for place, problem in problems.items()}
        if places:
            queries = self._encoder.encode([needs[place] for place in places])
            lists.update(zip(places, self._match(queries), strict=True))
        return [lists[place] for place in range(len(needs))]

    def rank(self, needs: Sequence[Need]) -> Ranking:
        """Rank one batch of needs, all of which can be matched."""
        queries = self._encoder.encode(needs)
        scored = self._scored(queries, self._candidates(queries))
        best = self._best(scored, self._settings.top_k)
        return rank(scored.board, scored.lines, scored.scores, best, self.organization_ids)

    def assess(self, needs: Sequence[Need]) -> Assessed:
        """Assess the whole shortlist of every need of one batch; all of them can be matched."""
        queries = self._encoder.encode(needs)
        candidates = self._candidates(queries)
        return assess(self._board(queries, candidates), self.organization_ids)

    @property
    def watcher(self) -> Watcher:
        """What sets watches for needs by this index."""
        return Watcher(self._encoder, self._retriever)

    @property
    def terms(self) -> Vocabulary:
        """The terms that any text has, by code."""
        return self._terms

    def find(self, needs: Sequence[Need]) -> tuple[list[Query], Found]:
        """Encode one batch of needs, all of which can be matched, and return the passages that they bring up."""
        queries = self._encoder.encode(needs)
        return queries, self._retriever.find(queries)

    def outline(self, queries: list[Query], found: Found) -> Outline:
        """Return what is on the lists of needs that brought up these passages, without explaining it."""
        candidates = self._candidates(queries, found)
        scored = self._scored(queries, candidates)
        best = self._best(scored, self._settings.top_k)
        ranking = rank(scored.board, scored.lines, scored.scores, best, self.organization_ids)
        dropped = tuple(self._exclusions(query, index, candidates) for index, query in enumerate(queries))
        return Outline(ranking, dropped)

    def shortlist(self, needs: Sequence[Need]) -> list[tuple[str, ...]]:
        """Return the organizations that would reach the scorecard of each need, in the order of their ids."""
        usable = [need for need in needs if unmatchable(need) is None]
        found: dict[int, tuple[str, ...]] = {}
        if usable:
            candidates = self._candidates(self._encoder.encode(usable))
            owners = candidates.pairs.need[candidates.listed]
            rows = candidates.pairs.organization[candidates.listed]
            for index, need in enumerate(usable):
                names = (self.organization_ids[row] for row in rows[owners == index].tolist())
                found[id(need)] = tuple(sorted(names))
        return [found.get(id(need), ()) for need in needs]

    def explain(self, need: Need, organization: str) -> Match | Exclusion:
        """Say where in the stages an organization stands for a need; the need has passed `unmatchable`."""
        [query] = self._encoder.encode([need])
        row = self._records.rows[organization]
        reasons = tuple(
            Reason(rule.code) for rule in ORGANIZATION_RULES if rule.blocks(query, self._records, np.array([row])).any()
        )
        if reasons:
            return Exclusion(organization, "hard_rule", reasons)
        candidates = self._candidates([query])
        [place] = np.flatnonzero(candidates.pairs.organization == row)[:1].tolist() or [None]
        if place is None:
            return self._not_retrieved(query, organization, row)
        if place not in candidates.listed:
            better = np.count_nonzero(~candidates.blocked & (candidates.prior >= candidates.prior[place]))
            reason = Reason("below_shortlist", {"position": int(better), "shortlist": self._settings.shortlist})
            return Exclusion(organization, "not_retrieved", (reason,))
        return self._standing(query, candidates, organization, row)

    def _standing(self, query: Query, candidates: _Candidates, organization: str, row: int) -> Match | Exclusion:
        """Return the rank of an organization that was scored, whether or not it made the list."""
        scored = self._scored([query], candidates)
        order = self._best(scored, len(scored.scores))
        place = int(np.flatnonzero(scored.board.pairs.organization[order] == row)[0]) + 1
        match = self._explainer(scored).match(int(order[place - 1]), place)
        if place <= self._settings.top_k:
            return match
        cut = int(scored.scores[order[self._settings.top_k - 1]]) / POINT_STEPS
        reason = Reason("below_cut", {"rank": place, "score": float(match.score), "cut": cut})
        return Exclusion(organization, "below_cut", (reason,), match)

    def _match(self, queries: list[Query]) -> list[MatchList]:
        candidates = self._candidates(queries)
        scored = self._scored(queries, candidates)
        explainer, pairs = self._explainer(scored), scored.board.pairs
        best = self._best(scored, self._settings.top_k)
        owners = pairs.need[best]
        considered = np.bincount(pairs.need, minlength=len(queries))
        return [
            MatchList(
                need=query.need.id,
                matches=tuple(
                    explainer.match(pair, place) for place, pair in enumerate(best[owners == index].tolist(), start=1)
                ),
                exclusions=self._exclusions(query, index, candidates),
                considered=int(considered[index]),
            )
            for index, query in enumerate(queries)
        ]

    def _candidates(self, queries: list[Query], found: Found | None = None) -> _Candidates:
        found = self._retriever.find(queries) if found is None else found
        rows, pairs = self._gatherer.pair(self._gatherer.gather(queries, found))
        askers = self._askers(queries, rows, pairs)
        weights = self._settings.weights
        prior = weights["text"] * text_share(pairs, queries, self._settings) + weights["technology"] * pairs.technology
        if len(askers.need) and weights["past_cooperation"] > 0:
            prior += weights["past_cooperation"] * self._worked_on_subject(queries, askers, pairs)
        prior = prior.astype(np.float32)
        blocked = self._blocked(queries, pairs)
        free = np.flatnonzero(~blocked)
        order = self._corpus.order[pairs.organization[free]]
        chosen = top(pairs.need[free], prior[free], order, self._settings.shortlist)
        return _Candidates(rows, pairs, askers, prior, blocked, np.sort(free[chosen]))

    def _askers(self, queries: Sequence[Query], rows: Rows, pairs: Pairs) -> Rows:
        asking = np.array([self._records.owner(query) for query in queries], dtype=np.int64)
        return select_pairs(rows, pairs, np.flatnonzero(pairs.organization == asking[pairs.need]))[0]

    def _worked_on_subject(self, queries: Sequence[Query], askers: Rows, pairs: Pairs) -> Floats:
        """Return what each pair's shared projects with the asker on the subject are worth, 0 to 1."""
        share = np.zeros(len(pairs))
        bounds = np.searchsorted(pairs.need, np.arange(len(queries) + 1))
        for index in np.unique(askers.need).tolist():
            if not self._records.cooperation.knows(self._records.owner(queries[index])):
                continue
            own = askers.take(np.flatnonzero(askers.need == index))
            found = work_on_subject(
                self._records.cooperation,
                self._records.owner(queries[index]),
                *distinct_passages(own, self._records.documents.passage),
            )
            part = slice(bounds[index], bounds[index + 1])
            share[part] = share_by_subject(found[pairs.organization[part]])
        return share

    def _blocked(self, queries: list[Query], pairs: Pairs) -> Bools:
        blocked = np.zeros(len(pairs), dtype=np.bool_)
        bounds = np.searchsorted(pairs.need, np.arange(len(queries) + 1))
        for index, query in enumerate(queries):
            part = slice(bounds[index], bounds[index + 1])
            for rule in ORGANIZATION_RULES:
                if rule.concerns(query.need):
                    blocked[part] |= rule.blocks(query, self._records, pairs.organization[part])
        return blocked

    def _scored(self, queries: list[Query], candidates: _Candidates) -> _Scored:
        board = self._board(queries, candidates)
        return _Scored(board, *score(board))

    def _best(self, scored: _Scored, limit: int) -> Ints:
        pairs = scored.board.pairs
        return top(pairs.need, scored.scores, self._corpus.order[pairs.organization], limit)

    def _explainer(self, scored: _Scored) -> Explainer:
        return Explainer(
            self._corpus, self._terms, scored.board, scored.lines, scored.scores, dense=self._dense
        )  # fmt: skip

    def _board(self, queries: Sequence[Query], candidates: _Candidates) -> Board:
        rows, pairs = select_pairs(candidates.rows, candidates.pairs, candidates.listed)
        return Board(list(queries), self._records, self._settings, rows, pairs, candidates.askers)

    def _exclusions(self, query: Query, index: int, candidates: _Candidates) -> tuple[Exclusion, ...]:
        """Return the dropped organizations that would have reached the scorecard, most relevant first."""
        own = candidates.pairs.need == index
        listed = candidates.listed[candidates.pairs.need[candidates.listed] == index]
        full = len(listed) >= self._settings.shortlist
        bar = candidates.prior[listed].min() if full else 0.0
        dropped = np.flatnonzero(own & candidates.blocked & (candidates.prior >= bar))
        organizations = candidates.pairs.organization[dropped]
        order = top(
            np.zeros_like(dropped),
            candidates.prior[dropped],
            self._corpus.order[organizations],
            self._settings.shortlist,
        )
        reasons: dict[int, list[Reason]] = {int(row): [] for row in organizations[order]}
        for rule in ORGANIZATION_RULES:
            for row in organizations[order][rule.blocks(query, self._records, organizations[order])].tolist():
                reasons[row].append(Reason(rule.code))
        return tuple(Exclusion(self.organization_ids[row], "hard_rule", tuple(found)) for row, found in reasons.items())

    def _not_retrieved(self, query: Query, organization: str, row: int) -> Exclusion:
        """Say why nothing of an organization came up."""
        documents = np.flatnonzero(self._records.documents.organization == row)
        if not len(documents):
            return Exclusion(organization, "not_retrieved", (Reason("no_documents"),))
        dropped = {rule.code: rule.blocks(query, self._records, documents) for rule in DOCUMENT_RULES}
        reasons = tuple(Reason(code, {"documents": int(out.sum())}) for code, out in dropped.items() if out.any())
        if np.logical_or.reduce(list(dropped.values())).all():
            return Exclusion(organization, "hard_rule", reasons)
        return Exclusion(organization, "not_retrieved", (*reasons, Reason("too_little_in_common")))
