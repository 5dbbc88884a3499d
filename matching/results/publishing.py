"""Publishing lists by difference, many needs at a time: an unchanged list costs one number read, and writes nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from django.db import transaction
from django.db.models import Count

from consortia.organizations.models import Organization
from matching import engine
from matching.models import Match, MatchDecision, MatchExclusion, MatchRun, PublishedList
from matching.results.encoding import RowDraft, draft_row, encode_reasons, fingerprint
from matching.results.storing import ChangedRow, NewRow, clear_ranks, insert_rows, update_rows

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
class Answered:
    """What the engine answered to a need."""

    answer: engine.MatchList
    pinned: tuple[engine.Match, ...] = ()
    """Matches of organizations that a curator pinned but that fell below the list's end."""

    @property
    def need_id(self) -> int:
        """The need's primary key."""
        return int(self.answer.need)

    @property
    def matches(self) -> tuple[engine.Match, ...]:
        """The list and what is pinned to it."""
        return (*self.answer.matches, *self.pinned)


@dataclass(frozen=True, slots=True)
class ListDraft:
    """A need's list as it is to be stored."""

    need_id: int
    rows: tuple[RowDraft, ...]
    exclusions: Mapping[int, tuple[str, list[dict[str, object]]]]
    """Of each organization that was dropped: stage and reasons."""
    fingerprint: int = field(init=False)

    def __post_init__(self) -> None:
        rows = ((row.organization_id, row.rank, row.fingerprint) for row in self.rows)
        object.__setattr__(self, "fingerprint", fingerprint(chain(rows, sorted(self.exclusions.items()))))


@dataclass(frozen=True, slots=True)
class Written:
    """How many matches a publication touched."""

    created: int = 0
    updated: int = 0
    removed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.created + self.updated + self.removed


@dataclass(slots=True)
class _Difference:
    """What has to be done to the rows of some needs."""

    new: list[NewRow] = field(default_factory=list)
    changed: list[ChangedRow] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    """Out of the list, but somebody answered."""


def draft_lists(answered: Sequence[Answered]) -> list[ListDraft]:
    """Encode lists, steered by curators, without organizations that were deleted since the index was built.

    It only reads, so that the transaction which publishes the drafts is short.
    """
    known = _known_organizations(answered)
    decisions = _decisions([item.need_id for item in answered])
    return [_draft(item, known, decisions.get(item.need_id, {})) for item in answered]


@transaction.atomic
def publish_lists(*, run: MatchRun, drafts: Sequence[ListDraft]) -> Written:
    """Make these the needs' lists, in one transaction: readers see the former lists or the new ones, never a part.

    Args:
        run: the run that computed them.
        drafts: lists from `draft_lists`, of different needs.

    Returns:
        How many matches changed; an unchanged list writes nothing.
    """
    stale = _stale(drafts)
    difference = _difference(stale)
    insert_rows(run, difference.new)
    update_rows(run, difference.changed)
    _take_out(difference.gone, difference.kept)
    _publish_exclusions(run, stale)
    PublishedList.objects.bulk_create(
        [PublishedList(need_id=draft.need_id, run=run, fingerprint=draft.fingerprint) for draft in stale],
        update_conflicts=True,
        unique_fields=["need"],
        update_fields=["run", "fingerprint"],
    )
    return Written(
        created=len(difference.new),
        updated=len(difference.changed) + len(difference.kept),
        removed=len(difference.gone),
    )


@transaction.atomic
def retire_lists(*, need_ids: Sequence[int]) -> int:
    """Take needs that no longer ask out of the current lists; answered matches stay, without a rank."""
    difference = _Difference()
    rows = Match.objects.select_for_update().filter(need_id__in=need_ids, rank__isnull=False).order_by("pk")
    for row in rows.only("need_answer", "organization_answer", "rank"):
        _leave(row, difference)
    _take_out(difference.gone, difference.kept)
    MatchExclusion.objects.filter(need_id__in=need_ids).delete()
    PublishedList.objects.filter(need_id__in=need_ids).delete()
    return len(difference.gone) + len(difference.kept)


# --- drafting ---------------------------------------------------------------------------------------------------------


def _draft(item: Answered, known: frozenset[str], decisions: Mapping[str, str]) -> ListDraft:
    ranked = (match for match in _steered(item.matches, decisions) if match.organization in known)
    return ListDraft(
        need_id=item.need_id,
        rows=tuple(draft_row(match, rank) for rank, match in enumerate(ranked, start=1)),
        exclusions={
            int(exclusion.organization): (exclusion.stage, encode_reasons(exclusion))
            for exclusion in item.answer.exclusions
            if exclusion.organization in known
        },
    )


