import pytest

from matching.engine import Taxonomy, Technology, Text
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


@pytest.mark.parametrize(
    ("one", "other", "term"),
    [
        ("50 kW", "功率50千瓦", "=50kw"),
        ("0.05 MW", "50 kW", "=50kw"),
        ("70 MPa", "70兆帕", "=70mpa"),
        ("700 bar", "70 MPa", "=70mpa"),
        ("50 μm", "厚度50微米", "=0.05mm"),
        ("50 µm thick", "0.05 mm", "=0.05mm"),
        ("1.08 MJ/kg", "300 Wh/kg", "=300wh/kg"),
        ("700 °C", "700摄氏度", "=700°c"),
        ("≥1,000 hours", "1000小时", "=1000h"),
        ("50,000 h", "5万小时", "=50000h"),
        ("20 ℃", "20 °C", "=20°c"),
    ],
)
def test_equal_quantities_are_equal_terms(one: str, other: str, term: str) -> None:
    assert term in analyse(one).counts
    assert term in analyse(other, "zh-Hans").counts


@pytest.mark.parametrize("body", ["30-50 kW", "30~50 kW", "30 kW to 50 kW", "30至50千瓦", "30—50千瓦"])
def test_a_range_gives_both_its_ends(body: str) -> None:
    assert {"=30kw", "=50kw"} <= set(analyse(body).counts)


@pytest.mark.parametrize("body", ["IEC 61215 series", "T1000", "v2 model", "PM2.5 monitor", "2024 a year", "1,5,7"])
def test_numbers_without_units_are_no_quantities(body: str) -> None:
    assert not [term for term in analyse(body).counts if term.startswith("=")]


@pytest.mark.parametrize(
    ("one", "other"),
    [("固態電池與電解質", "固态电池与电解质"), ("ＳｉＣ器件", "SiC器件"), ("高溫超導帶材", "高温超导带材")],
)
def test_traditional_and_full_width_forms_are_the_plain_ones(one: str, other: str) -> None:
    assert analyse(one, "zh-Hant").counts == analyse(other, "zh-Hans").counts


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("REBCO带材焊接", {"rebco", "带材", "rebco带材"}),
        ("6G通信", {"6g", "通信", "6g通信"}),
        ("SiC器件", {"sic", "器件", "sic器件"}),
        ("co-electrolysis", {"electrolysi", "coelectrolysi"}),
        ("Wi-Fi", {"wifi"}),
    ],
)
def test_mixed_words_give_their_parts_and_the_whole(body: str, parts: set[str]) -> None:
    assert parts <= set(analyse(body, "zh-Hans").counts)


def test_a_number_before_chinese_is_no_word_with_it() -> None:
    assert "20带材" not in analyse("20带材", "zh-Hans").counts


def test_an_abbreviation_is_met_by_both_its_forms() -> None:
    for body in ("proton exchange membrane (PEM)", "PEM (proton exchange membrane)", "质子交换膜（PEM）"):
        assert "pem" in analyse(body).counts
    assert {"proton", "exchang", "membran"} <= set(analyse("Proton-exchange membranes (PEM)").counts)


@pytest.mark.parametrize("label", ["Proton exchange membrane (PEM)", "PEM (proton exchange membrane)"])
def test_a_label_with_an_abbreviation_is_met_by_either_form(label: str) -> None:
    taxonomy = Taxonomy((Technology("pem", {"en": (label,), "zh-Hans": ("质子交换膜（PEMWE）",)}),))
    analyzer = make_analyzer(TechnologyGraph(taxonomy, SETTINGS), SETTINGS)
    for body in ("a PEM stack", "proton-exchange membranes", label, "质子交换膜", "PEMWE电堆"):
        assert analyzer.analyse((Text("", "", body),)).counts["@pem"] == 1


def test_saying_a_word_again_says_no_more() -> None:
    once = analyse("Solid electrolyte for battery cells.").counts
    assert analyse("Solid electrolyte for battery cells. " * 50).counts == once
    assert analyse("Solid, solid, solid electrolyte electrolyte for battery battery cells").counts == once
    assert analyse("固态电池，固态电池，固态电池。" * 50, "zh-Hans").counts == analyse("固态电池", "zh-Hans").counts


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


def test_surfaces_are_as_the_text_has_them():
    surfaces = ANALYZER.surfaces((Text("zh-Hant", "硫化物電解質", "ＲＥＢＣＯ帶材"),))
    assert surfaces["电解质"] == "電解質"
    assert "rebco" in surfaces.values()


def test_the_encoder_reads_the_first_language_and_no_more_than_it_was_given() -> None:
    texts = (Text("en", "Laser", "welding " * 200), Text("zh-Hans", "激光焊接", "厚板"))
    sentence = ANALYZER.analyse(texts).sentence
    assert sentence.startswith("Laser. welding")
    assert "激光" not in sentence
    assert len(sentence) <= SETTINGS.dense_characters
