"""The reference set keeps its quality. Floors lie a little below what was measured; raise them as matching improves."""

import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from matching.engine import Settings, Taxonomy
from matching.evaluation.judged import JudgedReport, Lists, rank_judged
from matching.evaluation.judged_set import JudgedSet, read_judged_set
from matching.evaluation.reference import REFERENCE_FOLDER

pytestmark = pytest.mark.database_free


@pytest.fixture(scope="module")
def reference() -> JudgedSet:
    return read_judged_set(REFERENCE_FOLDER)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vectors")


def texts_only(judged: JudgedSet) -> JudgedSet:
    """The set without anything but titles and summaries."""
    bare = {"technologies": (), "supply_role": None, "trl": None, "parameters": ()}
    return replace(
        judged,
        needs=tuple(replace(need, partner_types=frozenset(), route_locked=False, **bare) for need in judged.needs),
        capabilities=tuple(replace(item, **bare) for item in judged.capabilities),
        organizations=tuple(replace(item, type=None) for item in judged.organizations),
        taxonomy=Taxonomy(),
    )


def ndcg(judged: JudgedSet, settings: Settings, cache: Path | None = None) -> tuple[float, float]:
    """nDCG@10 over all capabilities, and over those in the other language than the need's alone."""
    lists: Lists = rank_judged(judged, settings, cache=cache)
    report = JudgedReport(judged, lists, 1000, None, {}).as_json()
    across = [report["splits"][name] for name in ("zh→en", "en→zh")]
    return report["capabilities"]["nDCG@10"], statistics.fmean(part["nDCG@10"] for part in across)


def test_the_set_is_what_it_claims_to_be(reference: JudgedSet) -> None:
    assert len(reference.needs) >= 40
    assert len(reference.capabilities) >= 120
    assert set(reference.grades) == {need.id for need in reference.needs}
    assert {grade for items in reference.grades.values() for grade in items.values()} == {0, 1, 2, 3}
    for languages in (reference.need_languages, reference.capability_languages):
        chinese = sum(lang == "zh" for lang in languages.values()) / len(languages)
        assert 0.4 < chinese < 0.6
    assert reference.ignored == {}


def test_words_alone_carry_across_languages(reference: JudgedSet) -> None:
    overall, across = ndcg(texts_only(reference), Settings(encoder=None))
    assert overall > 0.80
    assert across > 0.75


def test_texts_alone(reference: JudgedSet, cache: Path) -> None:
    overall, across = ndcg(texts_only(reference), Settings(), cache)
    assert overall > 0.87
    assert across > 0.88


def test_readiness_role_and_type_pull_hard_negatives_down(reference: JudgedSet, cache: Path) -> None:
    overall, across = ndcg(reference, Settings(), cache)
    assert overall > 0.90
    assert across > 0.88
    assert overall > ndcg(texts_only(reference), Settings(), cache)[0]
