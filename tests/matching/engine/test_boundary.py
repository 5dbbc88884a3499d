"""Unusable records are named and reported; the rest goes on. And the engine stands alone."""

import subprocess
import sys
from dataclasses import replace

import pytest

from matching.engine import Need, Organization, Parameter, TechnologyUse, Text, build_index
from tests.matching.engine.builders import (
    TAXONOMY,
    TODAY,
    make_document,
    make_index,
    make_need,
    make_settings,
    match_one,
)

pytestmark = pytest.mark.database_free

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"trl": (7, 4)}, "trl"),
        ({"trl": (3, 11)}, "trl"),
        ({"trl": (NAN, 4)}, "trl"),
        ({"mrl": (0, 4)}, "mrl"),
        ({"price": (0, INFINITE)}, "price"),
        ({"available": (TODAY, TODAY - 1)}, "available"),
        ({"capacity": 1.5}, "capacity"),
        ({"capacity": NAN}, "capacity"),
        ({"verified": -0.1}, "verified"),
        ({"day": NAN}, "day"),
        ({"valid_until": INFINITE}, "valid_until"),
        ({"kind": "dream"}, "kind"),
        ({"role": "boss"}, "role"),
        ({"id": ""}, "id"),
        ({"id": "x" * 201}, "id"),
        ({"id": "a\nb"}, "id"),
        ({"texts": (Text("en", None),)}, "texts"),
        ({"technologies": (TechnologyUse("ssb", weight=NAN),)}, "ssb"),
        ({"technologies": (TechnologyUse("ssb", weight=0),)}, "ssb"),
        ({"parameters": (Parameter("mass", "eq", NAN),)}, "mass"),
        ({"parameters": (Parameter("mass", "ge", None),)}, "mass"),
        ({"parameters": (Parameter("mass", "between", 2.0, 1.0),)}, "mass"),
        ({"parameters": (Parameter("mass", "about", 2.0),)}, "mass"),
        ({"parameters": (Parameter("mass", "eq", 2.0, tolerance=-1.0),)}, "mass"),
        ({"organization": "nobody"}, "nobody"),
    ],
)
def test_a_bad_document_is_skipped_and_named(fields: dict[str, object], named: str) -> None:
    bad = replace(make_document("bad"), **fields)
    good = make_document("good", "dora")
    index = build_index([good, bad], [Organization("bob"), Organization("dora")], TAXONOMY, make_settings())
    [problem] = index.problems
    assert (problem.record, problem.id) == ("document", bad.id)
    assert named in problem.message
    assert [match.organization for match in match_one(index, make_need()).matches] == ["dora"]


@pytest.mark.parametrize(
    ("organization", "named"),
    [
        (Organization("bad", place=(91.0, 0.0)), "place"),
        (Organization("bad", place=(NAN, 0.0)), "place"),
        (Organization("bad", verification=NAN), "verification"),
        (Organization("bad", partners=(("alice", -1.0),)), "partners"),
        (Organization("bad", day=NAN), "day"),
    ],
)
def test_a_bad_organization_is_skipped_and_named(organization: Organization, named: str) -> None:
    index = make_index([make_document()], [organization])
    [problem] = index.problems
    assert (problem.record, problem.id) == ("organization", "bad")
    assert named in problem.message


def test_a_bad_need_gets_an_empty_list_and_the_others_theirs() -> None:
    index = make_index([make_document()])
    first, second = index.match([make_need(id="bad", budget=(NAN, 1)), make_need(id="good")])
    assert first.matches == ()
    assert first.problem is not None
    assert (first.problem.id, first.problem.code) == ("bad", "invalid")
    assert len(second.matches) == 1


def test_the_same_record_twice_is_one_record() -> None:
    index = make_index([make_document(), make_document()])
    assert (index.documents, index.problems) == (1, ())


def test_different_records_under_one_id_are_both_refused() -> None:
    index = make_index([make_document(trl=(1, 2)), make_document(trl=(3, 4)), make_document("sound")])
    assert [(problem.id, problem.code) for problem in index.problems] == [("doc", "duplicate")]
    assert index.documents == 1


ODD = [
    "",
    "x",
    "\x00\x07",
    "🔋" * 500,
    "the of and",
    "电",
    "\ud800\udfff",
    "battery " * 20_000,
    "%PDF-1.7\x00\xff",
    "𠮷野",
]


@pytest.mark.parametrize("body", ODD)
def test_odd_texts_do_no_harm_on_either_side(body: str) -> None:
    odd = make_document("odd", "odd", texts=(Text("en", body, body),), technologies=())
    index = make_index(
        [make_document(), odd], settings=make_settings(encoder="matching.engine.encoding.UniversalSentenceEncoder")
    )
    assert match_one(index, make_need()).matches[0].organization == "bob"
    for lang in ("en", "zh-Hans", "no such language"):
        found = match_one(index, Need("n", texts=(Text(lang, body, body),)))
        assert found.problem is None
        assert all(0 <= match.score <= 100 for match in found.matches)


def test_the_engine_needs_neither_django_nor_celery() -> None:
    strangers = "{'django', 'celery', 'redis', 'consortia', 'ronghe'}"
    code = f"import sys, matching.engine; print({strangers} & {{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
