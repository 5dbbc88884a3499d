import numpy as np
import pytest

from matching.engine import Document, Need, Organization, Settings, TechnologyUse, Text
from tests.matching.engine.builders import (
    LETTERS,
    USE,
    find,
    make_document,
    make_index,
    make_need,
    make_settings,
    match_one,
    only,
)

pytestmark = pytest.mark.database_free

CHINESE = Text("zh-Hans", "寻求固态电池合作伙伴", "需要硫化物电解质的固态电池电芯, 能量密度不低于300Wh/kg。")
ENGLISH = Text("en", "Solid-state battery pouch cells", "We build cells with a sulfide electrolyte at 300 Wh/kg.")
CORAL = Text("en", "Coral reef surveys", "We dive for marine biology and map the sea floor.")
CORAL_ZH = Text("zh-Hans", "珊瑚礁生态调查", "开展海洋生物潜水观测与海底测绘。")


def offer(name: str, text: Text) -> Document:
    return Document(name, name, "capability", (text,))


@pytest.mark.parametrize(("asked", "answer", "other"), [(CHINESE, ENGLISH, CORAL), (ENGLISH, CHINESE, CORAL_ZH)])
def test_two_languages_meet_in_the_technology_they_name(asked: Text, answer: Text, other: Text) -> None:
    index = make_index([offer("right", answer), offer("wrong", other)])
    [match] = match_one(index, Need("n", texts=(asked,))).matches
    assert match.organization == "right"
    assert match.contributions[0].detail.code == "text.across_languages"
    assert "@ssb" in match.supporting[0].terms
    assert match.flags == ("lexical_only",)


@pytest.mark.parametrize(("asked", "answer", "other"), [(CHINESE, ENGLISH, CORAL), (ENGLISH, CHINESE, CORAL_ZH)])
def test_two_languages_meet_by_sentence_vectors_without_any_taxonomy(asked: Text, answer: Text, other: Text) -> None:
    from matching.engine import Taxonomy, build_index

    documents = [offer("right", answer), offer("wrong", other)]
    organizations = [Organization("right"), Organization("wrong")]
    index = build_index(documents, organizations, Taxonomy(), Settings())
    first, *rest = match_one(index, Need("n", texts=(asked,))).matches
    assert first.organization == "right"
    assert first.flags == ()
    assert all(match.score < first.score / 2 for match in rest)


def test_a_text_about_something_else_does_not_come_up() -> None:
    index = make_index([offer("right", ENGLISH), offer("wrong", CORAL)])
    assert [match.organization for match in match_one(index, Need("n", texts=(ENGLISH,))).matches] == ["right"]


def test_repeating_keywords_buys_no_rank() -> None:
    honest = Text("en", "Solid-state battery cells", "Pouch cells with a sulfide electrolyte for electric vehicles.")
    stuffed = Text("en", "Battery battery battery", "solid-state battery " * 200)
    index = make_index([offer("honest", honest), offer("stuffed", stuffed)])
    need = Need("n", texts=(Text("en", "Solid-state battery pouch cells", "sulfide electrolyte for vehicles"),))
    assert match_one(index, need).matches[0].organization == "honest"


def test_a_list_is_cut_at_top_k_and_equal_scores_go_by_id() -> None:
    index = make_index([make_document(f"d{i}", f"org{i}") for i in (3, 1, 2, 0)], settings=make_settings(top_k=3))
    found = match_one(index, make_need())
    assert [(match.rank, match.organization) for match in found.matches] == [(1, "org0"), (2, "org1"), (3, "org2")]
    assert found.considered == 4


def test_a_search_is_a_match_that_was_not_saved() -> None:
    index = make_index([offer("right", ENGLISH), offer("wrong", CORAL)])
    for words in ("sulfide pouch cells", "固态电池"):
        assert [match.organization for match in index.match_text(words).matches] == ["right"]
    assert index.match_text("").matches == ()


def test_the_shortlist_holds_every_organization_that_is_scored() -> None:
    index = make_index(
        [make_document(f"d{i}", f"org{i}") for i in range(5)], settings=make_settings(shortlist=3, top_k=2)
    )
    [(need, organizations)] = index.shortlist([make_need()])
    assert (need, organizations) == ("need", ("org0", "org1", "org2"))
    assert list(index.shortlist([make_need(closed=True)])) == [("need", ())]


