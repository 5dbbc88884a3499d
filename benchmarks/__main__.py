"""`python -m benchmarks [retrieval | main-job …]`: run the measurements and print them as Markdown tables."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = [10_000, 20_000, 25_000, 50_000, 100_000, 200_000]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    kinds = parser.add_subparsers(dest="kind")
    retrieval = kinds.add_parser("retrieval", help="matching in full against bm25s retrieving text only")
    retrieval.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="LISTINGS")
    job = kinds.add_parser("main-job", help="the imports and a full recompute on real archives")
    job.add_argument("--cordis", type=Path, required=True, help="cordis-HORIZONprojects-csv.zip")
    job.add_argument("--calls", type=Path, required=True, help="open_calls.jsonl.gz")
    job.add_argument("--as-of", default="2026-03-01", help="the day taken for today, on which the calls are open")
    job.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    given = parser.parse_args()
    sys.path.append(str(ROOT / "platform"))
    if given.kind == "main-job":
        from benchmarks.main_job import measure_main_job

        measure_main_job(given.cordis, given.calls, as_of=given.as_of, on_postgres=given.postgres)
    else:
        from benchmarks.retrieval import measure_retrieval

        measure_retrieval(getattr(given, "sizes", SIZES))


if __name__ == "__main__":
    main()
