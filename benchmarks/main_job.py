"""The main job on real archives: both imports and a full recompute, each a process of its own, timed and weighed."""

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


def measure_main_job(cordis: Path, calls: Path, *, as_of: str, on_postgres: bool) -> None:
    """Print a row per step on a fresh database: wall seconds and the peak memory of its process."""
    with tempfile.TemporaryDirectory(prefix="ronghe-bench-") as var, _database(on_postgres=on_postgres) as url:
        environment = {**os.environ, "RONGHE_VAR_DIR": var, "SECRET_KEY": "benchmark"}
        if url:
            environment["DATABASE_URL"] = url
        steps = [
            ("migrate", ["migrate", "--verbosity=0"]),
            ("import_cordis", ["import_cordis", str(cordis)]),
            ("import_cordis, again", ["import_cordis", str(cordis)]),
            ("import_calls", ["import_calls", str(calls), f"--as-of={as_of}"]),
            ("recompute, nothing cached", ["recompute", "--here", f"--as-of={as_of}"]),
            ("recompute, again", ["recompute", "--here", f"--as-of={as_of}"]),
        ]
        print(f"On {'PostgreSQL' if url else 'SQLite'}:\n\n| step | seconds | peak MB |\n|---|---|---|")
        for name, arguments in steps:
            seconds, peak = _run(arguments, environment)
            print(f"| {name} | {seconds:.1f} | {peak:,.0f} |", flush=True)
        print("\nTen matches:\n", flush=True)
        subprocess.run(
            [sys.executable, "manage.py", "best_matches", "--limit=10"], cwd=ROOT, env=environment, check=True
        )


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
