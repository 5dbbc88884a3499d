"""Criteria on trust: track record, verified evidence, past cooperation, freshness."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from matching.engine.board import Board
from matching.engine.columns import Floats, Ints
from matching.engine.cooperation import Cooperation, past_cooperation
from matching.engine.criteria.base import Assessment, Criterion, OfferCriterion, grade, number
from matching.engine.evidence import distinct_passages
from matching.engine.queries import Query
from matching.engine.tables import EXPERIENCE
from matching.engine.types import Detail, JsonValue

_ORGANIZATION_SHARE = 0.5
"""What a verified organization alone is worth, without verified evidence for the offer at hand."""
_HALF_PROJECTS = 2.0
"""Projects on the subject for which half of the track record's points are given."""
_HALF_COOPERATION = 2.0
"""Declared weight of past cooperation for which half of its points are given."""


class TrackRecordCriterion(Criterion):
    """Past projects on the subject, each counting as far as it is about it."""

    name: ClassVar[str] = "track_record"

    def asked(self, query: Query) -> bool:
        """Ask always."""
        return True

    def assess(self, board: Board) -> Assessment:
        """Return the saturated number of projects on the subject, unknown without any project."""
        projects = board.records.documents.kind[board.rows.document] == EXPERIENCE
        weight = np.where(projects, board.row_topical, 0.0)
        # Sums of rounded values do not depend on their order.
        total = np.bincount(board.row_pair, np.rint(weight * 2**30) / 2**30, minlength=len(board.pairs))
        share = np.where(total > 0, total / (total + _HALF_PROJECTS), np.nan)
        return Assessment(share, board.best(np.where(projects, board.row_topical, np.nan))[1])

    def describe(self, board: Board, pair: int, assessment: Assessment) -> Detail:
        """Say how many projects count."""
        part = slice(int(board.pairs.starts[pair]), int(board.pairs.starts[pair + 1]))
        projects = board.records.documents.kind[board.rows.document[part]] == EXPERIENCE
        return Detail("track_record.projects", {"projects": int(np.count_nonzero(projects))})


class VerifiedEvidenceCriterion(OfferCriterion):
    """What others have verified: evidence for the offer, and the organization itself."""

    name: ClassVar[str] = "verified_evidence"
    fields: ClassVar[tuple[str, ...]] = ("verified",)

    def asked(self, query: Query) -> bool:
        """Ask always."""
        return True

    def fit(self, board: Board) -> Floats:
        """Return the aged weight of the offer's evidence, or half the organization's level where that is more."""
        offer = board.records.documents.verified[board.rows.document]
        organization = board.records.organizations.verification[board.rows.organization]
        return np.asarray(np.fmax(offer, organization * _ORGANIZATION_SHARE))

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return both levels."""
        return {
            "evidence": number(board.records.documents.verified[board.rows.document[row]]),
            "organization": number(board.records.organizations.verification[board.rows.organization[row]]),
        }


class PastCooperationCriterion(Criterion):
    """Who has worked with whom: in projects on the subject, in general, through common partners, or as declared."""

    name: ClassVar[str] = "past_cooperation"

    def asked(self, query: Query) -> bool:
        """Ask when the need has an owner."""
        return query.need.organization is not None

    def assess(self, board: Board) -> Assessment:
        """Return what shared projects earn; declared cooperation counts where no shared project tells of it.

        Unknown for an owner who is not known to have worked with anybody.
        """
        share = np.full(len(board.pairs), np.nan)
        for index, query in enumerate(board.queries):
            owner = board.records.owner(query)
            if owner >= 0 and self._has_partners(board, owner):
                part = board.pairs_of(index)
                others = board.pairs.organization[part]
                share[part] = self._declared(board, owner, others) * board.pair_topical[part]
                if board.records.cooperation.knows(owner):
                    found = self._shared(board, index, others)
                    share[part] = np.where(found.projects > 0, found.share, np.fmax(found.share, share[part]))
        return Assessment(share, np.full(len(board.pairs), -1, dtype=np.int64))

    def describe(self, board: Board, pair: int, assessment: Assessment) -> Detail:
        """Say in how many projects the two have worked together."""
        need = int(board.pairs.need[pair])
        owner, other = board.records.owner(board.queries[need]), board.pairs.organization[pair : pair + 1]
        known = board.records.cooperation.knows(owner)
        if known and (projects := int(board.records.cooperation.together(owner, other)[0])):
            return Detail("past_cooperation.projects", {"projects": projects})
        declared = self._declared(board, owner, other)[0]
        if known and not declared and self._shared(board, need, other).indirect[0] > 0:
            return Detail("past_cooperation.indirect")
        return Detail(f"past_cooperation.{grade(float(declared))}")

    def _has_partners(self, board: Board, owner: int) -> bool:
        return bool(board.records.cooperation.knows(owner) or len(board.records.organizations.partners.row(owner)))

    def _shared(self, board: Board, need: int, organizations: Ints) -> Cooperation:
        passages, relevance = distinct_passages(board.askers_of(need), board.records.documents.passage)
        owner = board.records.owner(board.queries[need])
        return past_cooperation(board.records.cooperation, owner, passages, relevance, organizations)

    def _declared(self, board: Board, owner: int, others: Ints) -> Floats:
        """Return the saturated weight of the cooperation that the owner declares with each of some organizations."""
        table = board.records.organizations
        weights = np.zeros(len(others))
        partners = zip(table.partners.row(owner).tolist(), table.partner_weights.row(owner).tolist(), strict=True)
        for code, weight in partners:
            weights[table.code[others] == code] += weight
        return weights / (weights + _HALF_COOPERATION)


class FreshnessCriterion(OfferCriterion):
    """How recently the document, or else the organization's record, was confirmed."""

    name: ClassVar[str] = "freshness"
    fields: ClassVar[tuple[str, ...]] = ("day",)

    def asked(self, query: Query) -> bool:
        """Ask when the need says as of which day."""
        return query.need.as_of is not None

    def fit(self, board: Board) -> Floats:
        """Return a half per half-life; what is dated in the future, as after a clock jumped, counts as of today."""
        age = self._age(board, np.arange(len(board.rows.need)))
        return np.asarray(0.5 ** (age / board.settings.freshness_half_life))

    def arguments(self, board: Board, row: int) -> dict[str, JsonValue]:
        """Return the age in days."""
        return {"days": number(float(self._age(board, np.array([row]))[0]))}

    def _age(self, board: Board, rows: Ints) -> Floats:
        day = board.records.documents.day[board.rows.document[rows]]
        known = np.where(np.isnan(day), board.records.organizations.day[board.rows.organization[rows]], day)
        return np.asarray(np.maximum(board.today[board.rows.need[rows]] - known, 0.0))
