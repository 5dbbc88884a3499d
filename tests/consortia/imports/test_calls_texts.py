"""Levels and passages in the texts of funding topics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consortia.imports.calls.readiness import trl_span
from consortia.imports.calls.texts import cut_at_sentence, description_of, parts_of, summary_of, tidied


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("TRL 5 to 7", (5, 7)),
        ("TRL 4-5", (4, 5)),
        ("TRL 4–6", (4, 6)),
        ("TRL5", (None, 5)),
        ("TRLs 4 and 5", (4, 5)),
        ("from TRL 3 to TRL 5", (3, 5)),
        ("operate at Technology Readiness Level (TRL) 3, 4, or 5 now", (3, 5)),
        ("technology readiness levels 5 to 7", (5, 7)),
        ("Activities are expected to achieve TRL 6-8 by the end of the project.", (6, 8)),
        ("Activities start at TRL 3 and must reach TRL 6 by the end.", (3, 6)),
        ("Activities are expected to start from TRL 5 in order to achieve TRL 7-8 by the end", (5, 8)),
        ("Activities are expected to start at TRL 4-5 and achieve TRL 6 by the end.", (4, 6)),
        ("achieve TRL 5 or higher by the end", (None, 5)),
        ("Demonstrate (TRL 6 and above) the technology", (6, None)),
        ("Test at least at TRL 4 the polymers", (4, None)),
        ("It should not be beyond TRL4. 2027 was a year.", (None, 4)),
        ("Earlier work reached TRL 8. Activities are expected to achieve TRL 4-5.", (4, 5)),
        ("They should start at TRL 1-3. Others should start at TRL 4 and achieve TRL 7-8.", (1, 8)),
        ("TRL 10", (None, None)),
        ("TRL 3.5", (None, None)),
        ("Activities may start at any TRL.", (None, None)),
        ("nothing of the kind", (None, None)),
        ("", (None, None)),
    ],
)
def test_levels(text: str, span: tuple[int | None, int | None]) -> None:
    assert trl_span(text) == span


@given(st.lists(st.sampled_from(["start at TRL ", "achieve TRL ", "TRL", "7", "-", "2", " to ", ". ", "or above"])))
def test_a_span_never_runs_backwards(pieces: list[str]) -> None:
    low, high = trl_span("".join(pieces))
    assert low is None or high is None or low <= high


def test_paragraphs_are_parted_again() -> None:
    assert (
        tidied("of its KPIs.nullActivities are e.g. fine.Next one")
        == "of its KPIs.\nActivities are e.g. fine. Next one"
    )


def test_parts() -> None:
    text = "Preface. Expected Outcome: Cheaper. Scope: Wide. Scope: Deep."
    assert parts_of(text) == {"": "Preface.", "Expected Outcome": "Cheaper.", "Scope": "Wide.\nDeep."}


def test_the_summary_is_of_the_outcome() -> None:
    assert summary_of("Scope: Wide. Expected Outcome: Cheaper.", 500) == "Cheaper."
    assert summary_of("Only text.", 500) == "Only text."
    assert summary_of("", 500) == ""


def test_cut_at_sentences() -> None:
    assert cut_at_sentence("One. Two two. Three", 15) == "One. Two two."
    assert cut_at_sentence("Results, e.g. from the laboratory of somebody", 20) == "Results, e.g. from…"
    assert cut_at_sentence("Short.", 6) == "Short."


def test_a_long_description_keeps_outcome_and_scope() -> None:
    text = "Preface. " * 50 + "Expected Outcome: " + "Out come. " * 50 + "Scope: " + "In scope. " * 50
    cut = description_of(text, 400)
    assert cut.startswith("Expected Outcome: Out come.")
    assert "\n\nScope: In scope." in cut
    assert cut.endswith(".")


@given(st.text(max_size=400), st.integers(min_value=10, max_value=100))
def test_nothing_is_longer_than_it_may_be(text: str, longest: int) -> None:
    assert len(cut_at_sentence(text, longest)) <= longest
    assert len(description_of(text, longest)) <= longest
    assert len(summary_of(text, longest)) <= longest
