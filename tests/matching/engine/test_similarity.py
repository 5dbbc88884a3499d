"""How nearly two texts say the same, and by what texts like one are found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import Text
from tests.matching.engine.builders import LETTERS, make_document, make_index, make_settings
from tests.properties import strategies

pytestmark = pytest.mark.database_free

phrases = st.lists(st.sampled_from(strategies.WORDS), min_size=1, max_size=5).map(" ".join)
WORDS = make_index([make_document()]).comparer
DENSE = make_index([make_document()], settings=make_settings(encoder=LETTERS)).comparer
ENGLISH = Text("en", "Sulfide electrolyte for solid-state batteries", "Pouch cells with 300 Wh/kg are to be made.")


def similarity(one: Text, other: Text) -> float:
    [value] = WORDS.similarities(one, [other])
    return value


def test_the_same_text_is_wholly_similar_and_another_subject_not_at_all():
    assert similarity(ENGLISH, ENGLISH) == pytest.approx(1)
    assert similarity(ENGLISH, Text("en", "Baroque oboe", "Reeds.")) == 0


def test_more_in_common_is_more_similar():
    reworded = Text("en", "Solid-state batteries: sulfide electrolyte", "Cells with 300 Wh/kg.")
    neighbour = Text("en", "Oxide electrolyte for solid-state batteries", "Sheets.")
    assert 1 > similarity(ENGLISH, reworded) > similarity(ENGLISH, neighbour) > 0


def test_across_languages_concepts_and_quantities_meet():
    chinese = Text("zh-Hans", "固态电池用硫化物电解质", "软包电芯 300 Wh/kg")
    assert similarity(ENGLISH, chinese) > 0.5
    assert similarity(ENGLISH, Text("zh-Hans", "激光焊接设备", "")) == 0


def test_a_text_without_words_is_like_nothing():
    assert similarity(Text("en", "", ""), Text("en", "", "")) == 0
    assert similarity(ENGLISH, Text("en", "🔋", "\x00")) == 0


@pytest.mark.parametrize("comparer", [WORDS, DENSE])
@settings(max_examples=30, deadline=None)
@given(one=phrases, other=phrases)
def test_similarity_is_symmetrical_and_between_none_and_whole(comparer, one: str, other: str) -> None:
    texts = Text("en", one), Text("en", other)
    [there] = comparer.similarities(texts[0], [texts[1]])
    [back] = comparer.similarities(texts[1], [texts[0]])
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= 1 + 1e-6


def test_what_a_text_is_found_by():
    marks = WORDS.marks(ENGLISH, most=2)
    assert marks.technologies == ("ssb",)
    assert len(marks.words) == 2
    assert all(word.lower() in f"{ENGLISH.title} {ENGLISH.body}".lower() for word in marks.words)
    assert WORDS.marks(Text("en", "the of"), most=2).words == ()