def _steered(matches: Sequence[engine.Match], decisions: Mapping[str, str]) -> Sequence[engine.Match]:
    """Curators' pins first and demotions last; within each, the engine's order."""
    if not decisions:
        return matches
    flagged = [
        (place, replace(match, flags=(*match.flags, *flags)))
        for match in matches
        for place, flags in [_STEERED.get(decisions.get(match.organization, ""), _UNSTEERED)]
    ]
    return [match for _place, match in sorted(flagged, key=lambda item: item[0])]


def _decisions(need_ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
    """What curators decided: by need, the kind of decision by organization."""
    found: dict[int, dict[str, str]] = {}
    rows = MatchDecision.objects.filter(need_id__in=need_ids)
    for need_id, organization_id, kind in rows.values_list("need_id", "organization_id", "kind"):
        found.setdefault(need_id, {})[str(organization_id)] = kind
    return found


def _known_organizations(answered: Sequence[Answered]) -> frozenset[str]:
    named = {match.organization for item in answered for match in item.matches}
    named.update(exclusion.organization for item in answered for exclusion in item.answer.exclusions)
    return frozenset(map(str, Organization.objects.filter(pk__in=map(int, named)).values_list("pk", flat=True)))


# --- the difference ---------------------------------------------------------------------------------------------------


def _stale(drafts: Sequence[ListDraft]) -> list[ListDraft]:
    """The lists that differ from what is published, or of which rows are missing."""
    need_ids = [draft.need_id for draft in drafts]
    # Locked, so that two who publish for one need do not both find it without a row.
    locked = PublishedList.objects.select_for_update().filter(need_id__in=need_ids).order_by("need_id")
    published = dict(locked.values_list("need_id", "fingerprint"))
    ranked = Match.objects.filter(need_id__in=need_ids, rank__isnull=False).order_by().values_list("need_id")
    lengths = Counter(dict(ranked.annotate(rows=Count("rank"))))
    return [
        draft
        for draft in drafts
        if published.get(draft.need_id) != draft.fingerprint or lengths[draft.need_id] != len(draft.rows)
    ]


def _difference(drafts: Sequence[ListDraft]) -> _Difference:
    difference = _Difference()
    compared = ("need_id", "organization_id", "rank", "fingerprint", "need_answer", "organization_answer")
    rows = Match.objects.select_for_update().filter(need_id__in=[draft.need_id for draft in drafts]).order_by("pk")
    existing = {(row.need_id, row.organization_id): row for row in rows.only(*compared)}
    for draft in drafts:
        for row in draft.rows:
            former = existing.pop((draft.need_id, row.organization_id), None)
            if former is None:
                difference.new.append((draft.need_id, row))
            elif (former.rank, former.fingerprint) != (row.rank, row.fingerprint):
                difference.changed.append((former.pk, draft.need_id, row))
    for former in existing.values():
        _leave(former, difference)
    return difference


def _leave(row: Match, difference: _Difference) -> None:
    """A match that is not in the list any more is deleted, or kept without rank where somebody answered."""
    if {row.need_answer, row.organization_answer} <= _UNANSWERED:
        difference.gone.append(row.pk)
    elif row.rank is not None:
        difference.kept.append(row.pk)


def _take_out(gone: Sequence[int], kept: Sequence[int]) -> None:
    if kept:
        clear_ranks(kept)
    if gone:
        Match.objects.filter(pk__in=gone).delete()


def _publish_exclusions(run: MatchRun, drafts: Iterable[ListDraft]) -> None:
    wanted = {
        (draft.need_id, organization_id): dropped
        for draft in drafts
        for organization_id, dropped in draft.exclusions.items()
    }
    outdated: list[int] = []
    for row in MatchExclusion.objects.filter(need_id__in=[draft.need_id for draft in drafts]):
        if wanted.get((row.need_id, row.organization_id)) == (row.stage, row.reasons):
            del wanted[row.need_id, row.organization_id]
        else:
            outdated.append(row.pk)
    if outdated:
        MatchExclusion.objects.filter(pk__in=outdated).delete()
    MatchExclusion.objects.bulk_create(
        MatchExclusion(need_id=need_id, organization_id=organization_id, run=run, stage=stage, reasons=reasons)
        for (need_id, organization_id), (stage, reasons) in wanted.items()
    )
