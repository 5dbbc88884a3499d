"""Cooperation: who has worked with whom, read from the past projects that organizations share.

A project with several participants is one passage behind a document of each of them, so the passages themselves tell
who was in it; nobody has to declare it. Values are rounded to fixed binary fractions before they are added up, so that
sums do not depend on the order in which an index holds its records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from matching.engine.columns import Array, Floats, Ints, Ragged
from matching.engine.tables import EXPERIENCE, DocumentTable

MOST_PARTICIPANTS: Final = 200
"""Above this a project is a list of members and says nothing about who worked with whom."""
_EXACT: Final = 2.0**40
_RELEVANCE_POWER: Final = 3
"""High values let the one shared project on the subject count, and not the many on other subjects."""
_HALF_ON_SUBJECT: Final = 2e-4
"""What a project of five participants weighs whose relevance is 0.1: half of the points for shared work."""
_HALF_INDIRECT: Final = 3.0
_ON_SUBJECT, _CLOSE, _INDIRECT = 0.5, 0.3, 0.2
"""How the three kinds of cooperation share the points, as earlier periods of real consortia teach it."""


@dataclass(frozen=True, slots=True)
class CooperationGraph:
    """Projects that more than one organization took part in, as the organizations' documents tell."""

    projects: Ragged
    """By organization, the passages of its shared projects, in ascending order."""
    members: Ragged
    """By passage, the organizations that share it; empty for what nobody shares."""

    @classmethod
    def of(cls, documents: DocumentTable, rows: Ints, *, organizations: int, passages: int) -> Self:
        """Read the graph from the given rows of documents."""
        told = telling(documents, rows)
        width = max(passages, 1)
        codes = documents.organization[told].astype(np.int64) * width + documents.passage[told].astype(np.int64)
        owner, passage = np.divmod(np.unique(codes), width)
        sharers = np.bincount(passage, minlength=passages)
        shared = (sharers[passage] > 1) & (sharers[passage] <= MOST_PARTICIPANTS)
        indptr = np.zeros(organizations + 1, dtype=np.int64)
        np.cumsum(np.bincount(owner[shared], minlength=organizations), out=indptr[1:])
        projects = Ragged(indptr, passage[shared])
        return cls(projects=projects, members=projects.invert(passages))

    def knows(self, organization: int) -> bool:
        """Say whether an organization has worked with anybody."""
        return bool(self._volume(np.array([organization]))[0])

    def together(self, organization: int, others: Array) -> Ints:
        """Return the number of projects that each of the others shared with an organization; none with itself."""
        own = np.zeros(len(self.members), dtype=np.bool_)
        own[self.projects.row(organization)] = True
        owners, positions = self.projects.expand(others)
        counts = np.bincount(owners[own[self.projects.values[positions]]], minlength=len(others))
        return np.where(others == organization, 0, counts)

    def closeness(self, organization: int, others: Array) -> Floats:
        """Return how much of their shared work each of the others did together with an organization, 0 to 1.

        The cosine over projects (Salton's measure of co-occurrence): the number of projects that both took part in,
        over the geometric mean of the numbers of each.
        """
        volume = np.maximum(self._volume(others) * self._volume(np.array([organization])), 1)
        return np.asarray(self.together(organization, others) / np.sqrt(volume))

    def shared_work(self, passages: Array, relevance: Array) -> Floats:
        """Return, by organization, the relevance of the projects given that it took part in.

        The sum of relevance^3 over the number of participants: in a crowd, fewer have met.
        """
        owners, positions = self.members.expand(passages)
        crowd = self.members.lengths(passages)
        weight = _exact(np.asarray(relevance, dtype=np.float64) ** _RELEVANCE_POWER / np.maximum(crowd, 1))
        return np.asarray(np.bincount(self.members.values[positions], weight[owners], minlength=len(self.projects)))

    def indirect_closeness(self, weights: Array, others: Array) -> Floats:
        """Return the closeness of each of the others to weighted organizations, the weights being at most 1.

        The sum of the weights times the closeness; nobody counts as close to itself.
        """
        partners = np.flatnonzero(weights)
        owners, positions = self.projects.expand(partners)
        pull = _exact(weights[partners] / np.sqrt(np.maximum(self._volume(partners), 1)))
        of_project = np.bincount(self.projects.values[positions], pull[owners], minlength=len(self.members))
        owners, positions = self.projects.expand(others)
        found = np.bincount(owners, of_project[self.projects.values[positions]], minlength=len(others))
        volume = np.sqrt(np.maximum(self._volume(others), 1))
        own = _exact(weights[others] / volume) * self._volume(others)
        return np.asarray(np.maximum(found - own, 0.0) / volume)

    def _volume(self, organizations: Array) -> Ints:
        return self.projects.lengths(organizations)


def telling(documents: DocumentTable, rows: Ints) -> Ints:
    """Return which of the given documents tell of past projects; what only an audience may know of does not count."""
    told = (documents.kind[rows] == EXPERIENCE) & ~documents.has_audience[rows].astype(np.bool_)
    return np.asarray(rows[told], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Cooperation:
    """What is known of an asker's past work with some organizations."""

    projects: Ints
    """Shared projects, whatever their subject."""
    on_subject: Floats
    """Shared projects on the subject asked for, saturated, 0 to 1."""
    close: Floats
    """Share of all work that was done together, 0 to 1."""
    indirect: Floats
    """Closeness to those with whom the asker worked on the subject, saturated, 0 to 1."""

    @property
    def share(self) -> Floats:
        """All of it as one value, 0 to 1."""
        return np.asarray(_ON_SUBJECT * self.on_subject + _CLOSE * self.close + _INDIRECT * self.indirect)


def past_cooperation(
    graph: CooperationGraph, asker: int, passages: Array, relevance: Array, others: Array
) -> Cooperation:
    """Return an asker's cooperation with others on a subject.

    Args:
        graph: who was in which project.
        asker: row of the organization that asks.
        passages: distinct passages of its documents that the need brought up.
        relevance: how relevant each of them is to the need, 0 to 1.
        others: rows of the organizations asked about.
    """
    on_subject = work_on_subject(graph, asker, passages, relevance)
    indirect = graph.indirect_closeness(on_subject, others)
    return Cooperation(
        projects=graph.together(asker, others),
        on_subject=on_subject[others],
        close=graph.closeness(asker, others),
        indirect=indirect / (indirect + _HALF_INDIRECT),
    )


def work_on_subject(graph: CooperationGraph, asker: int, passages: Array, relevance: Array) -> Floats:
    """Return, by organization, its shared projects with an asker on a subject, saturated, 0 to 1.

    The arguments are those of `past_cooperation`.
    """
    work = graph.shared_work(passages, relevance)
    work[asker] = 0.0
    return work / (work + _HALF_ON_SUBJECT)


def share_by_subject(on_subject: Floats) -> Floats:
    """Return the part of `Cooperation.share` that work on the subject gives, without looking at anything else."""
    return _ON_SUBJECT * on_subject


def _exact(values: Floats) -> Floats:
    return np.asarray(np.rint(values * _EXACT) / _EXACT)
