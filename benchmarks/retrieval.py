"""A full match of every need by every criterion, beside text-only retrieval by named peers for the same needs."""

import math
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import peers
from benchmarks.corpus import Corpus, make_corpus
from matching import engine

WORKERS = 2
MOST_RATIO, MOST_MEGABYTES, MOST_GROWTH = 1.5, 2048, 1.5
HEADLINE = 100_000
"""Listings of the comparison that counts: 50,000 needs and 50,000 capabilities."""
GROWTH = (25_000, 200_000)
EXPLAINED = 1_000
_CHUNK = 2_048
_READ_EVERY = 0.2
# Forked, so that the workers share the needs; none of the parent's libraries has started threads by then.
_processes = multiprocessing.get_context("fork")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Row:
    """Measurements at one size: seconds, and the proportional memory of the whole process group in megabytes."""

    listings: int
    index: float
    rank: float
    explain: float
    megabytes: float
    peers: dict[str, float]

    @property
    def ratio(self) -> float:
        return self.rank / self.peers["bm25s"]


def measure_retrieval(sizes: list[int]) -> None:
    """Print a row per size, the ratios, how the time grows, and a verdict for each target that the sizes cover."""
    print(
        "Corpus: synthetic, 60 words a text on average, 30,000 words by Zipf's law; half of the listings are needs and "
        "half capabilities, each of an organization of its own. Every capability states every field, every need each "
        f"wish with probability one half.\nEngine: words and every criterion, top 20 with all points, by {WORKERS} "
        "processes over the saved, mapped index; vectors off. Peers: text only, top 50, two threads.\n"
    )
    print("| listings | index s | rank s | ms a need | bm25s s | ratio | explained, ms a need | peak MB |")
    print("|---|---|---|---|---|---|---|---|")
    rows = [_measured(size) for size in sizes]
    _print_peers(rows)
    _print_verdicts(rows)


def _measured(size: int) -> Row:
    corpus = make_corpus(size // 2)
    names = ["bm25s", "sparse_dot_topn", "tantivy"] if size == HEADLINE else ["bm25s"]
    with tempfile.TemporaryDirectory(prefix="ronghe-bench-") as scratch:
        folder = Path(scratch) / "index"
        index = _in_a_process(_build, corpus, folder)
        rank, megabytes = _rank(corpus, folder)
        explain = _in_a_process(_explain, corpus, folder)
    retrieved = {name: _in_a_process(getattr(peers, f"retrieve_with_{name}"), corpus) for name in names}
    row = Row(size, index, rank, explain, megabytes, retrieved)
    print(
        f"| {size:,} | {index:.1f} | {rank:.1f} | {1000 * rank / len(corpus.needs):.2f} | {row.peers['bm25s']:.1f} "
        f"| {row.ratio:.2f} | {explain:.1f} | {megabytes:,.0f} |",
        flush=True,
    )
    return row


def _build(corpus: Corpus, folder: Path) -> float:
    settings = engine.Settings(encoder=None)
    started = time.perf_counter()
    engine.build_index(corpus.documents, corpus.organizations, corpus.taxonomy, settings).save(folder)
    return time.perf_counter() - started


def _rank(corpus: Corpus, folder: Path) -> tuple[float, float]:
    """Return the seconds that all workers together take, from when the last is ready, and the peak memory."""
    ready = _processes.Barrier(WORKERS + 1)
    parts = [corpus.needs[number::WORKERS] for number in range(WORKERS)]
    workers = [_processes.Process(target=_rank_part, args=(needs, folder, ready)) for needs in parts]
    for worker in workers:
        worker.start()
    ready.wait()
    started = time.perf_counter()
    with _watched_memory([worker.pid or 0 for worker in workers]) as peak:
        for worker in workers:
            worker.join()
    seconds = time.perf_counter() - started
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("A worker died; there is nothing to compare.")
    return seconds, max(peak)


def _rank_part(needs: list[engine.Need], folder: Path, ready: Any) -> None:
    index = engine.Index.load(folder)
    index.rank(needs[:64])
    ready.wait()
    found = sum(len(index.rank(needs[start : start + _CHUNK])) for start in range(0, len(needs), _CHUNK))
    if not found:
        raise RuntimeError("The engine found no match at all: there is nothing to time.")


def _explain(corpus: Corpus, folder: Path) -> float:
    """Return milliseconds per need, by one process, with every match explained."""
    index = engine.Index.load(folder)
    needs = corpus.needs[:EXPLAINED]
    index.rank(needs[:64])
    started = time.perf_counter()
    for _ in index.match(needs):
        pass
    return 1000 * (time.perf_counter() - started) / len(needs)


def _in_a_process(work: Callable[..., ResultT], *given: object) -> ResultT:
    """Run in a process of its own, so that its memory and threads end with it."""
    receiving, sending = _processes.Pipe(duplex=False)
    process = _processes.Process(target=lambda: sending.send(work(*given)))
    process.start()
    sending.close()
    try:
        result: ResultT = receiving.recv()
    except EOFError:
        raise RuntimeError(f"{work.__name__} failed; see above.") from None
    process.join()
    return result


@contextmanager
def _watched_memory(pids: list[int]) -> Iterator[list[float]]:
    """Collect, while the block runs, the summed proportional set size of some processes and this one, in megabytes."""
    seen, over = [0.0], False

    def watch() -> None:
        while not over:
            seen.append(sum(map(_proportional, ["self", *map(str, pids)])))
            time.sleep(_READ_EVERY)

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch)
        try:
            yield seen
        finally:
            over = True
            watching.result()


def _proportional(process: str) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _print_peers(rows: list[Row]) -> None:
    for row in rows:
        for name, seconds in row.peers.items():
            ratio = row.rank / seconds
            print(f"\n{row.listings:,} listings, {name}: {seconds:.1f} s; the engine takes {ratio:.2f} × that.")


def _print_verdicts(rows: list[Row]) -> None:
    by_size = {row.listings: row for row in rows}
    print()
    if row := by_size.get(HEADLINE):
        print(_verdict(f"time / bm25s at {HEADLINE:,} listings", row.ratio, MOST_RATIO))
        print(_verdict(f"peak memory at {HEADLINE:,} listings, MB", row.megabytes, MOST_MEGABYTES))
    small, large = (by_size.get(size) for size in GROWTH)
    if small and large:
        growth = math.log(large.rank / small.rank) / math.log(GROWTH[1] / GROWTH[0])
        print(_verdict(f"growth exponent {GROWTH[0]:,} → {GROWTH[1]:,} listings", growth, MOST_GROWTH))


def _verdict(name: str, measured: float, most: float) -> str:
    return f"- {'reached' if measured <= most else 'MISSED'}: {name} is {measured:,.2f}, at most {most:,.2f} wanted"
