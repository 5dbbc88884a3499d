"""Engine → rows: decodes match lists and writes them by difference, so that what people answered is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from consortia.organizations.models import Organization
from matching import engine
from matching.models import Match, MatchDecision, MatchExclusion, MatchRun

_COMPARED: Final = ("rank", "score", "contributions", "supporting", "unknowns", "flags")
_UNTOLD: Final = {"cost": ("price", "budget")}
"""Arguments that no explanation shows: amounts in the currency of comparison, converted by rough rates."""
PINNED: Final = "pinned"
DEMOTED: Final = "demoted"
_UNSTEERED: Final = (1, ())
_STEERED: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    MatchDecision.Kind.PIN: (0, (PINNED,)),
    MatchDecision.Kind.DEMOTE: (2, (DEMOTED,)),
}
"""Where a decision puts a match in the list, and the flag that says so."""
_UNANSWERED: Final = frozenset({Match.Answer.NEW, Match.Answer.SEEN})


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a publication touched."""

    created: int = 0
    updated: int = 0
    removed: int = 0

    @property
    def total(self) -> int:
        """All rows touched."""
        return self.created + self.updated + self.removed


@transaction.atomic
def publish_list(*, run: MatchRun, answer: engine.MatchList, pinned: Sequence[engine.Match] = ()) -> Written:
    """Make this the need's list, in one transaction: readers see the former list or the new one, never a part.

    Args:
        run: the run that computed it.
        answer: the engine's list.
        pinned: matches of organizations that a curator pinned but that fell below the list's end.

    Returns:
        How many rows changed; an unchanged list writes nothing.
    """
    need_id = int(answer.need)
    known = _known_organizations(answer, [*answer.matches, *pinned])
    ranked = [match for match in _steered(need_id, [*answer.matches, *pinned]) if match.organization in known]
    existing = {row.organization_id: row for row in Match.objects.select_for_update().filter(need_id=need_id)}
    fresh: list[Match] = []
    changed: list[Match] = []
    for rank, match in enumerate(ranked, start=1):
        values = {**encode_match(match), "rank": rank}
        row = existing.pop(int(match.organization), None)
        if row is None:
            fresh.append(Match(need_id=need_id, organization_id=int(match.organization), run=run, **values))
        elif any(getattr(row, name) != values[name] for name in _COMPARED):
            for name, value in values.items():
                setattr(row, name, value)
            row.run = run
            changed.append(row)
    gone, kept = _leavers(existing.values())
    Match.objects.bulk_create(fresh)
    _update([*changed, *kept], [*_COMPARED, "run"])
    Match.objects.filter(pk__in=[row.pk for row in gone]).delete()
    _publish_exclusions(run, need_id, [item for item in answer.exclusions if item.organization in known])
    return Written(created=len(fresh), updated=len(changed) + len(kept), removed=len(gone))


@transaction.atomic
def retire_lists(*, need_ids: Sequence[int]) -> int:
    """Take needs that no longer ask out of the current lists; answered matches stay, without a rank."""
    rows = Match.objects.select_for_update().filter(need_id__in=need_ids, rank__isnull=False)
    gone, kept = _leavers(rows)
    _update(kept, ["rank"])
    Match.objects.filter(pk__in=[row.pk for row in gone]).delete()
    MatchExclusion.objects.filter(need_id__in=need_ids).delete()
    return len(gone) + len(kept)


def encode_match(match: engine.Match) -> dict[str, Any]:
    """The engine's match as the columns of a row; points have four decimals, exact in JSON and in a float's print."""
    return {
        "score": float(match.score),
        "contributions": [
            {
                "criterion": contribution.criterion,
                "points": float(contribution.points),
                "available": float(contribution.available),
                "evidence": list(contribution.evidence),
                "code": contribution.detail.code,
                "args": _told(contribution),
            }
            for contribution in match.contributions
        ],
        "supporting": [
            {"document": item.document, "share": round(item.share, 4), "terms": list(item.terms)}
            for item in match.supporting
        ],
        "unknowns": list(match.unknowns),
        "flags": list(match.flags),
    }


def encode_reasons(exclusion: engine.Exclusion) -> list[dict[str, Any]]:
    """The reasons of an exclusion as plain JSON."""
    return [{"code": reason.code, "args": dict(reason.args)} for reason in exclusion.reasons]


def encode_problem(problem: engine.Problem) -> dict[str, str]:
    """A skipped record, named with the reason, as plain JSON."""
    return {"record": problem.record, "id": problem.id, "code": problem.code, "message": problem.message}


def _told(contribution: engine.Contribution) -> dict[str, Any]:
    untold = _UNTOLD.get(contribution.criterion, ())
    return {name: value for name, value in contribution.detail.args.items() if name not in untold}


def _update(rows: Sequence[Match], columns: Sequence[str]) -> None:
    """Write the columns of many rows; `bulk_update` does not touch the time of the last change by itself."""
    now = timezone.now()
    for row in rows:
        row.updated_at = now
    Match.objects.bulk_update(rows, [*columns, "updated_at"])


def _steered(need_id: int, matches: Sequence[engine.Match]) -> list[engine.Match]:
    """Curators' pins first and demotions last; within each, the engine's order."""
    decisions = MatchDecision.objects.filter(need_id=need_id).values_list("organization_id", "kind")
    steering = {str(organization_id): _STEERED.get(kind, _UNSTEERED) for organization_id, kind in decisions}
    flagged = [
        (place, replace(match, flags=(*match.flags, *flags)))
        for match in matches
        for place, flags in [steering.get(match.organization, _UNSTEERED)]
    ]
    return [match for _place, match in sorted(flagged, key=lambda item: item[0])]


def _known_organizations(answer: engine.MatchList, matches: Sequence[engine.Match]) -> set[str]:
    """Those that still exist: one may have been deleted since the index was built."""
    named = [match.organization for match in matches] + [item.organization for item in answer.exclusions]
    return set(map(str, Organization.objects.filter(pk__in=map(int, named)).values_list("pk", flat=True)))


def _leavers(rows: Iterable[Match]) -> tuple[list[Match], list[Match]]:
    """Split matches that left the list into those to delete and those to keep without rank, since somebody answered."""
    gone: list[Match] = []
    kept: list[Match] = []
    for row in rows:
        if {row.need_answer, row.organization_answer} <= _UNANSWERED:
            gone.append(row)
        elif row.rank is not None:
            row.rank = None
            kept.append(row)
    return gone, kept


def _publish_exclusions(run: MatchRun, need_id: int, exclusions: Sequence[engine.Exclusion]) -> None:
    existing = {row.organization_id: row for row in MatchExclusion.objects.filter(need_id=need_id)}
    fresh: list[MatchExclusion] = []
    for exclusion in exclusions:
        reasons = encode_reasons(exclusion)
        row = existing.get(int(exclusion.organization))
        if row is not None and row.stage == exclusion.stage and row.reasons == reasons:
            del existing[row.organization_id]
            continue
        fresh.append(
            MatchExclusion(
                need_id=need_id,
                organization_id=int(exclusion.organization),
                run=run,
                stage=exclusion.stage,
                reasons=reasons,
            )
        )
    MatchExclusion.objects.filter(pk__in=[row.pk for row in existing.values()]).delete()
    MatchExclusion.objects.bulk_create(fresh)
