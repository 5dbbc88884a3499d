"""The main job on real archives: imports and full recomputes, each a process of its own, timed and weighed."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.services.postgres import running_postgres

ROOT = Path(__file__).resolve().parents[1]
INDEXING_SECONDS = 360.0
"""Within which everything is to be indexed where no sentence vector is kept yet."""
AGAIN_SHARE = 0.25
"""Of the seconds of the first indexing, those that a second one may take, which finds its vectors kept."""


def measure_main_job(cordis: Path, calls: Path, *, as_of: str, on_postgres: bool) -> None:
    """Print a row per step on a fresh database: wall seconds and the peak memory of its process."""
    with _platform(on_postgres=on_postgres) as environment:
        steps = [
            ("migrate", ["migrate", "--verbosity=0"]),
            ("import_cordis", ["import_cordis", str(cordis)]),
            ("import_cordis, again", ["import_cordis", str(cordis)]),
            ("import_calls", ["import_calls", str(calls), f"--as-of={as_of}"]),
            ("recompute, nothing cached", ["recompute", "--here", f"--as-of={as_of}"]),
            ("recompute, again", ["recompute", "--here", f"--as-of={as_of}"]),
        ]
        _time_steps(steps, environment)
        print("\nTen matches:\n", flush=True)
        subprocess.run(
            [sys.executable, "manage.py", "best_matches", "--limit=10"], cwd=ROOT, env=environment, check=True
        )


def measure_indexing(cordis: Path) -> None:
    """Print what a full run takes where nobody needs anything, with no sentence vector kept yet and with all of them.

    Without needs such a run is reading the records, encoding them and writing the index.
    """
    with _platform(on_postgres=False) as environment:
        steps = [
            ("migrate", ["migrate", "--verbosity=0"]),
            ("import_cordis", ["import_cordis", str(cordis)]),
            ("indexing, nothing cached", ["recompute", "--here"]),
            ("indexing, again", ["recompute", "--here"]),
        ]
        *_, first, again = _time_steps(steps, environment)
    print(f"\nThe second took {again / first:.0%} of the first.")
    reached = first <= INDEXING_SECONDS and again <= AGAIN_SHARE * first
    print(
        f"Verdict: {first:.0f} s once and {again:.0f} s again, at most {INDEXING_SECONDS:.0f} s and "
        f"{AGAIN_SHARE:.0%} of it wanted: {'reached' if reached else 'missed'}"
    )


@contextmanager
def _platform(*, on_postgres: bool) -> Iterator[dict[str, str]]:
    """The environment in which commands work on an empty platform of their own."""
    with tempfile.TemporaryDirectory(prefix="ronghe-bench-") as var, _database(on_postgres=on_postgres) as url:
        print(f"On {'PostgreSQL' if url else 'SQLite'}:\n")
        database = {"DATABASE_URL": url} if url else {}
        yield {**os.environ, "RONGHE_VAR_DIR": var, "SECRET_KEY": "benchmark", **database}


def _time_steps(steps: list[tuple[str, list[str]]], environment: dict[str, str]) -> list[float]:
    """Run commands one after another, print a row for each, and return their seconds."""
    print("| step | seconds | peak MB |\n|---|---|---|", flush=True)
    measured = []
    for name, arguments in steps:
        seconds, peak = _run(arguments, environment)
        print(f"| {name} | {seconds:.1f} | {peak:,.0f} |", flush=True)
        measured.append(seconds)
    return measured


@contextmanager
def _database(*, on_postgres: bool) -> Iterator[str]:
    with running_postgres() if on_postgres else nullcontext("") as url:
        yield url


def _run(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall seconds and peak resident megabytes of one command, as the operating system accounts for it."""
    started = time.perf_counter()
    done = subprocess.run(
        ["/usr/bin/env", sys.executable, "-c", _WEIGHED, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"manage.py {' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    found = re.search(r"^peak (\d+)$", done.stderr, re.MULTILINE)
    return seconds, int(found.group(1)) / 1024 if found else float("nan")


# Runs manage.py in a child, so that what is weighed is the command and not this program.
_WEIGHED = """
import resource, subprocess, sys
code = subprocess.run([sys.executable, "manage.py", *sys.argv[1:]]).returncode
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
