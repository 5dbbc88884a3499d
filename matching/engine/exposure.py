"""Exposure: nobody is in everybody's list, and newcomers get places of their own.

The limit holds over all lists of a run at once, so it is one pass over every candidate of every need, after all of them
have been scored. Candidates are taken in the order of their scores (greedy b-matching), which depends neither on the
order of the needs nor on how the run was cut into blocks, and no score is touched: an incremental run that passes over
the same candidates gets the lists of a full one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from matching.engine.errors import SettingsError


class Candidate(NamedTuple):
    """An organization that was scored for a need."""

    need: str
    organization: str
    score: float
    is_newcomer: bool = False
    is_fixed: bool = False
    """Somebody put it into the list: it takes a place there and counts, and no limit takes it out."""


class Place(NamedTuple):
    """A place in a need's list; `for_newcomer` says that the organization's score alone would not have earned it."""

    organization: str
    score: float
    for_newcomer: bool


@dataclass(frozen=True, slots=True)
class ExposureLimits:
    """How places are given out. Raises `SettingsError` naming every fault at once."""

    places: int
    """Places in each list."""
    most_lists: int | None = None
    """Lists that one organization may be in, those included where it is fixed; None for any number."""
    newcomer_places: int = 0
    """Places of each list that newcomers get as long as there are any among the candidates."""

    def __post_init__(self) -> None:
        faults = []
        if self.places < 1:
            faults.append(f"places is {self.places}; give 1 or more")
        if self.most_lists is not None and self.most_lists < 1:
            faults.append(f"most_lists is {self.most_lists}; give 1 or more, or None for any number")
        if not 0 <= self.newcomer_places <= self.places:
            faults.append(f"newcomer_places is {self.newcomer_places}; give 0 to {self.places}")
        if faults:
            raise SettingsError(faults)


@dataclass(frozen=True, slots=True)
class Exposure:
    """The lists after the pass, best first, and what the limits cost."""

    lists: Mapping[str, tuple[Place, ...]]
    changed: int
    """Lists that hold other organizations than who is fixed and the best of the others."""
    cost: float
    """Points by which the lists fall short of those, summed over all places."""
    most_lists: int
    """In how many lists the organization is that is in most."""


def limit_exposure(candidates: Iterable[Candidate], limits: ExposureLimits) -> Exposure:
    """Give out the places of all lists, the best candidate of any need first; equal scores go by the ids.

    Who is fixed is seated before all others, even where that alone exceeds a limit.
    Newcomers' places are kept free for them in a first round; what no newcomer takes goes to the others in a second.
    Without limits every list holds its best candidates, as selection alone would choose them.
    """
    ranked = sorted(candidates, key=lambda item: (not item.is_fixed, -item.score, item.organization, item.need))
    table = _Table(limits, Counter(item.need for item in ranked if item.is_newcomer))
    for item in ranked:
        table.offer(item, keep_free=True)
    for item in ranked:
        table.offer(item, keep_free=False)
    return _told(ranked, table.taken, limits)


class _Table:
    """Who sits where so far."""

    def __init__(self, limits: ExposureLimits, newcomers: Mapping[str, int]) -> None:
        self._limits, self._newcomers = limits, newcomers
        self._lists: Counter[str] = Counter()
        self._established: Counter[str] = Counter()
        self.taken: defaultdict[str, dict[str, Candidate]] = defaultdict(dict)

    def offer(self, item: Candidate, *, keep_free: bool) -> None:
        """Seat a candidate where there is room for it in the list and in the organization's budget."""
        seated = self.taken[item.need]
        most = self._limits.most_lists
        if item.organization in seated:
            return
        if not item.is_fixed:
            if len(seated) >= self._limits.places:
                return
            if most is not None and self._lists[item.organization] >= most:
                return
            kept = min(self._limits.newcomer_places, self._newcomers.get(item.need, 0)) if keep_free else 0
            if not item.is_newcomer and self._established[item.need] >= self._limits.places - kept:
                return
        self._established[item.need] += not item.is_newcomer
        self._lists[item.organization] += 1
        seated[item.organization] = item


def _told(ranked: list[Candidate], taken: Mapping[str, dict[str, Candidate]], limits: ExposureLimits) -> Exposure:
    best: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for item in ranked:
        if item.is_fixed or len(best[item.need]) < limits.places:
            best[item.need].setdefault(item.organization, item.score)
    lists = {
        need: tuple(
            Place(item.organization, item.score, item.is_newcomer and item.organization not in best[need])
            for item in sorted(taken[need].values(), key=lambda item: (-item.score, item.organization))
        )
        for need in sorted(best)
    }
    return Exposure(
        lists=lists,
        changed=sum({place.organization for place in lists[need]} != set(best[need]) for need in lists),
        cost=sum(sum(best[need].values()) - sum(place.score for place in places) for need, places in lists.items()),
        most_lists=max(Counter(_organizations(lists.values())).values(), default=0),
    )


def _organizations(lists: Collection[tuple[Place, ...]]) -> Iterable[str]:
    return (place.organization for places in lists for place in places)
