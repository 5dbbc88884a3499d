"""The sentence that says most of what was asked for, with its phrases marked; texts are quoted as they are written."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import Text
from tests.matching.engine.builders import LETTERS, make_document, make_index, make_settings
from tests.properties import strategies

pytestmark = pytest.mark.database_free

OTHERS = [
    make_document(f"other {place}", texts=(Text("en", f"Reed {place}", "An oboe."),), technologies=())
    for place in range(6)
]
WORDS = make_index([make_document(), *OTHERS]).comparer
DENSE = make_index([make_document(), *OTHERS], settings=make_settings(encoder=LETTERS)).comparer
ASKED = [Text("en", "Sulfide electrolytes for solid-state batteries", "Cells with 300 Wh/kg.")]
CHINESE = [Text("zh-Hans", "固态电池用硫化物电解质", "需要循环寿命数据。")]


def marked(comparer, asked: list[Text], body: str, lang: str = "en") -> list[str]:
    """The phrases that are marked in the sentence quoted."""
    quote = comparer.quote(asked, [Text(lang, "", body)])
    return [fragment.text for fragment in quote.fragments if fragment.is_marked]


def test_the_sentence_with_most_in_common_is_quoted_and_phrases_stay_whole():
    body = "We are a firm. Our sulfide electrolyte suits a solid-state battery. We also sell reeds."
    quote = WORDS.quote(ASKED, [Text("en", "", body)])
    assert (
        "".join(fragment.text for fragment in quote.fragments) == "Our sulfide electrolyte suits a solid-state battery."
    )
    assert marked(WORDS, ASKED, body) == ["sulfide electrolyte", "solid-state battery"]
    assert not quote.by_meaning


def test_chinese_words_are_marked_without_spaces():
    assert "".join(marked(WORDS, CHINESE, "公司很大。我们生产硫化物电解质粉体。", "zh-Hans")) == "硫化物电解质"


def test_a_text_in_traditional_characters_is_quoted_in_them():
    body = "公司很大。我們生產硫化物電解質粉體，循環壽命１０００次！"
    quote = WORDS.quote(CHINESE, [Text("zh-Hant", "", body)])
    assert "".join(fragment.text for fragment in quote.fragments) == "我們生產硫化物電解質粉體，循環壽命１０００次！"
    assert marked(WORDS, CHINESE, body, "zh-Hant") == ["硫化物電解質", "循環壽命"]


def test_numbers_alone_are_not_marked():
    assert marked(WORDS, ASKED, "At 300 degrees the electrolyte melts.") == ["electrolyte"]


def test_without_a_word_in_common_the_nearest_meaning_is_quoted_where_vectors_are():
    other = [Text("en", "", "Zzz zzz. Slide effectors of stable bodies.")]
    assert WORDS.quote(ASKED, other) is None
    quote = DENSE.quote(ASKED, other)
    assert quote.by_meaning
    assert [fragment.text for fragment in quote.fragments] == ["Slide effectors of stable bodies."]


def test_nothing_offered_is_nothing_quoted():
    assert DENSE.quote(ASKED, []) is None
    assert DENSE.quote(ASKED, [Text("en", "", " \n ")]) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(strategies.WORDS), min_size=1, max_size=8), st.sampled_from(("en", "zh-Hans")))
def test_a_quote_is_a_part_of_the_text_and_no_two_neighbours_are_alike(words: list[str], lang: str) -> None:
    body = " ".join(words)
    quote = WORDS.quote([*ASKED, *CHINESE], [Text(lang, "", body)])
    if quote is not None:
        plain = body.replace("\x00", " ")
        assert "".join(fragment.text for fragment in quote.fragments).strip() in plain
        flags = [fragment.is_marked for fragment in quote.fragments]
        assert any(flags)
        assert all(one != other for one, other in pairwise(flags))
