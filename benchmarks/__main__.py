"""`python -m benchmarks [retrieval | search | results | latency | indexing … | main-job …]`: measurements as Markdown.

Without a kind, the first four run one after another at full size; docs/benchmarks.md says which sizes have been run.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNASKED = ("retrieval", "search", "results", "latency")
"""What needs no archive of somebody else's, and so runs when no kind is named."""
SIZES = [10_000, 20_000, 25_000, 50_000, 100_000, 200_000]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    kinds = parser.add_subparsers(dest="kind")
    retrieval = kinds.add_parser("retrieval", help="matching in full against bm25s retrieving text only")
    retrieval.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="LISTINGS")
    search = kinds.add_parser("search", help="a text typed into a box against PostgreSQL full text")
    search.add_argument("--listings", type=int, default=100_000)
    indexing = kinds.add_parser("indexing", help="indexing real projects with sentence vectors, once and again")
    indexing.add_argument("--cordis", type=Path, required=True, help="cordis-HORIZONprojects-csv.zip")
    job = kinds.add_parser("main-job", help="the imports and a full recompute on real archives")
    job.add_argument("--cordis", type=Path, required=True, help="cordis-HORIZONprojects-csv.zip")
    job.add_argument("--calls", type=Path, required=True, help="open_calls.jsonl.gz")
    job.add_argument("--as-of", default="2026-03-01", help="the day taken for today, on which the calls are open")
    job.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    results = kinds.add_parser("results", help="storing match lists on PostgreSQL against plain COPY of the same rows")
    results.add_argument("--rows", type=int, default=1_000_000)
    latency = kinds.add_parser("latency", help="from a publication to its stored match, with a real Redis and worker")
    latency.add_argument("--size", type=int, default=50_000, help="needs, and as many capabilities")
    latency.add_argument("--repeats", type=int, default=40, help="publications of each side")
    given = parser.parse_args()
    if given.kind is None:
        sys.exit(_each(UNASKED))
    sys.path.append(str(ROOT / "platform"))
    if given.kind == "main-job":
        from benchmarks.main_job import measure_main_job

        measure_main_job(given.cordis, given.calls, as_of=given.as_of, on_postgres=given.postgres)
    elif given.kind == "indexing":
        from benchmarks.main_job import measure_indexing

        measure_indexing(given.cordis)
    elif given.kind == "search":
        from benchmarks.search import measure_search

        measure_search(given.listings)
    elif given.kind in {"results", "latency"}:
        _on_a_platform(given)
    else:
        from benchmarks.retrieval import measure_retrieval

        measure_retrieval(given.sizes)


def _each(kinds: tuple[str, ...]) -> int:
    """Run measurements in turn, each in a process of its own; returns 1 when one of them broke off."""
    codes = []
    for kind in kinds:
        print(f"\n## {kind}\n", flush=True)
        codes.append(subprocess.run([sys.executable, "-m", "benchmarks", kind], cwd=ROOT, check=False).returncode)
    return int(any(codes))


def _on_a_platform(given: argparse.Namespace) -> None:
    from benchmarks.scratch import scratch_platform

    with scratch_platform():
        # Models can be imported only now that Django is set up.
        if given.kind == "results":
            from benchmarks.results import measure_results

            measure_results(given.rows)
        else:
            from benchmarks.latency import measure_latency

            measure_latency(given.size, repeats=given.repeats)


if __name__ == "__main__":
    main()
