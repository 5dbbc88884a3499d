"""Which needs a change touches: all whose lists it moves, through whomever, and not the others."""

import pytest

from matching.engine import Document, Index, Need, Organization, Settings, Taxonomy, Text, build_index
from tests.matching.engine.builders import TODAY, make_settings, match_one

pytestmark = pytest.mark.database_free

TAPE = "superconducting tape coating deposition furnace"
PLANKTON = "marine biology plankton sampling cruise"
Records = dict[str, list[str]]
"""Who took part in which past projects: several names, parted by spaces, by what the project was about."""


def world(projects: Records, settings: Settings, **countries: str) -> Index:
    """An index over past projects."""
    names = sorted({name for members in projects.values() for name in " ".join(members).split()})
    organizations = [Organization(name, country=countries.get(name, "CN")) for name in names]
    return build_index(documents(projects), organizations, Taxonomy((), ()), settings)


def documents(projects: Records) -> list[Document]:
    """One document for everybody's part in each project."""
    return [
        Document(f"{place}/{subject}/{name}", name, "experience", (Text("en", subject, ""),), day=TODAY)
        for subject, groups in projects.items()
        for place, members in enumerate(groups)
        for name in members.split()
    ]


def wanted(**fields: object) -> Need:
    """What the asker looks for."""
    texts = (Text("en", "superconducting tape coating wanted", ""),)
    return Need(**{"id": "need", "organization": "asker", "texts": texts, "as_of": TODAY, **fields})


def scores(index: Index, need: Need) -> list[tuple[str, float]]:
    return [(match.organization, float(match.score)) for match in match_one(index, need).matches]


def is_touched(index: Index, former: Index, need: Need, *changed: str) -> bool:
    [(name, touched)] = index.touched([need], former=former, changed=changed)
    assert name == need.id
    return touched


SETTINGS = make_settings()


def test_who_left_a_project_on_another_subject_brings_those_who_stay_closer() -> None:
    former = world({TAPE: ["asker cora"], PLANKTON: ["cora bert"], "superconducting slitting": ["zoe"]}, SETTINGS)
    index = former.replace([], [], removed=["bert"])
    assert scores(index, wanted()) != scores(former, wanted())
    assert is_touched(index, former, wanted(), "bert")


def test_who_is_barred_takes_from_what_a_project_says_about_the_others() -> None:
    former = world({TAPE: ["cora"], PLANKTON: ["bert"]}, SETTINGS, bert="US")
    need = wanted(eligible_countries=frozenset({"CN"}))
    index = former.replace(documents({TAPE: ["bert"]}), [Organization("bert", country="US")])
    assert scores(index, need) != scores(former, need)
    assert is_touched(index, former, need, "bert")


def test_who_is_below_the_cut_takes_part_in_what_lies_above_it() -> None:
    former = world({TAPE: ["cora bert"], f"{TAPE} superconducting tape": ["cora"]}, make_settings(top_k=1))
    index = former.replace([], [], removed=["bert"])
    assert scores(index, wanted()) != scores(former, wanted())
    assert is_touched(index, former, wanted(), "bert")


def test_what_is_only_a_candidate_can_push_another_out() -> None:
    settings = make_settings(top_k=1, shortlist=1, passages=1, candidates=1)
    former = world({TAPE: ["cora"], PLANKTON: ["bert"]}, settings)
    index = former.replace(documents({"superconducting tape coating": ["bert"]}), [Organization("bert")])
    assert scores(index, wanted()) != scores(former, wanted())
    assert is_touched(index, former, wanted(), "bert")


def test_needs_on_another_subject_are_left_alone() -> None:
    former = world({TAPE: ["asker cora"], PLANKTON: ["bert dora"], "glass kiln": ["erin"]}, SETTINGS)
    index = former.replace(documents({PLANKTON: ["bert"], "glass": ["bert"]}), [Organization("bert")])
    assert not is_touched(index, former, wanted(), "bert")
    assert is_touched(index, former, wanted(texts=(Text("en", "plankton", ""),)), "bert")


def test_partners_in_projects_that_did_not_change_are_left_alone() -> None:
    former = world({TAPE: ["cora"], PLANKTON: ["cora bert"]}, SETTINGS)
    again = documents({PLANKTON: ["bert"], "glass kiln": ["bert"]})
    index = former.replace(again, [Organization("bert", country="CN")])
    assert not is_touched(index, former, wanted(), "bert")
    assert scores(index, wanted()) == scores(former, wanted())


def test_a_need_that_cannot_be_matched_is_not_touched() -> None:
    former = world({TAPE: ["cora", "bert"]}, SETTINGS)
    assert not is_touched(former.replace([], [], removed=["bert"]), former, wanted(closed=True), "bert")
