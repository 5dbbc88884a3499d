"""Criteria on the subject: what the texts say, the technologies, the routes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from matching.engine.blocking import route_fit
from matching.engine.board import Board
from matching.engine.columns import Floats
from matching.engine.criteria.base import Assessment, Criterion, OfferCriterion, grade
from matching.engine.evidence import text_share
from matching.engine.queries import Query
from matching.engine.types import Detail, JsonValue


class TextCriterion(Criterion):
    """What an organization's documents say together, by words and sentence vectors."""

    name: ClassVar[str] = "text"

    def asked(self, query: Query) -> bool:
        """Ask when the need has words."""
        return query.self_score > 0

    def assess(self, board: Board) -> Assessment:
        """Return the saturated evidence and each pair's strongest document."""
        return Assessment(text_share(board.pairs, board.queries, board.settings), board.best(board.rows.evidence)[1])

    def describe(self, board: Board, pair: int, assessment: Assessment) -> Detail:
        """Say how many documents speak for the organization, and whether the best is in another language."""
        start, end = board.pairs.starts[pair : pair + 2]
        row = int(assessment.row[pair])
        passage = int(board.records.documents.passage[board.rows.document[row]])
        query = board.queries[int(board.rows.need[row])]
        shared = int(board.records.passages.languages[passage]) & query.languages
        documents = int(np.count_nonzero(board.rows.evidence[start:end] > 0))
        return Detail("text.same_language" if shared else "text.across_languages", {"documents": documents})


class TechnologyCriterion(OfferCriterion):
    """The technologies a document is about, through the technology graph."""

    name: ClassVar[str] = "technology"
    fields: ClassVar[tuple[str, ...]] = ("technologies",)

    def asked(self, query: Query) -> bool:
        """Ask when the need declares a technology."""
        return bool(query.need.technologies)

    def fit(self, board: Board) -> Floats:
        """Return the weight with which each document's technologies meet the need's."""
        passages = board.records.documents.passage[board.rows.document]
        known = board.records.passages.technologies.lengths(passages) > 0
        return np.where(known, board.rows.technology, np.nan)

    def assess(self, board: Board) -> Assessment:
        """Return the best document; being about the technology is the subject itself and is not weighted again."""
        return Assessment(*board.best(self.fit(board)))

    def describe(self, board: Board, pair: int, assessment: Assessment) -> Detail:
        """Name the technologies on both sides and their relation."""
        row = int(assessment.row[pair])
        if self._is_restricted(board, row):
            return Detail("technology.restricted")
        return Detail(f"technology.{grade(float(assessment.share[pair]))}", self.arguments(board, row))

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return the pair of technologies that meets best."""
        query = board.queries[int(board.rows.need[row])]
        passage = int(board.records.documents.passage[board.rows.document[row]])
        codes = board.records.passages.technologies.row(passage).tolist()
        met = [(query.wishes[code], board.records.words.words[code]) for code in codes if code in query.wishes]
        if not met:
            return {}
        wish, offered = min(met, key=lambda item: (-item[0].weight, item[1]))
        return {"wanted": wish.technology, "offered": offered, "relation": wish.relation}


class RouteCriterion(OfferCriterion):
    """The technical route taken, where the need names one."""

    name: ClassVar[str] = "route"
    fields: ClassVar[tuple[str, ...]] = ("technologies",)

    def asked(self, query: Query) -> bool:
        """Ask when a route is named."""
        return bool(query.wanted_routes)

    def fit(self, board: Board) -> Floats:
        """Return 1 on a wanted route, 0 on another one of the same technology, unknown where none is declared."""
        fit = np.full(len(board.rows.need), np.nan)
        for index, query in enumerate(board.queries):
            part = board.rows_of(index)
            for technology, routes in query.wanted_routes.items():
                met, other = route_fit(board.records, board.rows.document[part], technology, routes)
                found = np.where(met, 1.0, np.where(other, 0.0, np.nan))
                fit[part] = np.fmax(fit[part], found)
        return fit

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return the routes wanted."""
        wanted = board.queries[int(board.rows.need[row])].wanted_routes
        return {"routes": ", ".join(sorted(route for routes in wanted.values() for route in routes))}
