"""Which needs a change may reach, found by their watches without loading them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from matching import engine
from matching.loading import open_needs, organization_key
from matching.models import MatchDecision
from matching.watches import open_watches


@dataclass(frozen=True, slots=True)
class Reached:
    """Needs whose lists may have changed."""

    certain: frozenset[int]
    """Those to be computed in any case."""
    possible: list[int]
    """Those of which the engine is to say whether their lists differ, those that the change comes nearest to first."""


@dataclass(frozen=True, slots=True)
class _Watched:
    """What watches say of needs, in the order of the needs' ids."""

    need: npt.NDArray[np.int64]
    version: npt.NDArray[np.int64]
    reached: npt.NDArray[np.bool_]
    strength: npt.NDArray[np.float64]


def find_reached(
    *, former: engine.Index, former_name: str, index: engine.Index, changed: Collection[int], as_of: date
) -> Reached:
    """The needs whose lists the replacement of organizations may have changed.

    Args:
        former: the index by which the lists were made.
        former_name: its name.
        index: what came of it.
        changed: the organizations that were replaced or removed in between.
        as_of: the day to take for today.
    """
    reach = index.reach(former=former, changed=frozenset(map(organization_key, changed)))
    organizations = {int(organization) for organization in reach.organizations}
    asking = open_needs(as_of=as_of).order_by("pk").values_list("pk", "organization_id", "version")
    rows = np.array(list(asking), dtype=np.int64).reshape(-1, 3)
    concerned = np.isin(rows[:, 1], list(organizations))
    # A pinned match is shown whatever the engine finds.
    decided = MatchDecision.objects.filter(organization_id__in=organizations).values_list("need_id", flat=True)
    certain = frozenset(rows[concerned, 0].tolist()).union(decided)
    watched = _asked(open_watches(former_name), reach.passages)
    place = np.searchsorted(watched.need, rows[:, 0])
    place[place == len(watched.need)] = 0
    known = np.zeros(len(rows), dtype=np.bool_)
    strength = np.zeros(len(rows))
    spared = np.zeros(len(rows), dtype=np.bool_)
    if len(watched.need):
        known = (watched.need[place] == rows[:, 0]) & (watched.version[place] == rows[:, 2])
        spared = known & ~watched.reached[place]
        strength = np.where(known, watched.strength[place], 0.0)
    possible = np.flatnonzero(~spared & ~concerned)
    nearest = possible[np.argsort(-strength[possible], kind="stable")]
    return Reached(certain, [pk for pk in rows[nearest, 0].tolist() if pk not in certain])


def _asked(parts: Sequence[engine.Watches], moved: engine.Moved) -> _Watched:
    """Ask all watches; of a need that has several, the last one counts."""
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return _Watched(none, none, none.astype(np.bool_), none.astype(np.float64))
    found = [part.nearness(moved) for part in parts]
    latest = np.concatenate(engine.latest_of_each([part.need for part in parts]))
    need = np.concatenate([part.need for part in parts])[latest]
    order = np.argsort(need)
    return _Watched(
        need=need[order],
        version=np.concatenate([part.version for part in parts])[latest][order],
        reached=np.concatenate([one.reached for one in found])[latest][order],
        strength=np.concatenate([one.strength for one in found])[latest][order],
    )
