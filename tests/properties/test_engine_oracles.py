"""The engine's arithmetic against the same formulas written as plainly as possible."""

import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from matching.engine import Document, Need, Organization, Settings, TechnologyUse, Text, build_index
from matching.engine.building import make_analyzer
from matching.engine.encoding import QUANTUM, load_encoder
from matching.engine.fusion import WITHIN_EN, ZH
from matching.engine.graph import TechnologyGraph
from matching.engine.kernels import keep_strongest
from matching.engine.passages import content_key
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
        count = document.get(term, 0)
        weight = weigh(corpus, term, asked, values)
        total += weight * round(count * (values.k1 + 1) / (count + norm) * 64) / 64
    return total


def weigh(corpus: list[dict[str, int]], term: str, asked: int, values: Settings) -> float:
    """What a term of a need weighs: its rarity, to the power of 1.25, times its saturated count, in 1/32."""
    frequency = sum(term in counts for counts in corpus)
    rarity = math.log(1 + (len(corpus) - frequency + 0.5) / (frequency + 0.5))
    rarity *= (rarity / 5) ** 0.25
    return round(rarity * asked * (values.k1 + 1) / (asked + values.k1) * 32) / 32


phrases = st.lists(st.sampled_from(strategies.WORDS), min_size=1, max_size=6).map(" ".join)


@law
@given(st.lists(phrases, min_size=1, max_size=6, unique=True), phrases, st.sampled_from((2.0, 100.0)))
def test_text_points_against_brute_force(bodies: list[str], asked: str, long_need: float) -> None:
    values = make_settings(weights=only("text"), long_need=long_need)
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
        own = whole = bm25(corpus, query.counts, query.counts, values)
        if not shared and portable:
            own = bm25(corpus, portable, query.counts, values)
        score = bm25(corpus, query.counts, analysis.counts, values)
        relevance = min(1.0, score / own) if own else 0.0
        # Evidence is added up in steps of 2^-40, which tells where next to nothing is in common.
        power = values.evidence_power
        relevance = (round(relevance**power * 2**40) / 2**40) ** (1 / power)
        half = values.text_half * math.sqrt(long_need / whole) if whole > long_need else values.text_half
        expected = 100 * relevance / (relevance + half)
        got = float(found[name].score) if name in found else 0.0
        assert got == pytest.approx(expected, abs=0.001)


@law
@given(st.lists(phrases, min_size=1, max_size=5, unique=True), phrases)
def test_vector_points_against_brute_force(bodies: list[str], asked: str) -> None:
    values = make_settings(
        encoder=LETTERS,
        weights=only("text"),
        dense_share=1.0,
        dense_worth=1e9,
        dense_share_chinese=1.0,
        dense_share_across=1.0,
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


offers = st.lists(
    st.builds(
        TechnologyUse,
        st.sampled_from(("ssb", "sodium-ion", "energy-storage", "lithium-metal", "hts-tape", "unheard-of")),
        st.sampled_from((None, "ssb-sulfide", "ssb-oxide")),
        st.sampled_from((0.25, 0.5, 1.0)),
    ),
    min_size=1,
    max_size=6,
).map(tuple)


def technology_share(asked: dict[str, float], offered: tuple[TechnologyUse, ...], values: Settings) -> float:
    """Of each technology wanted the best that is offered, by its share of what is wanted; reaches are in 1/256."""
    meets = {
        "ssb": {
            "ssb": 1.0,
            "sodium-ion": values.related_weight,
            "energy-storage": values.broader_weight,
            "lithium-metal": values.dependency_weight,
        },
        "hts-tape": {"hts-tape": 1.0},
    }
    total = 0.0
    for wanted, weight in asked.items():
        reach = {name: round(value * weight / sum(asked.values()) * 256) / 256 for name, value in meets[wanted].items()}
        total += max(reach.get(use.technology, 0.0) * use.weight for use in offered)
    return min(1.0, total)


@law
@given(offers, st.dictionaries(st.sampled_from(("ssb", "hts-tape")), st.sampled_from((0.5, 1.0)), min_size=1))
def test_technology_points_against_brute_force(offered: tuple[TechnologyUse, ...], asked: dict[str, float]) -> None:
    values = make_settings(weights=only("technology"))
    index = build_index([Document("doc", "bob", "capability", (), offered)], [Organization("bob")], TAXONOMY, values)
    need = Need("n", technologies=tuple(TechnologyUse(name, None, weight) for name, weight in asked.items()))
    points = [float(match.score) for match in match_one(index, need).matches]
    assert (points or [0.0])[0] == pytest.approx(100 * technology_share(asked, offered, values), abs=0.001)


@law
@given(offers, st.lists(st.sampled_from((None, "ssb-sulfide", "ssb-oxide")), min_size=1, max_size=4), st.data())
def test_naming_a_technology_again_buys_nothing(
    offered: tuple[TechnologyUse, ...], routes: list[str | None], data: st.DataObject
) -> None:
    again = data.draw(st.sampled_from(offered))
    stuffed = (*offered, *(TechnologyUse(again.technology, route, again.weight) for route in routes))
    need = Need("n", technologies=(TechnologyUse("ssb"), TechnologyUse("hts-tape")))
    plain, more = (
        match_one(
            build_index(
                [Document("doc", "bob", "capability", (), uses)],
                [Organization("bob")],
                TAXONOMY,
                make_settings(weights=only("technology")),
            ),
            need,
        ).matches
        for uses in (offered, stuffed)
    )
    assert [match.score for match in more] == [match.score for match in plain]


scores = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 9)),
    max_size=40,
    unique_by=lambda item: (item[0], item[2]),
)


