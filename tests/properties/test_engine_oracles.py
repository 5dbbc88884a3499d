"""The engine's arithmetic against the same formulas written as plainly as possible."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine import Document, Need, Organization, Settings, Text, build_index
from matching.engine.building import make_analyzer
from matching.engine.encoding import QUANTUM, load_encoder
from matching.engine.fusion import WITHIN_EN, ZH
from matching.engine.graph import TechnologyGraph
from matching.engine.retrieval import strongest
from matching.engine.selection import top
from tests.matching.engine.builders import LETTERS, TAXONOMY, make_settings, match_one, only
from tests.properties import strategies

pytestmark = pytest.mark.database_free

law = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def bm25(corpus: list[dict[str, int]], query: dict[str, int], document: dict[str, int], values: Settings) -> float:
    """BM25 with saturated query terms, term by term; weights are kept in 1/32, impacts in 1/64."""
    mean = max(1.0, sum(sum(counts.values()) for counts in corpus) / len(corpus))
    norm = values.k1 * (1 - values.b + values.b * sum(document.values()) / mean)
    total = 0.0
    for term, asked in query.items():
        frequency = sum(term in counts for counts in corpus)
        rarity = math.log(1 + (len(corpus) - frequency + 0.5) / (frequency + 0.5))
        count = document.get(term, 0)
        weight = round(rarity * asked * (values.k1 + 1) / (asked + values.k1) * 32) / 32
        total += weight * round(count * (values.k1 + 1) / (count + norm) * 64) / 64
    return total


phrases = st.lists(st.sampled_from(strategies.WORDS), min_size=1, max_size=6).map(" ".join)


@law
@given(st.lists(phrases, min_size=1, max_size=6, unique=True), phrases)
def test_text_points_against_brute_force(bodies: list[str], asked: str) -> None:
    values = make_settings(weights=only("text"))
    analyzer = make_analyzer(TechnologyGraph(TAXONOMY, values), values)
    names = [f"org{i}" for i in range(len(bodies))]
    documents = [
        Document(name, name, "capability", (Text("en", "", body),)) for name, body in zip(names, bodies, strict=True)
    ]
    index = build_index(documents, [Organization(name) for name in names], TAXONOMY, values)
    found = {match.organization: match for match in match_one(index, Need("n", texts=(Text("en", "", asked),))).matches}

    analyses = [analyzer.analyse(document.texts) for document in documents]
    corpus = [analysis.counts for analysis in analyses]
    query = analyzer.analyse((Text("en", "", asked),))
    for name, analysis in zip(names, analyses, strict=True):
        shared = bool(analysis.languages & query.languages)
        portable = {
            term: count
            for term, count in query.counts.items()
            if term[0] in "@=" or (query.languages == ZH and term.isascii())
        }
        own = bm25(corpus, query.counts, query.counts, values)
        if not shared and portable:
            own = bm25(corpus, portable, query.counts, values)
        score = bm25(corpus, query.counts, analysis.counts, values)
        relevance = min(1.0, score / own) if own else 0.0
        expected = 100 * relevance / (relevance + values.text_half)
        got = float(found[name].score) if name in found else 0.0
        assert got == pytest.approx(expected, abs=0.001)


@law
@given(st.lists(phrases, min_size=1, max_size=5, unique=True), phrases)
def test_vector_points_against_brute_force(bodies: list[str], asked: str) -> None:
    values = make_settings(
        encoder=LETTERS, weights=only("text"), dense_share=1.0, dense_share_chinese=1.0, dense_share_across=1.0
    )
    analyzer = make_analyzer(TechnologyGraph(TAXONOMY, values), values)
    names = [f"org{i}" for i in range(len(bodies))]
    documents = [
        Document(name, name, "capability", (Text("en", "", body),)) for name, body in zip(names, bodies, strict=True)
    ]
    index = build_index(documents, [Organization(name) for name in names], TAXONOMY, values)
    found = {match.organization: match for match in match_one(index, Need("n", texts=(Text("en", "", asked),))).matches}
    encoder = load_encoder(LETTERS)
    query = analyzer.analyse((Text("en", "", asked),))
    floor = index.statistics.background.mean[WITHIN_EN]
    for name, document in zip(names, documents, strict=True):
        sentences = [query.sentence, analyzer.analyse(document.texts).sentence]
        one, two = encoder.encode(sentences).astype(float) if all(sentences) else np.zeros((2, 26))
        one, two = (np.rint(vector / (np.linalg.norm(vector) or 1) * QUANTUM) / QUANTUM for vector in (one, two))
        relevance = max(0.0, (float(one @ two) - floor) / (1 - floor))
        expected = 100 * relevance / (relevance + values.text_half) if query.counts else 0.0
        got = float(found[name].score) if name in found else 0.0
        assert got == pytest.approx(expected, abs=0.01)


scores = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 9)),
    max_size=40,
    unique_by=lambda item: (item[0], item[2]),
)


@law
@given(scores, st.integers(1, 5))
def test_top_k_against_sorting(rows: list[tuple[int, int, int]], limit: int) -> None:
    needs, values, organizations = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(3))
    got = [rows[place] for place in top(needs, values, organizations, limit)]
    expected = []
    for need in sorted({row[0] for row in rows}):
        expected += sorted((row for row in rows if row[0] == need), key=lambda row: (-row[1], row[2]))[:limit]
    assert got == expected


@law
@given(st.integers(1, 12), st.integers(1, 5), st.data())
def test_the_strongest_passages_against_sorting(width: int, limit: int, data: st.DataObject) -> None:
    row = st.lists(st.sampled_from((0.0, 0.25, 0.5, 1.0)), min_size=width, max_size=width)
    strength = np.array(data.draw(st.lists(row, min_size=1, max_size=3)), dtype=np.float32)
    needs, passages = strongest(strength, limit)
    for need in range(len(strength)):
        positive = [place for place in range(width) if strength[need, place] > 0]
        expected = sorted(sorted(positive, key=lambda place: (-strength[need, place], place))[:limit])
        assert passages[needs == need].tolist() == expected
