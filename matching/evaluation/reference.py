"""The judged set that every installation carries: no weights go live that rank worse on it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from matching.engine import Settings
from matching.evaluation.comparison import Comparison, compare
from matching.evaluation.judged import measure_capabilities, rank_judged
from matching.evaluation.judged_set import read_judged_set

REFERENCE_FOLDER: Final = Path(__file__).parent / "reference"
DECIDING: Final = "nDCG@10"


def compare_on_reference(
    *, before: Settings, after: Settings, cache: Path | None = None, folder: Path | None = None
) -> Comparison:
    """Compare two settings on the reference set, over capabilities: the hard negatives are among them.

    Args:
        before: the settings in force.
        after: the others.
        cache: a folder for sentence vectors.
        folder: a judged set; None takes the one that comes with the platform.

    Raises:
        InvalidInput: the set cannot be used.
    """
    judged = read_judged_set(folder or REFERENCE_FOLDER)
    old, new = (
        measure_capabilities(judged, rank_judged(judged, settings, cache=cache)) for settings in (before, after)
    )
    return compare("Reference set", before=old, after=new, deciding=DECIDING)
