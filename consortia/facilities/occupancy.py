"""How full a slot is over time: pure arithmetic on intervals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Occupation:
    """Some units taken from `starts_at` up to, but not including, `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    units: int


def peak_units(occupations: Iterable[Occupation], *, starts_at: datetime, ends_at: datetime) -> int:
    """The most units taken at any moment of [starts_at, ends_at).

    A sweep over the ends of the intervals: O(n log n). Where one interval ends and another begins at the same moment,
    the first has left before the second arrives, for intervals are half-open.
    """
    changes: list[tuple[datetime, int]] = []
    for occupation in occupations:
        begin, end = max(occupation.starts_at, starts_at), min(occupation.ends_at, ends_at)
        if begin < end:
            changes += [(begin, occupation.units), (end, -occupation.units)]
    taken = peak = 0
    # At one moment departures sort before arrivals, as their change is negative.
    for _moment, change in sorted(changes):
        taken += change
        peak = max(peak, taken)
    return peak
