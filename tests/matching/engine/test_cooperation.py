"""The graph of cooperation against sets of participants written down plainly."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.cooperation import CooperationGraph, past_cooperation
from matching.engine.tables import KINDS

pytestmark = pytest.mark.database_free

ORGANIZATIONS, PASSAGES = 5, 6
rows = st.lists(
    st.tuples(st.integers(0, ORGANIZATIONS - 1), st.integers(0, PASSAGES - 1), st.sampled_from(KINDS), st.booleans()),
    max_size=30,
)


class Documents:
    """The columns that the graph reads."""

    def __init__(self, given: list[tuple[int, int, str, bool]]) -> None:
        self.organization = np.array([row[0] for row in given], dtype=np.int32)
        self.passage = np.array([row[1] for row in given], dtype=np.int32)
        self.kind = np.array([KINDS.index(row[2]) for row in given], dtype=np.int8)
        self.has_audience = np.array([row[3] for row in given], dtype=np.bool_)


def graph_of(given: list[tuple[int, int, str, bool]], organizations: int, passages: int) -> CooperationGraph:
    return CooperationGraph.of(Documents(given), np.arange(len(given)), organizations=organizations, passages=passages)


def shared_projects(given: list[tuple[int, int, str, bool]]) -> dict[int, set[int]]:
    """Participants of every project that more than one organization openly took part in."""
    told = {(one, passage) for one, passage, kind, hidden in given if kind == "experience" and not hidden}
    members = {passage: {one for one, other in told if other == passage} for passage in range(PASSAGES)}
    return {passage: everybody for passage, everybody in members.items() if len(everybody) > 1}


def cosine(members: dict[int, set[int]], one: int, other: int) -> float:
    mine = {passage for passage, everybody in members.items() if one in everybody}
    theirs = {passage for passage, everybody in members.items() if other in everybody}
    return len(mine & theirs) / math.sqrt(len(mine) * len(theirs)) if mine and theirs and one != other else 0.0


@given(rows, st.lists(st.sampled_from((0.0, 0.1, 0.4, 1.0)), min_size=PASSAGES, max_size=PASSAGES))
def test_against_sets(given: list[tuple[int, int, str, bool]], relevance: list[float]) -> None:
    graph, members = graph_of(given, ORGANIZATIONS, PASSAGES), shared_projects(given)
    everybody = range(ORGANIZATIONS)
    others = np.arange(ORGANIZATIONS)
    for asker in everybody:
        assert graph.knows(asker) == any(asker in parts for parts in members.values())
        together = [sum({asker, other} <= parts for parts in members.values()) for other in everybody]
        together[asker] = 0
        assert graph.together(asker, others).tolist() == together
        assert graph.closeness(asker, others).tolist() == pytest.approx(
            [cosine(members, asker, other) for other in everybody]
        )
        own = [passage for passage, parts in sorted(members.items()) if asker in parts]
        found = past_cooperation(graph, asker, np.array(own, dtype=int), np.array([relevance[p] for p in own]), others)
        work = [
            0.0 if other == asker else sum(relevance[p] ** 3 / len(members[p]) for p in own if other in members[p])
            for other in everybody
        ]
        on_subject = [value / (value + 2e-4) for value in work]
        indirect = [
            sum(on_subject[partner] * cosine(members, partner, other) for partner in everybody) for other in everybody
        ]
        assert found.on_subject.tolist() == pytest.approx(on_subject)
        assert found.indirect.tolist() == pytest.approx([value / (value + 3) for value in indirect], abs=1e-6)
        assert found.projects.tolist() == together
        assert ((found.share >= 0) & (found.share <= 1)).all()


@given(rows, st.randoms(use_true_random=False))
def test_the_numbering_of_organizations_and_passages_changes_no_value(
    given: list[tuple[int, int, str, bool]], order: random.Random
) -> None:
    new_names, new_passages = list(range(ORGANIZATIONS)), list(range(PASSAGES))
    order.shuffle(new_names)
    order.shuffle(new_passages)
    renamed = [(new_names[one], new_passages[passage], kind, hidden) for one, passage, kind, hidden in given]
    graph, other = graph_of(given, ORGANIZATIONS, PASSAGES), graph_of(renamed, ORGANIZATIONS, PASSAGES)
    weights = np.array([0.1, 0.7, 0.3, 0.9, 0.2])
    moved = np.empty(ORGANIZATIONS)
    moved[new_names] = weights
    everybody = np.arange(ORGANIZATIONS)
    assert (
        graph.indirect_closeness(weights, everybody).tolist()
        == other.indirect_closeness(moved, np.array(new_names)).tolist()
    )


def test_a_project_of_everybody_says_nothing_of_who_worked_with_whom() -> None:
    crowd = [(organization, 0, "experience", False) for organization in range(201)]
    assert not graph_of(crowd, 201, 1).knows(0)


def test_nobody_and_nothing() -> None:
    assert graph_of([], 2, 0).closeness(0, np.arange(2)).tolist() == [0.0, 0.0]
