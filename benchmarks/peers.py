"""Named peers on the same needs: text alone, the 50 best, two threads. Each returns seconds of retrieval."""

import time
from collections import Counter

import bm25s
import numpy as np
from scipy import sparse

from benchmarks.corpus import Corpus

TOP = 50
THREADS = 2
SAMPLE = 2_000
"""Needs that the slowest peer is asked; its seconds are scaled up to all of them."""


def retrieve_with_bm25s(corpus: Corpus) -> float:
    peer = bm25s.BM25(backend="numba")
    peer.index(bm25s.tokenize(corpus.document_texts, show_progress=False), show_progress=False)

    def retrieve(texts: list[str]) -> None:
        queries = bm25s.tokenize(texts, show_progress=False)
        peer.retrieve(queries, k=TOP, show_progress=False, n_threads=THREADS)

    # Compiling is not retrieving: the first query pays for numba's compilation.
    retrieve(corpus.need_texts[:10])
    started = time.perf_counter()
    retrieve(corpus.need_texts)
    return time.perf_counter() - started


def retrieve_with_sparse_dot_topn(corpus: Corpus) -> float:
    from sparse_dot_topn import sp_matmul_topn

    vocabulary: dict[str, int] = {}
    needs, documents = (_counted(texts, vocabulary) for texts in (corpus.need_texts, corpus.document_texts))
    width = len(vocabulary)
    needs.resize(needs.shape[0], width)
    documents.resize(documents.shape[0], width)
    frequency = np.bincount(documents.indices, minlength=width)
    needs.data *= np.log1p(documents.shape[0] / (1 + frequency))[needs.indices]
    turned = documents.T.tocsr()
    started = time.perf_counter()
    sp_matmul_topn(needs, turned, top_n=TOP, n_threads=THREADS)
    return time.perf_counter() - started


def retrieve_with_tantivy(corpus: Corpus) -> float:
    import tantivy

    schema = tantivy.SchemaBuilder().add_text_field("text").build()
    index = tantivy.Index(schema)
    writer = index.writer()
    for text in corpus.document_texts:
        writer.add_document(tantivy.Document(text=text))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    asked = corpus.need_texts[:SAMPLE]
    started = time.perf_counter()
    for text in asked:
        searcher.search(index.parse_query(text, ["text"]), TOP)
    seconds = time.perf_counter() - started
    # It answers one query on one thread: two threads would answer twice as many.
    return seconds / len(asked) * len(corpus.needs) / THREADS


def _counted(texts: list[str], vocabulary: dict[str, int]) -> sparse.csr_matrix:
    starts, codes, counts = [0], [], []
    for text in texts:
        for word, count in Counter(text.split()).items():
            codes.append(vocabulary.setdefault(word, len(vocabulary)))
            counts.append(count)
        starts.append(len(codes))
    return sparse.csr_matrix((np.array(counts, dtype=np.float64), codes, starts), shape=(len(texts), len(vocabulary)))
