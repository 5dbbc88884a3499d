"""The test suite. It mirrors the source: tests/listings/ holds what is said of consortia/listings/, and so on."""

import sys
from pathlib import Path

# pytest is told by pyproject.toml; `python -m tests.run` learns of the source root here.
SOURCE_ROOT = str(Path(__file__).resolve().parents[1] / "platform")
if SOURCE_ROOT not in sys.path:
    sys.path.append(SOURCE_ROOT)
