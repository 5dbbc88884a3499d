from pathlib import Path
from typing import Any

import pytest

from matching.evaluation.judged_set import read_judged_set
from ronghe.common.errors import InvalidInput
from tests.matching.judged.authoring import CAPABILITIES, NEEDS, ORGANIZATIONS, QRELS, write_set

pytestmark = pytest.mark.database_free


def test_a_set_becomes_records_of_the_engine(tmp_path: Path) -> None:
    judged = read_judged_set(write_set(tmp_path))
    first, second = judged.organizations
    assert (first.type, second.sme) == ("research_institute", True)
    capability = judged.capabilities[0]
    assert (capability.organization, capability.trl, capability.supply_role) == ("o1", (5, 7), "process")
    assert judged.capabilities[1].trl == (8, 8)
    assert judged.experience[0].day is not None
    assert judged.grades["n1"] == {"c1": 3, "c3": 1}
    assert judged.ignored == {}


def test_labels_in_a_need_are_its_technologies_and_routes(tmp_path: Path) -> None:
    needs = read_judged_set(write_set(tmp_path)).needs
    assert {(use.technology, use.route) for use in needs[0].technologies} == {
        ("solid-state battery", "solid-state battery/硫化物")
    }
    assert {use.route for use in needs[1].technologies} == {"solid-state battery/oxide"}
    assert needs[2].technologies == ()


def test_what_states_no_language_has_that_of_its_script(tmp_path: Path) -> None:
    def silent(rows: list) -> list:
        return [{name: value for name, value in row.items() if name != "lang"} for row in rows]

    judged = read_judged_set(write_set(tmp_path, needs=silent(NEEDS), capabilities=silent(CAPABILITIES)))
    assert judged.need_languages == {"n1": "zh", "n2": "en", "n3": "en"}
    assert judged.capability_languages == {"c1": "zh", "c2": "en", "c3": "en"}


def test_a_label_of_one_language_alone_is_nobodys_technology(tmp_path: Path) -> None:
    chinese = [{**CAPABILITIES[0], "technology_labels": ["固态电池"]}]
    assert read_judged_set(write_set(tmp_path / "one", capabilities=chinese)).needs[0].technologies
    mixed = [*chinese, CAPABILITIES[2]]
    assert not read_judged_set(write_set(tmp_path / "two", capabilities=mixed)).needs[0].technologies


def test_quantities_meet_across_names_and_units(tmp_path: Path) -> None:
    judged = read_judged_set(write_set(tmp_path))
    [asked], [measured] = judged.needs[0].parameters, judged.capabilities[0].parameters
    assert (asked.quantity, asked.dimension) == (measured.quantity, measured.dimension)
    assert asked.low == pytest.approx(1.08e6)
    assert measured.low == pytest.approx(1.44e6)


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [("≤", 2, ("le", None, 2.0)), ("between", [3, 1], ("between", 1.0, 3.0)), (None, 5, ("eq", 5.0, None))],
)
def test_operators(tmp_path: Path, operator: str | None, value: Any, expected: tuple) -> None:
    need = {"id": "n", "title": "x", "parameters": [{"name_en": "mass", "value": value, "operator": operator}]}
    [found] = read_judged_set(write_set(tmp_path, needs=[need])).needs[0].parameters
    assert (found.operator, found.low, found.high) == expected


def test_what_is_unknown_is_ignored_and_counted(tmp_path: Path) -> None:
    needs = [{**NEEDS[0], "colour": "red", "parameters": [{"name_en": "life", "value": "long", "unit": "年年"}]}]
    extra = [{"name_en": "life", "value": 7, "unit": "no such unit"}]
    judged = read_judged_set(
        write_set(
            tmp_path,
            needs=needs,
            capabilities=[{**CAPABILITIES[0], "parameters": extra}],
            qrels={"n1": {"c1": 2, "gone": 3}, "nobody": {"c1": 1}},
            notes={"anything": 1},
        )
    )
    assert judged.ignored == {
        "needs.json: colour": 1,
        "notes.json": 1,
        "parameters without a name, a number or a known operator": 1,
        "qrels.json: items that are not there": 1,
        "qrels.json: needs that are not there": 1,
        "units that are not known, compared as they are written": 1,
    }
    assert judged.capabilities[0].parameters[0].low == 7
    assert judged.grades == {"n1": {"c1": 2}}


