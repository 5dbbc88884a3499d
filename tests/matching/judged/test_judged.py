"""`manage.py evaluate judged` over a set small enough to check by hand."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from matching.engine import Settings
from matching.evaluation.judged import evaluate_judged, measure_organizations, rank_judged
from matching.evaluation.judged_set import read_judged_set
from matching.evaluation.ranking import Ranked
from tests.matching.judged.authoring import write_set

pytestmark = pytest.mark.database_free

WORDS = Settings(encoder=None)


@pytest.fixture(autouse=True)
def words_only(settings: Any) -> None:
    settings.MATCHING_ENCODER = ""


def evaluate(folder: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("evaluate", "judged", str(folder), *arguments, stdout=out)
    return out.getvalue()


def test_json_is_one_line_with_every_measure(tmp_path: Path) -> None:
    out = evaluate(write_set(tmp_path), "--json")
    assert out.count("\n") == 1
    report = json.loads(out)
    assert report["counts"] == {"needs": 3, "organizations": 2, "capabilities": 3, "experience": 1, "judgements": 6}
    for name in ("capabilities", "organizations"):
        section = report[name]
        assert section["needs"] == 2
        assert section["MRR"] == 1
        assert {"nDCG@10", "R@20"} <= set(section)
    assert set(report["splits"]) == {"zh→zh", "zh→en", "en→zh", "en→en"}
    assert report["splits"]["zh→zh"]["nDCG@10"] == 1


def test_people_get_lines(tmp_path: Path) -> None:
    out = evaluate(write_set(tmp_path))
    assert "3 needs" in out
    assert "zh→en (1 needs)" in out


def test_settings_are_compared(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"encoder": null, "b": 0.1}')
    report = json.loads(evaluate(write_set(tmp_path / "set"), "--json", "--against", str(other)))
    compared = report["capabilities"]["against"]
    difference = report["capabilities"]["nDCG@10"] - compared["nDCG@10"]
    assert compared["differences"]["nDCG@10"]["difference"] == pytest.approx(difference, abs=1e-3)


def test_every_row_is_written_once(tmp_path: Path) -> None:
    evaluate(write_set(tmp_path / "set"), "--scores", str(tmp_path / "scores.csv"))
    with (tmp_path / "scores.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len({(row["need"], row["capability"]) for row in rows}) == len(rows) == 3 * 3
    assert {row["organization"] for row in rows} == {"o1", "o2"}
    assert all(float(row["score"]) >= 0 for row in rows)


def test_who_has_experience_alone_is_written_without_a_capability(tmp_path: Path) -> None:
    folder = write_set(tmp_path, capabilities=None, qrels={"n1": {"o1": 1}})
    report = evaluate_judged(folder, settings=WORDS)
    assert {(need, capability) for need, _, capability, _ in report.rows()} == {("n1", ""), ("n2", ""), ("n3", "")}
    assert len(list(report.rows())) == 3 * 2


def test_rows_end_at_the_top_and_metrics_read_on(tmp_path: Path) -> None:
    folder = write_set(tmp_path)
    short, long = (evaluate_judged(folder, settings=WORDS, top=top) for top in (1, 1000))
    assert len(list(short.rows())) == 3
    assert short.as_json()["organizations"] == long.as_json()["organizations"]


@pytest.mark.parametrize("arguments", [("--top", "0"), ("--engine-settings", "nowhere.json")])
def test_unusable_options_are_named(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"top|nowhere"):
        evaluate(write_set(tmp_path), *arguments)


def test_researchers_with_papers_and_nothing_else(tmp_path: Path) -> None:
    papers = [
        {"id": 1, "org": "ada", "lang": "en", "title": "Compilers for analytical engines", "summary": "Loops"},
        {"id": 2, "org": "max", "lang": "en", "title": "Coral reef biology", "summary": "Fish"},
    ]
    folder = write_set(
        tmp_path,
        organizations=None,
        capabilities=None,
        experience=papers,
        needs=[{"id": "n", "lang": "en", "title": "An engine that compiles"}],
        qrels={"n": {"ada": 5, "max": 1}},
    )
    report = json.loads(evaluate(folder, "--json"))
    assert report["capabilities"] is None
    assert report["splits"] == {}
    assert report["organizations"]["nDCG@10"] == 1


def test_more_papers_than_candidates_are_all_ranked(tmp_path: Path) -> None:
    papers = [
        {
            "id": place,
            "org": f"o{place % 7}",
            "lang": "en",
            "title": "Coral reefs" if place % 3 else "Solid electrolyte",
        }
        for place in range(WORDS.candidates + 10)
    ]
    folder = write_set(
        tmp_path,
        organizations=None,
        capabilities=None,
        experience=papers,
        needs=[{"id": "n", "lang": "en", "title": "Solid electrolyte"}],
        qrels={"n": {"o1": 1}},
    )
    report = evaluate_judged(folder, settings=WORDS)
    assert len(report.lists.organizations[0].organizations) == 7
    assert min(report.lists.organizations[0].scores) > 0


def test_lists_reach_down_to_the_top_however_many_organizations_there_are(tmp_path: Path) -> None:
    papers = [
        {"id": f"e{i}", "org": f"o{i}", "lang": "en", "title": f"Battery cells {i % 7}", "summary": "electrolyte"}
        for i in range(1100)
    ]
    folder = write_set(
        tmp_path,
        organizations=None,
        capabilities=None,
        experience=papers,
        needs=[{"id": "n", "lang": "en", "title": "Battery electrolyte"}],
        qrels={"n": {"o1": 1}},
    )
    assert len(list(evaluate_judged(folder, settings=WORDS).rows())) == 1000
    assert len(list(evaluate_judged(folder, settings=WORDS, top=1050).rows())) == 1050


def test_without_judgements_rows_are_ranked_all_the_same(tmp_path: Path) -> None:
    report = json.loads(evaluate(write_set(tmp_path, qrels=None), "--json"))
    assert report["capabilities"] is None
    assert report["organizations"] is None


def test_an_organization_is_as_good_as_its_best_capability(tmp_path: Path) -> None:
    judged = read_judged_set(write_set(tmp_path, qrels={"n1": {"c2": 1, "c3": 3}, "n2": {"o1": 2}}))
    lists = rank_judged(judged, WORDS)
    turned = type(lists)((), (Ranked("n1", ("o1", "o2"), (2.0, 1.0)), Ranked("n2", ("o2", "o1"), (2.0, 1.0))))
    assert measure_organizations(judged, turned)["MRR"] == [0.5, 0.5]


def test_the_order_of_entries_does_not_matter(tmp_path: Path) -> None:
    judged = read_judged_set(write_set(tmp_path / "one"))
    folder = write_set(tmp_path / "two")
    for path in folder.glob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        turned = content[::-1] if isinstance(content, list) else dict(reversed(content.items()))
        path.write_text(json.dumps(turned), encoding="utf-8")
    first, second = rank_judged(judged, WORDS), rank_judged(read_judged_set(folder), WORDS)
    assert set(first.capabilities) == set(second.capabilities)
    assert set(first.organizations) == set(second.organizations)
