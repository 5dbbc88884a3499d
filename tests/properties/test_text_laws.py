"""Laws of the analysis of texts: nothing that people may paste into a box does harm, and repetition buys no rank."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine import Text
from matching.engine.building import make_analyzer
from matching.engine.graph import TechnologyGraph
from tests.matching.engine.builders import (
    TAXONOMY,
    make_document,
    make_index,
    make_need,
    make_settings,
    match_one,
    only,
)
from tests.properties import strategies

pytestmark = pytest.mark.database_free

law = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

SETTINGS = make_settings(weights=only("text"))
ANALYZER = make_analyzer(TechnologyGraph(TAXONOMY, SETTINGS), SETTINGS)
HONEST = (
    "We make sulfide electrolytes for solid-state batteries and weld pouch cells by laser for customers in the car"
    " industry, with a line for 20 Ah and tests of ageing at several temperatures."
)
phrases = st.lists(st.sampled_from(strategies.WORDS), min_size=1, max_size=6).map(" ".join)


@law
@given(st.text(max_size=200), st.sampled_from(("en", "zh-Hans", "ja", "", "xx")))
def test_any_text_is_analysed(body: str, lang: str) -> None:
    analysis = ANALYZER.analyse((Text(lang, "", body),))
    assert all(count > 0 and term.strip() for term, count in analysis.counts.items())
    assert analysis.shown == set(analysis.counts)
    assert all(form.strip() for form in ANALYZER.surfaces((Text(lang, "", body),)).values())


@law
@given(phrases, st.integers(2, 40))
def test_repeating_a_text_changes_no_term(body: str, times: int) -> None:
    once = ANALYZER.analyse((Text("en", "", body),)).counts
    assert ANALYZER.analyse((Text("en", "", f"{body}. " * times),)).counts == once


@law
@given(phrases, st.integers(2, 30), st.integers(0, 3))
def test_repeating_keywords_buys_no_rank(asked: str, times: int, pieces: int) -> None:
    words = asked.split()
    chunk = [" ".join(words[place:] + words[:place]) for place in range(pieces + 1)]
    spam = ", ".join(chunk * times)
    plain, stuffed = (
        make_index(
            [
                make_document("a", "bob", texts=(Text("en", "", body),)),
                make_document("b", "dora", texts=(Text("en", "", HONEST),)),
            ],
            settings=SETTINGS,
        )
        for body in (asked, spam)
    )
    need = make_need(texts=(Text("en", asked, asked),), technologies=())
    before, after = (
        {match.organization: match.score for match in match_one(index, need).matches}.get("bob", 0)
        for index in (plain, stuffed)
    )
    assert after <= before
