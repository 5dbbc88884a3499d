import itertools

import numpy as np
import pytest

from matching.engine.encoding import QUANTUM
from matching.engine.fusion import ACROSS, EN, WITHIN_EN, WITHIN_ZH, ZH, Background, Fusion, cosine_of, language_pair
from tests.matching.engine.builders import make_settings

pytestmark = pytest.mark.database_free


def some_vectors(count: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(0.3, 1, (count, 8))
    return np.rint(vectors / np.linalg.norm(vectors, axis=1, keepdims=True) * QUANTUM).astype(np.int16)


def mean_and_spread(pairs) -> tuple[float, float]:
    cosines = [float(one.astype(float) @ two.astype(float)) / QUANTUM**2 for one, two in pairs]
    return float(np.mean(cosines)), float(np.std(cosines))


def test_the_background_is_that_of_all_pairs_of_different_texts() -> None:
    chinese, english = some_vectors(33, 1), some_vectors(41, 2)
    languages = np.array([ZH] * 33 + [EN] * 41 + [EN])
    silent = np.zeros((1, 8), dtype=np.int16)
    background = Background.measure(languages, np.concatenate([chinese, english, silent]))
    for place, pairs in (
        (WITHIN_ZH, itertools.combinations(chinese, 2)),
        (WITHIN_EN, itertools.combinations(english, 2)),
        (ACROSS, itertools.product(chinese, english)),
    ):
        expected = mean_and_spread(pairs)
        assert (background.mean[place], background.spread[place]) == pytest.approx(expected, abs=1e-3)


def test_the_background_does_not_depend_on_the_order() -> None:
    vectors, languages = some_vectors(80, 3), np.array([ZH, EN] * 40)
    order = np.random.default_rng(4).permutation(80)
    assert Background.measure(languages, vectors) == Background.measure(languages[order], vectors[order])


def test_a_language_without_a_corpus_takes_what_is_usual_elsewhere() -> None:
    background = Background.measure(np.full(40, EN), some_vectors(40, 5))
    assert len(set(background.mean)) == len(set(background.spread)) == 1
    assert Background.measure(np.full(3, EN), some_vectors(3, 6)) == Background()


def test_pairs_of_languages() -> None:
    asked = np.array([ZH, EN, EN, 4, ZH | EN])
    offered = np.array([ZH, EN, ZH, 4, ZH])
    assert language_pair(asked, offered).tolist() == [WITHIN_ZH, WITHIN_EN, ACROSS, WITHIN_EN, WITHIN_ZH]


def test_relevance_is_the_same_element_by_element_as_for_a_matrix() -> None:
    random = np.random.default_rng(7)
    shape = 5, 9
    words, cosine = random.uniform(0, 30, shape), cosine_of(random.integers(-(QUANTUM**2), QUANTUM**2, shape))
    pair = random.integers(0, 3, shape)
    own, portable = random.uniform(1, 20, (5, 1)), random.choice([0.0, 3.0], (5, 1))
    fusion = Fusion(make_settings(), Background((0.1, 0.2, 0.15), (0.1, 0.1, 0.1)), dense=True)
    whole = fusion.relevance(words, cosine, pair=pair, self_score=own, portable_score=portable)
    for i, j in np.ndindex(shape):
        one = fusion.relevance(
            words[i, j], cosine[i, j], pair=pair[i, j], self_score=own[i, 0], portable_score=portable[i, 0]
        )
        assert one == whole[i, j]
        assert 0 <= one <= 1


@pytest.mark.parametrize("pair", [WITHIN_ZH, WITHIN_EN, ACROSS])
def test_what_unrelated_texts_have_in_common_counts_as_nothing(pair: int) -> None:
    background = Background((0.1, 0.2, 0.3), (0.1, 0.1, 0.1))
    fusion = Fusion(make_settings(), background, dense=True)
    assert fusion.dense_share(np.float32(background.mean[pair]), np.array(pair)) == 0
    assert fusion.dense_share(np.float32(1), np.array(pair)) == pytest.approx(1)


def test_the_more_a_need_says_the_less_its_vector_counts_within_english() -> None:
    fusion = Fusion(make_settings(dense_share=0.4, dense_worth=20.0), Background((0.0,) * 3), dense=True)

    def vector_alone(pair: int, self_score: float) -> float:
        found = fusion.relevance(
            np.zeros(1), np.ones(1), pair=np.array([pair]), self_score=self_score, portable_score=1.0
        )
        return float(found[0])

    assert vector_alone(WITHIN_EN, 0.0) == vector_alone(WITHIN_EN, 30.0) == pytest.approx(0.4)
    assert vector_alone(WITHIN_EN, 180.0) == pytest.approx(0.1)
    for pair in (WITHIN_ZH, ACROSS):
        assert vector_alone(pair, 0.0) == vector_alone(pair, 1000.0)
