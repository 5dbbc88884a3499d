"""Whatever people paste into a text: nothing fails, nothing is earned by it, and nobody else's score moves."""

import pytest

from matching.engine import Text
from tests.matching.engine.builders import find, make_document, make_index, make_need, make_settings, match_one, only

pytestmark = pytest.mark.database_free

ODD = {
    "empty": "",
    "blank": " \t\n ",
    "one character": "x",
    "one Han character": "鱼",
    "a megabyte of one letter": "x" * 1_000_000,
    "a megabyte of words": "coral reef fish " * 62_500,
    "binary-looking": "\x7fELF\x02\x01\x00\x00\xff\xfe\x00PK\x03\x04",
    "lone surrogates": "\ud800\udfff\ud83d",
    "stop words": "the of and to in with our new project",
    "Chinese stop words": "的了和与及在是为以对将于",
    "emoji": "🔋🚗🔋⚡🤖",
    "punctuation": "。，！？;:—()[]{}",
    "brackets without end": "(" * 5000,
    "combining marks": "a" + "\u0301" * 5000,
    "right to left": "\u202e\u202dبطارية",
}
SETTINGS = make_settings(lexicon=True, weights=only("text"))
NEED = make_need(technologies=())


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("lang", ["en", "zh-Hans", "ja", ""])
def test_an_odd_document_earns_nothing_and_moves_nobody(name: str, lang: str) -> None:
    odd = make_document("odd", "dora", texts=(Text(lang, ODD[name], ODD[name]),), technologies=())
    sound = make_document(technologies=())
    index = make_index([sound, odd], settings=SETTINGS)
    assert index.problems == ()
    [match] = match_one(index, NEED).matches
    assert match.organization == "bob"


@pytest.mark.parametrize("name", ODD)
def test_an_odd_need_has_a_list_without_anybody(name: str) -> None:
    index = make_index([make_document(technologies=())], settings=SETTINGS)
    found = match_one(index, make_need(texts=(Text("en", ODD[name], ODD[name]),), technologies=()))
    assert found.matches == ()
    assert found.problem is None


@pytest.mark.parametrize("lang", ["zh-Hans", "ja", "xx-nonsense", ""])
def test_a_wrongly_labelled_language_costs_nothing(lang: str) -> None:
    texts = (Text(lang, "Solid-state battery cells", "Sulfide electrolyte pouch cells for electric vehicles."),)
    right, wrong = (
        find(match_one(make_index([document], settings=SETTINGS), NEED).matches, "bob").score
        for document in (make_document(technologies=()), make_document(texts=texts, technologies=()))
    )
    assert wrong == right or lang in ("ja", "xx-nonsense")
    assert wrong > 0
