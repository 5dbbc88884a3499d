"""The last step of a run: exposure limits hold over all lists at once, so they are applied when all are there.

An ordered pass over every stored candidate, not a quota per block: it gives the same lists however the run was cut, and
after an incremental run the same as after a full one.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consortia.organizations.models import Organization
from matching import engine
from matching.exposure import exposure_limits
from matching.models import Match, MatchDecision, MatchRun

_AT_ONCE: Final = 5000

_Row = tuple[int, int, int, float, int, str]
"""Primary key, need, organization, score, rank and exposure of a match."""


@transaction.atomic
def apply_exposure(run: MatchRun) -> None:
    """Withhold and move up matches by the limits in force, and note on the run what that cost; may be repeated."""
    limits = exposure_limits()
    figures: dict[str, float] = {}
    if limits is None:
        Match.objects.exclude(exposure=Match.Exposure.BY_RANK).update(exposure=Match.Exposure.BY_RANK)
    else:
        rows = _rows()
        found = engine.limit_exposure(_candidates(rows, run.as_of or timezone.localdate()), limits)
        _store(rows, found, limits.places)
        figures = _figures(found)
    MatchRun.objects.filter(pk=run.pk).update(figures=figures)


def _rows() -> list[_Row]:
    """Every ranked match, except where a curator decided: decisions stand above limits."""
    decided = set(MatchDecision.objects.values_list("need_id", "organization_id"))
    columns = ("pk", "need_id", "organization_id", "score", "rank", "exposure")
    rows = Match.objects.filter(rank__isnull=False).order_by().values_list(*columns)
    return [row for row in rows.iterator() if (row[1], row[2]) not in decided]


def _candidates(rows: Collection[_Row], as_of: date) -> list[engine.Candidate]:
    newcomers = _newcomers(as_of)
    return [
        engine.Candidate(str(need), str(organization), score, organization in newcomers)
        for _pk, need, organization, score, _rank, _exposure in rows
    ]


def _newcomers(as_of: date) -> frozenset[int]:
    """Organizations that somebody registered or claimed lately; what was imported in bulk is not new to anybody."""
    since = as_of - timedelta(days=settings.MATCHING_NEWCOMER_DAYS)
    fresh = Organization.objects.filter(created_at__date__gte=since, memberships__isnull=False)
    return frozenset(fresh.values_list("pk", flat=True))


def _store(rows: Collection[_Row], found: engine.Exposure, places: int) -> None:
    """Write what changed, one statement per kind of change and few thousand rows."""
    seated = {
        (need, place.organization): place.for_newcomer for need, listed in found.lists.items() for place in listed
    }
    changed: defaultdict[str, list[int]] = defaultdict(list)
    for pk, need, organization, _score, rank, exposure in rows:
        wanted = _exposure(seat=seated.get((str(need), str(organization))), is_in_reach=rank <= places)
        if exposure != wanted:
            changed[wanted].append(pk)
    for wanted, pks in changed.items():
        for start in range(0, len(pks), _AT_ONCE):
            Match.objects.filter(pk__in=pks[start : start + _AT_ONCE]).update(exposure=wanted)


def _exposure(*, seat: bool | None, is_in_reach: bool) -> str:
    """What a match is to say: None is no place, True one for newcomers."""
    if seat is None:
        return Match.Exposure.WITHHELD if is_in_reach else Match.Exposure.BY_RANK
    if seat:
        return Match.Exposure.NEWCOMER
    return Match.Exposure.BY_RANK if is_in_reach else Match.Exposure.MOVED_UP


def _figures(found: engine.Exposure) -> dict[str, float]:
    lists = len(found.lists)
    return {
        "lists": lists,
        "lists_changed": found.changed,
        "newcomer_places": sum(place.for_newcomer for places in found.lists.values() for place in places),
        "most_lists": found.most_lists,
        "points_lost": round(found.cost, 4),
        "points_lost_per_list": round(found.cost / lists, 4) if lists else 0.0,
    }
