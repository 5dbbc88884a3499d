"""The last step of a run: exposure limits hold over all lists at once, so they are applied when all are there.

An ordered pass over every stored candidate, not a quota per block: it gives the same lists however the run was cut, and
after an incremental run the same as after a full one.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consortia.organizations.models import Organization
from matching import engine
from matching.exposure import exposure_limits
from matching.models import Match, MatchDecision, MatchRun

_AT_ONCE: Final = 5000


class _Row(NamedTuple):
    """A ranked match."""

    pk: int
    need: int
    organization: int
    score: float
    rank: int
    exposure: str
    is_decided: bool
    """A curator decided where it stands; decisions stand above limits."""


@transaction.atomic
def apply_exposure(run: MatchRun) -> None:
    """Withhold and move up matches by the limits in force, and note on the run what that cost; may be repeated."""
    limits = exposure_limits()
    figures: dict[str, float] = {}
    if limits is None:
        # As the partial index says it, or every run would read every match.
        Match.objects.filter(exposure__gt=Match.Exposure.BY_RANK).update(exposure=Match.Exposure.BY_RANK)
    else:
        rows = _rows()
        candidates = _candidates(rows, limits.places, as_of=run.as_of or timezone.localdate())
        found = engine.limit_exposure(candidates, limits)
        _store(rows, found, limits.places)
        figures = _figures(found)
    MatchRun.objects.filter(pk=run.pk).update(figures=figures)


def _rows() -> list[_Row]:
    decided = set(MatchDecision.objects.values_list("need_id", "organization_id"))
    columns = ("pk", "need_id", "organization_id", "score", "rank", "exposure")
    rows = Match.objects.filter(rank__isnull=False).order_by().values_list(*columns)
    return [
        _Row(pk, need, organization, score, rank, exposure, is_decided=(need, organization) in decided)
        for pk, need, organization, score, rank, exposure in rows.iterator()
    ]


def _candidates(rows: Collection[_Row], places: int, *, as_of: date) -> list[engine.Candidate]:
    """Who may get a place; whom a curator moved out of reach gets none."""
    newcomers = _newcomers(as_of)
    return [
        engine.Candidate(
            str(row.need), str(row.organization), row.score, row.organization in newcomers, is_fixed=row.is_decided
        )
        for row in rows
        if not row.is_decided or row.rank <= places
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
    for row in rows:
        seat = seated.get((str(row.need), str(row.organization)))
        wanted = Match.Exposure.BY_RANK if row.is_decided else _exposure(seat=seat, is_in_reach=row.rank <= places)
        if row.exposure != wanted:
            changed[wanted].append(row.pk)
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