def test_several_needs_keep_their_order_and_report_progress() -> None:
    index = make_index([make_document()], settings=make_settings(batch_size=2))
    seen: list[tuple[str, int, int]] = []
    needs = [make_need(id=f"n{i}", closed=i == 1) for i in range(5)]
    lists = list(index.match(needs, progress=lambda *args: seen.append(args)))
    assert [found.need for found in lists] == ["n0", "n1", "n2", "n3", "n4"]
    assert [len(found.matches) for found in lists] == [1, 0, 1, 1, 1]
    assert seen == [("match", 2, 5), ("match", 4, 5), ("match", 5, 5)]


def test_progress_can_cancel() -> None:
    def cancel(*_: object) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        list(make_index([make_document()]).match([make_need()], progress=cancel))


def test_an_empty_index_answers() -> None:
    index = make_index([])
    assert match_one(index, make_need()).matches == ()
    assert list(index.match([])) == []


def test_a_document_without_words_is_found_by_its_technology() -> None:
    index = make_index([make_document(texts=())])
    [match] = match_one(index, make_need()).matches
    assert {line.criterion for line in match.contributions if line.points} == {"technology"}


def test_a_shared_project_speaks_less_for_each_and_is_stored_once() -> None:
    shared = [make_document(f"p{i}", f"org{i}", kind="experience") for i in range(16)]
    index = make_index([*shared, make_document("own", "solo", texts=(Text("en", "Solid-state battery cells", "x"),))])
    alone = make_index([shared[0]])
    assert find(match_one(index, make_need()).matches, "org0").score < match_one(alone, make_need()).matches[0].score


def test_supporting_documents_come_strongest_first_with_shares_of_the_evidence() -> None:
    weak = make_document("weak", texts=(Text("en", "Battery recycling", "Shredding of cells."),))
    index = make_index([weak, make_document("strong")])
    supporting = match_one(index, make_need()).matches[0].supporting
    assert [item.document for item in supporting] == ["strong", "weak"]
    assert sum(item.share for item in supporting) == pytest.approx(1, abs=1e-3)
    assert "battery" in supporting[1].terms


def test_restricted_words_are_never_repeated() -> None:
    texts = (Text("en", "Battery cells"), Text("en", "", "with a proprietary argyrodite coating", restricted=True))
    open_need = make_need(texts=(Text("en", "Battery cells", "argyrodite coating"),))
    [match] = match_one(make_index([make_document(texts=texts)]), open_need).matches
    assert set(match.supporting[0].terms) == {"battery", "cells"}
    closed_need = make_need(texts=(Text("en", "Cells"), Text("en", "", "argyrodite battery", restricted=True)))
    openly = make_document(texts=(Text("en", "Battery cells", "argyrodite coating"),))
    [match] = match_one(make_index([openly]), closed_need).matches
    assert set(match.supporting[0].terms) == {"cells"}


def test_another_encoder_can_take_part() -> None:
    index = make_index([offer("right", ENGLISH)], settings=make_settings(encoder=LETTERS, weights=only("text")))
    assert match_one(index, Need("n", texts=(CORAL,))).matches[0].flags == ()


def test_technologies_alone_are_enough() -> None:
    index = make_index([make_document(), make_document("d2", "dora", technologies=(TechnologyUse("sodium-ion"),))])
    found = match_one(index, make_need(texts=(), technologies=(USE,)))
    assert [match.organization for match in found.matches] == ["bob", "dora"]


def test_the_whole_shortlist_can_be_assessed_in_columns() -> None:
    index = make_index(
        [make_document(f"d{i}", f"org{i}", trl=(5, 6) if i else None) for i in range(5)],
        settings=make_settings(top_k=2, batch_size=2, weights=only("text", "trl")),
    )
    needs = [make_need(id="one", trl=(4, 6)), make_need(id="closed", closed=True), make_need(id="two"), make_need()]
    found = index.assess(needs)
    assert found.need.tolist() == [0] * 5 + [2] * 5 + [3] * 5
    assert [found.organization_ids[row] for row in found.organization[:5]] == [f"org{i}" for i in range(5)]
    trl, freshness = found.criteria.index("trl"), found.criteria.index("freshness")
    assert found.asked[trl].tolist() == [True, False, False, False]
    assert np.isnan(found.shares[trl]).tolist() == [True] + [False] * 4 + [True] * 10
    assert found.points[trl, 1:5].tolist() == [500_000] * 4
    assert not found.points[freshness].any(), "a criterion without a weight gives no points"
    assert found.score.tolist() == found.points.sum(axis=0).tolist()
    lists = [answer.matches for answer in index.match(needs)]
    assert [float(lists[0][0].score), float(lists[2][0].score)] == [found.score[1] / 10_000, found.score[5] / 10_000]


def test_assessing_nothing_gives_no_pairs() -> None:
    assert len(make_index([make_document()]).assess([])) == 0
    assert len(make_index([]).assess([make_need()])) == 0