@law
@given(scores, st.integers(1, 5))
def test_top_k_against_sorting(rows: list[tuple[int, int, int]], limit: int) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    needs, values, organizations = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(3))
    got = [rows[place] for place in top(needs, values, organizations, limit)]
    expected = []
    for need in sorted({row[0] for row in rows}):
        expected += sorted((row for row in rows if row[0] == need), key=lambda row: (-row[1], row[2]))[:limit]
    assert got == expected


@law
@given(st.integers(1, 40), st.integers(1, 5), st.data())
def test_the_strongest_candidates_against_sorting(width: int, limit: int, data: st.DataObject) -> None:
    values = st.sampled_from((0, 1, 2, 3, 2**20, 2**20 + 1, 2**30))
    strength = data.draw(st.lists(st.lists(values, max_size=width), min_size=1, max_size=3))
    flat = [value for row in strength for value in row]
    keys = data.draw(st.permutations(range(len(flat))))
    starts = np.cumsum([0, *map(len, strength)])
    columns = np.array(flat, dtype=np.int32), np.array(keys, dtype=np.int64)
    kept = keep_strongest(starts.astype(np.int64), *columns, limit).tolist()
    for first, last in pairwise(starts.tolist()):
        own = sorted(range(first, last), key=lambda at: (-flat[at], keys[at]))
        assert sorted(place for place in kept if first <= place < last) == sorted(own[:limit])


WORLD = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
worlds = st.lists(
    st.tuples(st.lists(st.sampled_from(WORLD), max_size=8), st.sampled_from((None, "ssb", "sodium-ion"))),
    min_size=1,
    max_size=12,
    unique_by=lambda item: (" ".join(item[0]), item[1]),
)


@law
@given(worlds, st.lists(st.sampled_from(WORLD), min_size=1, max_size=6), st.integers(1, 12), st.integers(1, 4))
def test_what_is_brought_up_against_brute_force(
    contents: list[tuple[list[str], str | None]], asked: list[str], scanned: int, limit: int
) -> None:
    """Only the most telling words bring texts up, the strongest by an estimate stay, and all words score them."""
    values = make_settings(
        weights=only("text", "technology"), scanned_postings=scanned, candidates=limit, passages=limit, top_k=1
    )
    names = [f"org{i:02}" for i in range(len(contents))]
    documents = [
        Document(
            name, name, "capability", (Text("en", "", " ".join(words)),), () if tag is None else (TechnologyUse(tag),)
        )
        for name, (words, tag) in zip(names, contents, strict=True)
    ]
    need = Need("need", texts=(Text("en", "", " ".join(asked)),), technologies=(TechnologyUse("ssb"),))
    index = build_index(documents, [Organization(name) for name in names], TAXONOMY, values)
    [(_, found)] = index.shortlist([need])

    analyzer = make_analyzer(TechnologyGraph(TAXONOMY, values), values)
    corpus = [analyzer.analyse(document.texts).counts for document in documents]
    query = analyzer.analyse(need.texts).counts
    telling = sorted(query, key=lambda word: (-weigh(corpus, word, query[word], values), word))
    read, scans = 0, []
    for word in telling:
        if read < scanned:
            scans.append(word)
        read += sum(word in counts for counts in corpus)
    own = bm25(corpus, query, query, values)
    links = {"ssb": 1.0, "sodium-ion": values.related_weight}
    brought = []
    for name, document, counts, (_, tag) in zip(names, documents, corpus, contents, strict=True):
        part = bm25(corpus, {word: query[word] for word in scans}, counts, values)
        link = round(links.get(tag, 0.0) * 256) / 256
        estimate = part / own / 2 + link / 2
        full = min(1.0, bm25(corpus, query, counts, values) / own) / 2 + link / 2
        key = content_key(document.texts, document.technologies)
        # A text without words is in no language, so it stands among those that share none.
        brought.append((bool(counts), estimate, full, key, name, (part, link)))
    near, far = ([one for one in brought if one[0] is side and one[1] > 0] for side in (True, False))
    # The engine counts words in small steps: estimates only tie for certain where both have the same parts.
    assume(all(abs(a[1] - b[1]) > 1e-4 or a[5] == b[5] for a, b in combinations(near, 2)))
    assume(all(abs(a[2] - b[2]) > 1e-5 or a[2] == b[2] for a, b in combinations(near + far, 2)))
    candidates = [one for side in (near, far) for one in sorted(side, key=lambda one: (-one[1], one[3]))[:limit]]
    kept = sorted(candidates, key=lambda one: (-one[2], one[3]))[:limit]
    assert set(found) == {one[4] for one in kept}
