"""From scored arrays back to records: matches with their contributions, unknowns and supporting documents."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice

import numpy as np

from matching.engine.board import Board
from matching.engine.columns import Ints, Vocabulary
from matching.engine.corpus import Corpus
from matching.engine.scorecard import POINT_DECIMALS, Line
from matching.engine.types import Contribution, Match, Supporting

LEXICAL_ONLY = "lexical_only"

_SHARE_DECIMALS = 4
_TERMS = 6


class Explainer:
    """Writes matches for the pairs of one scored board."""

    def __init__(
        self, corpus: Corpus, terms: Vocabulary, board: Board, lines: list[Line], scores: Ints, *, dense: bool
    ) -> None:
        self._corpus, self._vocabulary = corpus, terms
        self._board, self._lines, self._scores = board, lines, scores
        self._flags = () if dense else (LEXICAL_ONLY,)
        self._available = {line.criterion.name: _weight(board, line) for line in lines}

    def match(self, pair: int, rank: int) -> Match:
        """Return one pair as a match of the given rank."""
        return Match(
            organization=self._corpus.organization_ids[int(self._board.pairs.organization[pair])],
            rank=rank,
            score=_points(self._scores[pair]),
            contributions=tuple(self._contributions(pair)),
            unknowns=tuple(line.criterion.name for line in self._lines if line.unknown[pair]),
            supporting=tuple(self._supporting(pair)),
            flags=self._flags,
        )

    def _contributions(self, pair: int) -> list[Contribution]:
        return [
            Contribution(
                criterion=line.criterion.name,
                points=_points(line.points[pair]),
                available=self._available[line.criterion.name],
                evidence=self._evidence(line, pair),
                detail=line.criterion.describe(self._board, pair, line.assessment),
            )
            for line in self._lines
            if line.asked[pair] and not line.unknown[pair]
        ]

    def _evidence(self, line: Line, pair: int) -> tuple[str, ...]:
        row = int(line.assessment.row[pair])
        return () if row < 0 else (self._corpus.document_ids[int(self._board.rows.document[row])],)

    def _supporting(self, pair: int) -> list[Supporting]:
        start, end = (int(value) for value in self._board.pairs.starts[pair : pair + 2])
        rows = self._board.rows
        # Whole numbers of a binary fraction add up exactly, in whatever order.
        evidence, technology = rows.evidence[start:end].tolist(), rows.technology[start:end].tolist()
        total = sum(evidence)
        order = sorted(range(end - start), key=lambda place: (-evidence[place], -technology[place], place))
        return [
            Supporting(
                document=self._corpus.document_ids[int(rows.document[start + place])],
                share=round(evidence[place] / total, _SHARE_DECIMALS) if total else 0.0,
                terms=self._terms(start + place),
            )
            for place in order[: self._board.settings.supporting]
        ]

    def _terms(self, row: int) -> tuple[str, ...]:
        """Return the terms that carried the words' part, heaviest first, as the need writes them.

        Only what neither side restricts is repeated. Concepts keep their mark ``@`` and id, to be labelled by the
        reader's language.
        """
        query = self._board.queries[int(self._board.rows.need[row])]
        passage = int(self._board.records.documents.passage[self._board.rows.document[row]])
        cells = zip(*(column.tolist() for column in self._corpus.cells(passage)), strict=True)
        words, weights = self._vocabulary.words, query.weight_of
        carried = [(-weights[code] * impact, words[code]) for code, impact, shown in cells if shown and code in weights]
        surfaces = query.surfaces
        return tuple(islice((surfaces[term] for _, term in sorted(carried) if term in surfaces), _TERMS))


def _points(steps: np.int64) -> Decimal:
    return Decimal(int(steps)).scaleb(-POINT_DECIMALS)


def _weight(board: Board, line: Line) -> Decimal:
    return Decimal(str(round(board.settings.weights[line.criterion.name], POINT_DECIMALS)))
