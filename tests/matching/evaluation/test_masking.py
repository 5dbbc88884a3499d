"""Names are found however they are written, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.evaluation.masking import NameMask

pytestmark = pytest.mark.database_free


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LOMARTOV SL", "Work by Lomartov SL begins"),
        ("LOMARTOV SL", "Work by Lomartov, SL begins"),
        ("UNIVERSITÄT FÜR BODENKULTUR", "Work by Universitat fur  Bodenkultur begins"),
        ("École d'Été", "Work by ECOLE D’ETE begins"),
        ("STRAẞE AG", "Work by Strasse AG begins"),
        ("CEA", "Work by cea begins"),
        ("中国科学院", "Work by 中国科学院 begins"),
    ],
)
def test_a_name_is_found_whatever_its_spelling(name: str, text: str) -> None:
    assert NameMask([name]).apply(text).split() == ["Work", "by", "begins"]


@pytest.mark.parametrize("text", ["ceasing work", "OCEAN", "ocea-n", "CE A"])
def test_what_only_contains_the_letters_stays(text: str) -> None:
    assert NameMask(["CEA"]).apply(text) == text


def test_the_longer_of_two_names_goes_whole() -> None:
    assert NameMask(["CEA", "CEA Leti SA"]).apply("at CEA-Leti, SA now").split() == ["at", "now"]


@pytest.mark.parametrize("names", [[], [""], ["…"], ["A"]])
def test_what_is_no_name_takes_nothing_out(names: list[str]) -> None:
    assert NameMask(names).apply("A plan … for all") == "A plan … for all"


@given(st.text(max_size=40), st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=2, max_size=8))
def test_masking_twice_finds_nothing_more(text: str, name: str) -> None:
    mask = NameMask([name])
    masked = mask.apply(f"{text} {name} {text}")
    assert mask.apply(masked) == masked
    assert f" {name} " not in f" {masked} "
