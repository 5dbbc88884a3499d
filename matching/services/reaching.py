"""Which needs a change may reach, found by their watches without loading them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from consortia.listings.models import Listing
from matching import engine
from matching.loading import open_needs, organization_key
from matching.models import MatchDecision, PublishedList
from matching.watches import open_watches


@dataclass(frozen=True, slots=True)
class Reached:
    """Needs whose lists may have changed."""

    certain: frozenset[int]
    """Those to be computed in any case."""
    possible: list[int]
    """Those of which the engine is to say whether their lists differ, those that the change comes nearest to first."""


@dataclass(frozen=True, slots=True)
class _Nearness:
    """How near the change comes to needs by their watches, in the order of the needs' ids."""

    need: npt.NDArray[np.int64]
    version: npt.NDArray[np.int64]
    reached: npt.NDArray[np.bool_]
    strength: npt.NDArray[np.float64]


def find_reached(
    *,
    former: engine.Index,
    former_name: str,
    index: engine.Index,
    changed: Collection[int],
    as_of: date,
    progress: engine.Progress,
) -> Reached:
    """The needs whose lists the replacement of organizations may have changed.

    Args:
        former: the index by which the lists were made.
        former_name: its name.
        index: what came of it.
        changed: the organizations that were replaced or removed in between.
        as_of: the day to take for today.
        progress: called with (stage, done, in all) now and then; may raise to stop the work.
    """
    reach = index.reach(former=former, changed=frozenset(map(organization_key, changed)))
    # A pinned match is shown whatever the engine finds.
    concerned = [int(organization) for organization in reach.organizations]
    decided = MatchDecision.objects.filter(organization_id__in=concerned).values_list("need_id", flat=True)
    asking = open_needs(as_of=as_of).filter(organization_id__in=concerned).values_list("pk", flat=True)
    # Of those who may no longer ask, the lists that are still there have to go.
    listed = PublishedList.objects.filter(need__organization_id__in=concerned).values_list("need_id", flat=True)
    certain = frozenset(asking).union(decided, listed)
    nearness = _asked(open_watches(former_name), reach.passages, progress)
    reached = nearness.reached
    strength = dict(zip(nearness.need[reached].tolist(), nearness.strength[reached].tolist(), strict=True))
    unwatched = _without_watch(nearness, as_of)
    # Nothing is known of how near the change comes to those without a watch.
    possible = sorted((unwatched | strength.keys()) - certain, key=lambda need: (-strength.get(need, 0.0), need))
    return Reached(certain, possible)


def _without_watch(nearness: _Nearness, as_of: date) -> set[int]:
    """The needs that may be open and have no watch, or one of an earlier version."""
    # All open needs are looked at, so what can be told by the listings' own table alone has to do: who does not ask
    # after all is left out when the block is computed.
    listed = Listing.objects.filter(side=Listing.Side.NEED, status=Listing.Status.OPEN, valid_until__gte=as_of)
    rows = np.array(list(listed.order_by().values_list("pk", "version")), dtype=np.int64).reshape(-1, 2)
    if not len(nearness.need):
        return set(rows[:, 0].tolist())
    place = np.minimum(np.searchsorted(nearness.need, rows[:, 0]), len(nearness.need) - 1)
    is_known = (nearness.need[place] == rows[:, 0]) & (nearness.version[place] == rows[:, 1])
    return set(rows[~is_known, 0].tolist())


def _asked(parts: Sequence[engine.Watches], moved: engine.Moved, progress: engine.Progress) -> _Nearness:
    """Ask all watches; of a need that has several, the last one counts."""
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return _Nearness(none, none, none.astype(np.bool_), none.astype(np.float64))
    found = [part.nearness(moved, progress=progress) for part in parts]
    latest = np.concatenate(engine.latest_of_each([part.need for part in parts]))
    need = np.concatenate([part.need for part in parts])[latest]
    order = np.argsort(need)
    return _Nearness(
        need=need[order],
        version=np.concatenate([part.version for part in parts])[latest][order],
        reached=np.concatenate([one.reached for one in found])[latest][order],
        strength=np.concatenate([one.strength for one in found])[latest][order],
    )
