"""A text typed into a box, matched by every criterion, beside PostgreSQL full text over the same texts and hits."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psycopg

from benchmarks.corpus import TODAY, Corpus, make_corpus
from matching import engine
from tests.services.postgres import running_postgres

HITS = 20
QUERIES = 200
MOST_MILLISECONDS, MOST_RATIO = 80.0, 0.5
_WORDS = 5
_SEARCH = """
    SELECT id FROM listing WHERE words @@ to_tsquery('simple', %(any)s)
    ORDER BY ts_rank_cd(words, to_tsquery('simple', %(any)s)) DESC, id LIMIT %(hits)s
"""


def measure_search(listings: int) -> None:
    """Print median and 95th percentile of both in milliseconds, and a verdict for each target."""
    corpus = make_corpus(listings)
    # The longest words of a need stand for what people type: any rarity, but no word twice.
    queries = [" ".join(sorted(set(text.split()), key=len)[-_WORDS:]) for text in corpus.need_texts[:QUERIES]]
    print(f"{listings:,} listings of 60 words on average, {QUERIES} searches of {_WORDS} words, {HITS} hits each.\n")
    print("| | median ms | p95 ms |\n|---|---|---|")
    ours = _print_row("engine, explained", _engine_times(corpus, queries))
    theirs = _print_row("PostgreSQL full text", _postgres_times(corpus, queries))
    print(f"\n- {_said(ours <= MOST_MILLISECONDS)}: p95 is {ours:.0f} ms, at most {MOST_MILLISECONDS:.0f} wanted")
    print(f"- {_said(ours <= MOST_RATIO * theirs)}: {ours / theirs:.2f} × PostgreSQL, at most {MOST_RATIO} wanted")


def _engine_times(corpus: Corpus, queries: list[str]) -> list[float]:
    settings = engine.Settings(encoder=None, top_k=HITS)
    with tempfile.TemporaryDirectory(prefix="ronghe-bench-") as scratch:
        folder = Path(scratch) / "index"
        engine.build_index(corpus.documents, corpus.organizations, corpus.taxonomy, settings).save(folder)
        index = engine.Index.load(folder)
        return _times(lambda text: index.match_text(text, lang="en", as_of=TODAY), queries)


def _postgres_times(corpus: Corpus, queries: list[str]) -> list[float]:
    with running_postgres() as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE listing (id int PRIMARY KEY, body text, words tsvector)")
        with connection.cursor() as cursor, cursor.copy("COPY listing (id, body) FROM STDIN") as copy:
            for row in enumerate(corpus.document_texts):
                copy.write_row(row)
        connection.execute("UPDATE listing SET words = to_tsvector('simple', body)")
        connection.execute("CREATE INDEX ON listing USING gin (words)")
        connection.execute("VACUUM ANALYZE listing")
        return _times(
            lambda text: connection.execute(_SEARCH, {"any": text.replace(" ", " | "), "hits": HITS}).fetchall(),
            queries,
        )


def _times(search: Callable[[str], object], queries: list[str]) -> list[float]:
    """Return milliseconds per search, once everything is warm."""
    for text in queries:
        search(text)
    milliseconds = []
    for text in queries:
        started = time.perf_counter()
        search(text)
        milliseconds.append(1000 * (time.perf_counter() - started))
    return milliseconds


def _print_row(name: str, milliseconds: list[float]) -> float:
    median, high = np.percentile(milliseconds, [50, 95]).tolist()
    print(f"| {name} | {median:.1f} | {high:.1f} |", flush=True)
    return float(high)


def _said(reached: bool) -> str:  # noqa: FBT001  # a verdict is a yes or a no
    return "reached" if reached else "MISSED"
