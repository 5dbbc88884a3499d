import pytest

from matching.engine import Route, Taxonomy, Technology
from matching.engine.graph import TechnologyGraph
from tests.matching.engine.builders import TAXONOMY, make_settings

pytestmark = pytest.mark.database_free


def graph(*technologies: Technology, routes: tuple[Route, ...] = ()) -> TechnologyGraph:
    return TechnologyGraph(Taxonomy(technologies, routes), make_settings())


def test_neighbours_meet_a_wish_with_less_weight() -> None:
    found = TechnologyGraph(TAXONOMY, make_settings()).fulfilments("ssb")
    assert {name: (one.weight, one.relation) for name, one in found.items()} == {
        "ssb": (1.0, "same"),
        "energy-storage": (0.6, "broader"),
        "sodium-ion": (0.4, "related"),
        "lithium-metal": (0.3, "dependency"),
    }


def test_weights_multiply_along_the_hierarchy_and_related_holds_both_ways() -> None:
    chain = graph(Technology("a", related=("z",)), Technology("b", broader=("a",)), Technology("c", broader=("b",)))
    assert chain.fulfilments("a")["c"].weight == pytest.approx(0.64)
    assert chain.fulfilments("z")["a"].relation == "related"


def test_a_cycle_ends_and_is_reported() -> None:
    cycle = graph(Technology("a", broader=("b",)), Technology("b", broader=("a",)))
    assert cycle.fulfilments("a")["a"].weight == 1
    assert [problem.code for problem in cycle.problems()] == ["cycle", "cycle"]


def test_dangling_references_are_reported() -> None:
    found = graph(Technology("a", depends_on=("nowhere",)), routes=(Route("r", "gone"),)).problems()
    assert {(problem.id, problem.code) for problem in found} == {
        ("a", "dangling_reference"),
        ("r", "dangling_reference"),
    }


def test_an_unknown_technology_fulfils_itself_alone() -> None:
    assert set(graph().fulfilments("x")) == {"x"}
