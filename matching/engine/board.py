"""The scoring board: a batch of needs, the organizations on their shortlists, and the documents behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.engine.blocking import Records
from matching.engine.columns import Floats, Ints, Ragged
from matching.engine.evidence import Pairs, Rows
from matching.engine.queries import Query
from matching.engine.settings import Settings


@dataclass(frozen=True)
class Board:
    """What every criterion reads. Arrays run over pairs (need × organization) or rows (need × document)."""

    queries: list[Query]
    records: Records
    settings: Settings
    rows: Rows
    pairs: Pairs
    askers: Rows
    """The rows of the organizations that ask: what the need brings up of their own past, which no list shows."""

    @cached_property
    def row_pair(self) -> Ints:
        """The pair that each row belongs to."""
        return np.repeat(np.arange(len(self.pairs)), np.diff(self.pairs.starts))

    @cached_property
    def row_topical(self) -> Floats:
        """How far each document is about what is needed, 0 to 1.

        Other merits count only this far: the right TRL of something else is worth nothing.
        """
        subject = np.maximum(self.rows.text, self.rows.technology)
        return np.minimum(subject / self.settings.relevance_full, 1.0)

    @cached_property
    def pair_topical(self) -> Floats:
        """The best such value among an organization's documents."""
        return (
            np.asarray(np.maximum.reduceat(self.row_topical, self.pairs.starts[:-1]))
            if len(self.pairs)
            else np.zeros(0)
        )

    @cached_property
    def today(self) -> Floats:
        """The day as of which each need is asked; NaN where it does not say."""
        days = [np.nan if query.need.as_of is None else query.need.as_of for query in self.queries]
        return np.array(days, dtype=np.float64)

    @cached_property
    def _row_bounds(self) -> Ints:
        return np.searchsorted(self.rows.need, np.arange(len(self.queries) + 1))

    @cached_property
    def _pair_bounds(self) -> Ints:
        return np.searchsorted(self.pairs.need, np.arange(len(self.queries) + 1))

    def rows_of(self, need: int) -> slice:
        """Return where a need's rows are."""
        return slice(int(self._row_bounds[need]), int(self._row_bounds[need + 1]))

    def askers_of(self, need: int) -> Rows:
        """Return a need's asker's own rows."""
        return self.askers.take(np.flatnonzero(self.askers.need == need))

    def pairs_of(self, need: int) -> slice:
        """Return where a need's pairs are."""
        return slice(int(self._pair_bounds[need]), int(self._pair_bounds[need + 1]))

    def met(self, column: Ragged, wishes: Sequence[frozenset[str]]) -> Ints:
        """Return, for each row, how many of its need's wishes (one set per need) its document holds in a column."""
        words = len(self.records.words)
        wanted = np.unique(
            [need * words + code for need, own in enumerate(wishes) for code in self.records.codes(own).tolist()]
        )
        counts = np.zeros(len(self.rows.need), dtype=np.int64)
        if not len(wanted):
            return counts
        owners, positions = column.expand(self.rows.document)
        held = self.rows.need[owners] * words + column.values[positions]
        place = np.minimum(np.searchsorted(wanted, held), len(wanted) - 1)
        return np.bincount(owners[wanted[place] == held], minlength=len(counts))

    def best(self, values: Floats) -> tuple[Floats, Ints]:
        """Return each pair's best row value and the row that has it: NaN and -1 where all are unknown."""
        best = np.full(len(self.pairs), np.nan)
        where = np.full(len(self.pairs), -1, dtype=np.int64)
        if not len(self.pairs):
            return best, where
        filled = np.where(np.isnan(values), -1.0, values)
        peak = np.maximum.reduceat(filled, self.pairs.starts[:-1])
        winners = np.flatnonzero(filled == peak[self.row_pair])
        # Written backwards so that the first of equal rows, the strongest evidence, is the one that stays.
        where[self.row_pair[winners[::-1]]] = winners[::-1]
        known = peak >= 0
        best[known] = peak[known]
        where[~known] = -1
        return best, where
