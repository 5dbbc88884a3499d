"""Runs the suite on SQLite and then, but for what touches no database, on PostgreSQL.

python -m tests.run                                     everything
python -m tests.run --database postgresql tests/events  one database, some tests; further arguments go to pytest
"""

import argparse
import os
import subprocess
import sys
from contextlib import ExitStack

from tests.services.environment import strict
from tests.services.postgres import PostgresUnavailable, running_postgres

NO_TESTS_COLLECTED = 5
# The first is for one half only; with the second every process that a test starts compiles the platform anew.
NOT_INHERITED = {"DATABASE_URL_TEST", "PYTHONDONTWRITEBYTECODE"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    options, pytest_arguments = parser.parse_known_args()
    results = []
    if options.database in {"sqlite", "both"}:
        results.append(_pytest("SQLite", pytest_arguments))
    if options.database in {"postgresql", "both"}:
        once = [] if options.database == "postgresql" else ["-m", "not database_free"]
        results.append(_on_postgresql([*once, *pytest_arguments]))
    return max(results)


def _on_postgresql(arguments: list[str]) -> int:
    with ExitStack() as stack:
        url = os.environ.get("DATABASE_URL_TEST")
        if not url:
            try:
                url = stack.enter_context(running_postgres())
            except PostgresUnavailable as reason:
                print(f"== No run on PostgreSQL: {reason} Set DATABASE_URL_TEST to use a server of yours.", flush=True)
                return 1 if strict() else 0
        return _pytest("PostgreSQL", arguments, DATABASE_URL_TEST=url)


def _pytest(database: str, arguments: list[str], **environment: str) -> int:
    print(f"== Tests on {database}", flush=True)
    given = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    code = subprocess.run([sys.executable, "-m", "pytest", *arguments], env={**given, **environment}).returncode
    # A part of the suite may hold nothing but tests that touch no database.
    return 0 if code == NO_TESTS_COLLECTED and database == "PostgreSQL" else code


if __name__ == "__main__":
    sys.exit(main())
