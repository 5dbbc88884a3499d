import pytest

from matching.engine import Text
from matching.engine.analysis import Analysis
from matching.engine.building import make_analyzer
from matching.engine.graph import TechnologyGraph
from tests.matching.engine.builders import TAXONOMY, make_settings

pytestmark = pytest.mark.database_free

SETTINGS = make_settings()
ANALYZER = make_analyzer(TechnologyGraph(TAXONOMY, SETTINGS), SETTINGS)


def analyse(body: str, lang: str = "en", **fields: object) -> Analysis:
    return ANALYZER.analyse((Text(lang, "", body, **fields),))


def test_english_words_are_stemmed_and_stop_words_left_out() -> None:
    assert set(analyse("The batteries are charging").counts) == {"batteri", "charg"}


def test_chinese_is_segmented_without_stop_words() -> None:
    terms = analyse("我们需要电解质的制备工艺", "zh-Hans").counts
    assert "电解质" in terms
    assert "我们" not in terms
    assert "的" not in terms


@pytest.mark.parametrize(
    ("body", "lang"),
    [
        ("A solid-state battery for vehicles", "en"),
        ("ALL SOLID STATE BATTERIES", "en"),
        ("寻求固态电池中试线", "zh-Hans"),
        ("研制全固态电池样品", "zh-Hans"),
        ("固 态电池".replace(" ", ""), "zh-Hans"),
    ],
)
def test_labels_in_either_language_are_the_same_concept(body: str, lang: str) -> None:
    assert "@ssb" in analyse(body, lang).counts


def test_the_longest_label_wins() -> None:
    assert analyse("全固态电池", "zh-Hans").counts["@ssb"] == 1


def test_labels_of_mixed_script_are_found_whatever_the_case_and_width() -> None:
    assert "@hts-tape" in analyse("ＲＥＢＣＯ带材的焊接", "zh-Hans").counts


def test_a_route_is_a_concept_of_its_own() -> None:
    assert "@route:ssb-sulfide" in analyse("a sulfide electrolyte").counts


@pytest.mark.parametrize("body", ["an energy density of 300 Wh/kg", "能量密度300Wh/kg以上", "≥300.0 wh/kg"])
def test_quantities_are_read_with_their_units(body: str) -> None:
    assert "=300wh/kg" in analyse(body).counts


def test_other_languages_keep_their_words_as_they_are() -> None:
    assert "batterien" in analyse("Festkörper Batterien", "de").counts


@pytest.mark.parametrize(
    ("body", "lang", "bit"),
    [
        ("固态电池", "zh-Hans", 1),
        ("battery", "en", 2),
        ("固态电池的研发", "en", 1),
        ("battery research", "zh-Hans", 2),
        ("battery research", "", 2),
    ],
)
def test_the_script_counts_more_than_the_label(body: str, lang: str, bit: int) -> None:
    assert analyse(body, lang).languages == bit


@pytest.mark.parametrize(
    "body", ["", " ", "\x00\x01\x02", "🔋🚗🔋", "the of and", "的了和", "\ud800", "\u200b\ufeff", "。，！？", "ﷺ" * 50]
)
def test_texts_without_words_do_no_harm(body: str) -> None:
    for lang in ("en", "zh-Hans", "", "xx-nonsense"):
        assert all(term.strip() for term in analyse(body, lang).counts)


def test_a_text_of_a_million_characters_is_cut() -> None:
    assert sum(analyse("电池 battery " * 100_000).counts.values()) < 20_000


def test_one_word_without_end_is_cut() -> None:
    assert max(map(len, analyse("x" * 500_000).counts)) <= 40


def test_words_of_the_title_count_twice() -> None:
    counts = ANALYZER.analyse((Text("en", "laser", "optics"),)).counts
    assert counts == {"laser": 2, "optic": 1}


def test_words_of_a_restricted_text_are_counted_and_never_shown() -> None:
    analysis = ANALYZER.analyse((Text("en", "laser", ""), Text("en", "", "secret alloy", restricted=True)))
    assert set(analysis.counts) == {"laser", "secret", "alloy"}
    assert analysis.shown == {"laser"}
    assert set(ANALYZER.surfaces((Text("en", "", "secret alloy", restricted=True),))) == set()


def test_terms_are_shown_as_the_need_writes_them_and_bare_numbers_not_at_all() -> None:
    surfaces = ANALYZER.surfaces((Text("en", "Cells of 300 Wh/kg", "20 plates of 4mm, yield 95%, TRL 6, 3.5"),))
    assert {surfaces["=300wh/kg"], surfaces["=4mm"], surfaces["=95%"]} == {"300 Wh/kg", "4 mm", "95%"}
    assert not any(form.replace(".", "").isdigit() for form in surfaces.values())


def test_the_encoder_reads_the_first_language_and_no_more_than_it_was_given() -> None:
    texts = (Text("en", "Laser", "welding " * 200), Text("zh-Hans", "激光焊接", "厚板"))
    sentence = ANALYZER.analyse(texts).sentence
    assert sentence.startswith("Laser. welding")
    assert "激光" not in sentence
    assert len(sentence) <= SETTINGS.dense_characters
