"""A full match of every need, with every criterion, against bm25s (numba) retrieving text only for the same needs."""

import math
import resource
import time
from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar

import bm25s

from benchmarks.corpus import Corpus, make_corpus
from matching import engine

PEER_TOP = 50
ResultT = TypeVar("ResultT")


def measure_retrieval(sizes: list[int]) -> None:
    """Print a row per size: seconds of both, the ratio, and how the engine's time grows."""
    print("Corpus: synthetic, 60 words a text on average, 30,000 words by Zipf's law; as many needs as capabilities.")
    print("Engine: lexical and every criterion, top 20 (vectors off). Peer: bm25s with numba, text only, top 50.\n")
    print("| needs × capabilities | engine index s | engine match s | bm25s index s | bm25s retrieve s | ratio match |")
    print("|---|---|---|---|---|---|")
    seconds: list[tuple[int, float]] = []
    for size in sizes:
        corpus = make_corpus(size)
        index_s, match_s = _engine(corpus)
        peer_index_s, peer_s = _peer(corpus)
        seconds.append((size, match_s))
        print(
            f"| {size:,} × {size:,} | {index_s:.1f} | {match_s:.1f} | {peer_index_s:.1f} | {peer_s:.1f} "
            f"| {match_s / peer_s:.1f} |",
            flush=True,
        )
    for (small, fast), (large, slow) in pairwise(seconds):
        print(f"\nGrowth exponent {small:,} → {large:,}: {math.log(slow / fast) / math.log(large / small):.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory of the whole process: {peak:,.0f} MB")


def _engine(corpus: Corpus) -> tuple[float, float]:
    settings = engine.Settings(encoder=None)
    index, index_s = _timed(
        lambda: engine.build_index(corpus.documents, corpus.organizations, corpus.taxonomy, settings)
    )
    lists, match_s = _timed(lambda: sum(len(answer.matches) for answer in index.match(corpus.needs)))
    if not lists:
        raise RuntimeError("The engine found no match at all: there is nothing to time.")
    return index_s, match_s


def _peer(corpus: Corpus) -> tuple[float, float]:
    def build() -> bm25s.BM25:
        peer = bm25s.BM25(backend="numba")
        peer.index(bm25s.tokenize(corpus.document_texts, show_progress=False), show_progress=False)
        return peer

    peer, index_s = _timed(build)
    # Compiling is not retrieving: the first query pays for numba's compilation.
    peer.retrieve(
        bm25s.tokenize(corpus.need_texts[:10], show_progress=False), k=PEER_TOP, show_progress=False, n_threads=2
    )

    def retrieve() -> int:
        queries = bm25s.tokenize(corpus.need_texts, show_progress=False)
        found, _scores = peer.retrieve(queries, k=PEER_TOP, show_progress=False, n_threads=2)
        return len(found)

    _found, retrieve_s = _timed(retrieve)
    return index_s, retrieve_s


def _timed(work: Callable[[], ResultT]) -> tuple[ResultT, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started
