"""The stages in their order: retrieval, evidence, blocking, scorecard, selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.blocking import DOCUMENT_RULES, ORGANIZATION_RULES, Records, need_reason
from matching.engine.board import Board
from matching.engine.bridging import Bridge, open_lexicon
from matching.engine.building import make_analyzer
from matching.engine.columns import Bools, Floats, Ints
from matching.engine.encoding import VectorSource
from matching.engine.evidence import EvidenceGatherer, Pairs, Rows, select_pairs, text_share
from matching.engine.explanation import Explainer
from matching.engine.graph import TechnologyGraph
from matching.engine.queries import Query, QueryEncoder
from matching.engine.retrieval import Retriever, strongest
from matching.engine.scorecard import POINT_STEPS, Assessed, assess, score
from matching.engine.selection import top
from matching.engine.snapshot import Snapshot
from matching.engine.types import Exclusion, Match, MatchList, Need, Problem, Reason
from matching.engine.validation import need_faults


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Everything retrieval brought up for a batch: `prior` ranks it, `blocked` is what a hard rule drops."""

    rows: Rows
    pairs: Pairs
    prior: Floats
    blocked: Bools
    listed: Ints
    """Pairs that reach the scorecard, in their original order."""


class Matcher:
    """Runs all stages over one snapshot."""

    def __init__(self, snapshot: Snapshot, vectors: VectorSource) -> None:
        self._snapshot, self._settings = snapshot, snapshot.settings
        self._dense = snapshot.encoder is not None and snapshot.encoder == vectors.name
        graph = TechnologyGraph(snapshot.taxonomy, self._settings)
        lexicon, self.problems = open_lexicon(self._settings)
        self._encoder = QueryEncoder(
            settings=self._settings,
            analyzer=make_analyzer(graph, self._settings),
            graph=graph,
            statistics=snapshot.statistics,
            terms=snapshot.terms,
            words=snapshot.words,
            vectors=vectors if self._dense else VectorSource(None),
            bridge=Bridge(lexicon, snapshot.statistics, snapshot.terms),
        )
        self._records = Records(
            organizations=snapshot.organizations,
            documents=snapshot.documents,
            passages=snapshot.passages,
            words=snapshot.words,
            rows={name: row for row, name in enumerate(snapshot.organization_ids)},
        )
        self._retriever = Retriever(snapshot, dense=self._dense)
        self._gatherer = EvidenceGatherer(self._records, self._settings)

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

    def assess(self, needs: Sequence[Need]) -> Assessed:
        """Assess the whole shortlist of every need of one batch; all of them can be matched."""
        queries = self._encoder.encode(needs)
        candidates = self._candidates(queries)
        rows, pairs = select_pairs(candidates.rows, candidates.pairs, candidates.listed)
        board = Board(queries, self._records, self._settings, rows, pairs)
        return assess(board, self._snapshot.organization_ids)

    def shortlist(self, needs: Sequence[Need]) -> list[tuple[str, ...]]:
        """Return the organizations that would reach the scorecard of each need, in the order of their ids."""
        usable = [need for need in needs if unmatchable(need) is None]
        found: dict[int, tuple[str, ...]] = {}
        if usable:
            candidates = self._candidates(self._encoder.encode(usable))
            owners = candidates.pairs.need[candidates.listed]
            rows = candidates.pairs.organization[candidates.listed]
            for index, need in enumerate(usable):
                names = (self._snapshot.organization_ids[row] for row in rows[owners == index].tolist())
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
        board, explainer, scores = self._scored([query], candidates)
        order = top(board.pairs.need, scores, board.pairs.organization, len(scores))
        rank = int(np.flatnonzero(board.pairs.organization[order] == row)[0]) + 1
        match = explainer.match(int(order[rank - 1]), rank)
        if rank <= self._settings.top_k:
            return match
        cut = int(scores[order[self._settings.top_k - 1]]) / POINT_STEPS
        reason = Reason("below_cut", {"rank": rank, "score": float(match.score), "cut": cut})
        return Exclusion(organization, "below_cut", (reason,), match)

    def _match(self, queries: list[Query]) -> list[MatchList]:
        candidates = self._candidates(queries)
        board, explainer, scores = self._scored(queries, candidates)
        best = top(board.pairs.need, scores, board.pairs.organization, self._settings.top_k)
        owners = board.pairs.need[best]
        considered = np.bincount(board.pairs.need, minlength=len(queries))
        return [
            MatchList(
                need=query.need.id,
                matches=tuple(
                    explainer.match(pair, rank) for rank, pair in enumerate(best[owners == index].tolist(), start=1)
                ),
                exclusions=self._exclusions(query, index, candidates),
                considered=int(considered[index]),
            )
            for index, query in enumerate(queries)
        ]

    def _candidates(self, queries: list[Query]) -> _Candidates:
        relevance = self._retriever.relevance(queries)
        found = strongest(relevance.strength, self._settings.passages)
        rows, pairs = self._gatherer.pair(self._gatherer.gather(queries, relevance, found))
        weights = self._settings.weights
        prior = weights["text"] * text_share(pairs.text, self._settings) + weights["technology"] * pairs.technology
        blocked = self._blocked(queries, pairs)
        free = np.flatnonzero(~blocked)
        chosen = top(pairs.need[free], prior[free], pairs.organization[free], self._settings.shortlist)
        return _Candidates(rows, pairs, prior, blocked, np.sort(free[chosen]))

    def _blocked(self, queries: list[Query], pairs: Pairs) -> Bools:
        blocked = np.zeros(len(pairs), dtype=np.bool_)
        bounds = np.searchsorted(pairs.need, np.arange(len(queries) + 1))
        for index, query in enumerate(queries):
            part = slice(bounds[index], bounds[index + 1])
            for rule in ORGANIZATION_RULES:
                blocked[part] |= rule.blocks(query, self._records, pairs.organization[part])
        return blocked

    def _scored(self, queries: list[Query], candidates: _Candidates) -> tuple[Board, Explainer, Ints]:
        rows, pairs = select_pairs(candidates.rows, candidates.pairs, candidates.listed)
        board = Board(queries, self._records, self._settings, rows, pairs)
        lines, scores = score(board)
        return board, Explainer(self._snapshot, board, lines, scores, dense=self._dense), scores

    def _exclusions(self, query: Query, index: int, candidates: _Candidates) -> tuple[Exclusion, ...]:
        """Return the dropped organizations that would have reached the scorecard, most relevant first."""
        own = candidates.pairs.need == index
        listed = candidates.listed[candidates.pairs.need[candidates.listed] == index]
        full = len(listed) >= self._settings.shortlist
        bar = candidates.prior[listed].min() if full else 0.0
        dropped = np.flatnonzero(own & candidates.blocked & (candidates.prior >= bar))
        organizations = candidates.pairs.organization[dropped]
        order = top(np.zeros_like(dropped), candidates.prior[dropped], organizations, self._settings.shortlist)
        reasons: dict[int, list[Reason]] = {int(row): [] for row in organizations[order]}
        for rule in ORGANIZATION_RULES:
            for row in organizations[order][rule.blocks(query, self._records, organizations[order])].tolist():
                reasons[row].append(Reason(rule.code))
        return tuple(
            Exclusion(self._snapshot.organization_ids[row], "hard_rule", tuple(found)) for row, found in reasons.items()
        )

    def _not_retrieved(self, query: Query, organization: str, row: int) -> Exclusion:
        """Say why nothing of an organization came up."""
        documents = np.flatnonzero(self._snapshot.documents.organization == row)
        if not len(documents):
            return Exclusion(organization, "not_retrieved", (Reason("no_documents"),))
        dropped = {rule.code: rule.blocks(query, self._records, documents) for rule in DOCUMENT_RULES}
        reasons = tuple(Reason(code, {"documents": int(out.sum())}) for code, out in dropped.items() if out.any())
        if np.logical_or.reduce(list(dropped.values())).all():
            return Exclusion(organization, "hard_rule", reasons)
        return Exclusion(organization, "not_retrieved", (*reasons, Reason("too_little_in_common")))


def unmatchable(need: Need) -> Problem | None:
    """Return why a need cannot be matched at all, if so."""
    faults = need_faults(need)
    if faults:
        return Problem("need", str(need.id), "invalid", "; ".join(faults))
    reason = need_reason(need)
    return None if reason is None else Problem("need", need.id, reason.code, "The need takes no matches any more")