def test_everything_but_needs_may_be_missing(tmp_path: Path) -> None:
    judged = read_judged_set(
        write_set(tmp_path, organizations=None, capabilities=None, experience=None, qrels=None, needs=[{"id": 7}])
    )
    assert [need.id for need in judged.needs] == ["7"]
    assert judged.organizations == ()
    assert judged.grades == {}


def test_organizations_that_only_documents_name_are_there(tmp_path: Path) -> None:
    judged = read_judged_set(write_set(tmp_path, organizations=[ORGANIZATIONS[0]]))
    assert [item.id for item in judged.organizations] == ["o1", "o2"]


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"needs": None}, "needs.json"),
        ({"needs": []}, "needs.json"),
        ({"needs": {"a": 1}}, "needs.json: it is not a list"),
        ({"needs": ["text"]}, "needs.json, entry 0"),
        ({"needs": [{"title": "no id"}]}, "needs.json, entry 0: id"),
        ({"needs": [NEEDS[0], NEEDS[0]]}, "needs.json, n1: id"),
        ({"needs": [{"id": "n", "title": 7}]}, "needs.json, n: title"),
        ({"capabilities": [{"id": "c", "org": []}]}, "capabilities.json, c: org"),
        ({"qrels": []}, "qrels.json"),
        ({"qrels": {"n1": ["c1"]}}, "qrels.json, n1"),
        ({"qrels": {"n1": {"c1": "good"}}}, "qrels.json, n1: c1"),
        ({"qrels": {**QRELS, "n1": {"c1": float("nan")}}}, "qrels.json, n1: c1"),
    ],
)
def test_a_fault_is_named_by_file_entry_and_field(tmp_path: Path, files: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        read_judged_set(write_set(tmp_path, **files))


@pytest.mark.parametrize(
    ("file", "entry", "field"),
    [
        ("needs", {"trl": [0, 12]}, "trl"),
        ("needs", {"trl": [7, 3]}, "trl"),
        ("needs", {"trl": [None, 3]}, "trl"),
        ("needs", {"trl": "high"}, "trl"),
        ("needs", {"route_locked": "yes"}, "route_locked"),
        ("needs", {"sought_org_types": [3]}, "sought_org_types"),
        ("needs", {"parameters": {"a": 1}}, "parameters"),
        ("capabilities", {"technology_labels": 7}, "technology_labels"),
        ("capabilities", {"supply_role": 7}, "supply_role"),
        ("organizations", {"sme": "small"}, "sme"),
        ("experience", {"year": "last"}, "year"),
        ("experience", {"year": 0}, "year"),
    ],
)
def test_an_optional_field_that_cannot_be_used_is_left_out_and_counted(
    tmp_path: Path, file: str, entry: dict[str, Any], field: str
) -> None:
    judged = read_judged_set(write_set(tmp_path, **{file: [{"id": "x", "title": "Oxide cells", **entry}]}))
    assert judged.ignored[f"{file}.json: {field} that cannot be used"] == 1
    assert read_judged_set(write_set(tmp_path, **{file: [{"id": "x", "title": "Oxide cells"}]})).needs == judged.needs


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[" * 100_000, b'[{"id": "n"'])
def test_a_file_that_is_no_json_is_named(tmp_path: Path, content: bytes) -> None:
    (write_set(tmp_path) / "capabilities.json").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"capabilities\.json"):
        read_judged_set(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not a folder"):
        read_judged_set(tmp_path / "nowhere")
