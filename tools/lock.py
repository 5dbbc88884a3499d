"""Pins every requirement with the hashes of its files, for every platform and Python from 3.11 on.

python tools/lock.py            resolve and write the lock files; needs uv
python tools/lock.py --check    fail when a lock file does not belong to its list
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Each list with the lock that its own must agree with.
LISTS = {"requirements": None, "requirements-dev": "requirements", "requirements-bench": "requirements-dev"}
OPTIONS = (
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    # A lock file names packages and digests; where to fetch them is for each machine to say.
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--index-strategy=unsafe-best-match",
)


def heading(name: str) -> str:
    """The first line of a lock file: which list, in which state, it was made from."""
    digest = hashlib.sha256((ROOT / f"{name}.in").read_bytes()).hexdigest()
    return f"# Made by `make lock` from {name}.in, sha256 {digest}\n"


def lock(name: str, constraint: str | None) -> None:
    """Resolve one list and write its lock file."""
    constraints = ["--constraint", f"{constraint}.txt"] if constraint else []
    command = ["uv", "pip", "compile", *OPTIONS, *constraints, f"{name}.in"]
    resolved = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    (ROOT / f"{name}.txt").write_text(heading(name) + resolved, encoding="utf-8")


def stale() -> list[str]:
    """The lock files that were not made from their list as it is now."""
    return [
        f"{name}.txt"
        for name in LISTS
        if not (ROOT / f"{name}.txt").read_text(encoding="utf-8").startswith(heading(name))
    ]


def main() -> int:
    """Lock, or check the locks; returns the exit code."""
    if "--check" in sys.argv[1:]:
        if outdated := stale():
            sys.stderr.write(f"{', '.join(outdated)}: made from another list. Run: make lock\n")
        return bool(outdated)
    for name, constraint in LISTS.items():
        lock(name, constraint)
    return 0


if __name__ == "__main__":
    sys.exit(main())
