"""Words that meet across languages through the dictionary."""

import math
import sys

import numpy as np
import pytest

from matching.engine import Organization, Text, build_index
from matching.engine.analysis import lexicon as lexicon_module
from matching.engine.analysis.lexicon import Lexicon, load_lexicon
from matching.engine.bridging import Bridge
from matching.engine.columns import Vocabulary
from matching.engine.errors import LexiconError
from matching.engine.fusion import Background
from matching.engine.passages import Statistics
from tests.matching.engine.builders import (
    TAXONOMY,
    find,
    make_document,
    make_index,
    make_need,
    make_settings,
    match_one,
    only,
)

pytestmark = pytest.mark.database_free

SMALL = Lexicon(
    [
        ("电解质", "electrolyte/"),
        ("薄膜", "thin film/membrane/CL:張|张[zhang1]/"),
        ("薄膜", "film (photography)"),
        ("碳化", "to carbonize"),
        ("解释", "a word that is explained at great length here"),
        ("张", "surname Zhang/"),
    ]
)


def make_bridge(*terms: str, later: tuple[str, ...] = ()) -> Bridge:
    statistics = Statistics(terms, np.ones(len(terms), dtype=np.int32), 10, 5.0, Background())
    return Bridge(SMALL, statistics, Vocabulary([*terms, *later]))


def test_glosses_become_stems_with_their_share() -> None:
    assert SMALL.translate("电解质") == {"electrolyt": 1.0}
    assert SMALL.translate("薄膜") == {"thin": 0.5, "film": 1.5, "membran": 1.0}
    assert SMALL.translate("解释") == SMALL.translate("张") == SMALL.translate("film") == {}


def test_a_compound_is_translated_by_its_parts() -> None:
    assert SMALL.translate("碳化物") == {"carbon": 0.5}


def test_terms_are_carried_both_ways_into_words_of_the_corpus() -> None:
    bridge = make_bridge("electrolyt", "membran", "薄膜")
    rarity = math.log(1 + 9.5 / 1.5) ** 1.25 / 5**0.25
    found = bridge.translate({"电解质": 3.0, "不明": 1.0})
    assert found.weights == pytest.approx({"electrolyt": math.sqrt(3 * rarity)})
    assert found.sources == {"electrolyt": "电解质"}
    assert found.reached == {"电解质"}
    assert set(bridge.translate({"membran": 2.0}).weights) == {"薄膜"}


def test_what_the_need_says_itself_is_not_added_again() -> None:
    found = make_bridge("electrolyt").translate({"电解质": 3.0, "electrolyt": 2.0})
    assert found.weights == {}
    assert found.reached == {"电解质"}


def test_words_that_came_after_the_statistics_are_not_used() -> None:
    bridge = make_bridge("membran", later=("electrolyt", "薄膜"))
    assert bridge.translate({"电解质": 3.0, "membran": 1.0}).weights == {}


def test_the_dictionary_that_is_installed_knows_the_field() -> None:
    known = load_lexicon()
    assert "electrolyt" in known.translate("电解质")
    assert "superconductor" in known.translate("超导")


OFFERS = [
    make_document("zh", "bob", texts=(Text("zh-Hans", "电解质", "固体电解质的制备"),), technologies=()),
    make_document(
        "en", "dora", texts=(Text("en", "Electrolyte", "Preparation of solid electrolytes"),), technologies=()
    ),
    make_document("no", "erin", texts=(Text("en", "Coral reef", "Fish and corals of the tropics"),), technologies=()),
]


@pytest.mark.parametrize(
    ("asked", "other"), [(Text("zh-Hans", "固体电解质"), "dora"), (Text("en", "Solid electrolytes"), "bob")]
)
def test_words_meet_across_languages_without_an_encoder(asked: Text, other: str) -> None:
    need = make_need(texts=(asked,), technologies=())
    with_words = match_one(make_index(OFFERS, settings=make_settings(lexicon=True, weights=only("text"))), need)
    without = match_one(make_index(OFFERS, settings=make_settings(weights=only("text"))), need)
    assert {match.organization for match in with_words.matches} == {"bob", "dora"}
    assert other not in {match.organization for match in without.matches}
    terms = find(with_words.matches, other).supporting[0].terms
    assert set(terms) <= {"电解质", "固体", "electrolytes", "solid"}
    assert terms


def test_a_missing_dictionary_is_named_and_matching_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    load_lexicon.cache_clear()
    monkeypatch.setattr(lexicon_module, "_PACKAGE", "no_such_package")
    index = build_index(OFFERS, [Organization("bob")], TAXONOMY, make_settings(lexicon=True))
    load_lexicon.cache_clear()
    assert ("lexicon", "lexicon_missing") in {(problem.record, problem.code) for problem in index.problems}
    assert index.documents == 1


def test_a_damaged_dictionary_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    folder = tmp_path / "broken_dictionary"
    (folder / "data").mkdir(parents=True)
    (folder / lexicon_module._FILE).write_bytes(b"not gzip")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(lexicon_module, "_PACKAGE", "broken_dictionary")
    load_lexicon.cache_clear()
    with pytest.raises(LexiconError, match="install it again"):
        load_lexicon()
    load_lexicon.cache_clear()


@pytest.mark.parametrize("secret", ["layer protection", "layers gauge survey"])
def test_words_of_restricted_texts_move_no_translation(secret: str) -> None:
    def scores(hidden: str) -> list:
        texts = {
            "o1": (Text("en", "Coating and measurement of battery foil", "coating line for foil"),),
            "o2": (Text("en", "Laser optics", "mirrors"), Text("en", "", hidden, restricted=True)),
            **{f"o{place}": (Text("en", f"Ocean cruise {place}", "plankton"),) for place in range(3, 9)},
        }
        documents = [make_document(f"d-{name}", name, texts=said) for name, said in texts.items()]
        index = build_index(documents, [Organization(name) for name in texts], TAXONOMY, make_settings(lexicon=True))
        lists = [index.match_text(asked, lang="zh").matches for asked in ("涂层", "测量 电池")]
        return [[(match.organization, match.score) for match in found if match.organization != "o2"] for found in lists]

    assert scores(secret) == scores("nothing")
