"""Near misses: the smallest change on either side that would lift an organization into a need's list.

Nothing is estimated. A change is made to the record, the changed record is scored as any other, and only what then
stands in the list is told. Each side is offered changes to its own records alone, and only where everything that the
change gives away of the other side's records may be known to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from matching.engine.index import Index
from matching.engine.near_miss.asking import need_ladders
from matching.engine.near_miss.changes import Change, Ladder, changed_documents, changed_need
from matching.engine.near_miss.offering import document_ladders
from matching.engine.types import Document, Match, Need, Organization, Reason

Side = Literal["need", "organization"]

_MOST_WAYS = 3
_MOST_STEPS = 12
"""Fields that are tried: beyond it nobody speaks of a near miss."""
_DOCUMENTS = 2
"""Strongest documents of the organization that are tried."""


@dataclass(frozen=True, slots=True)
class Way:
    """Changes that together lift the organization into the list, and where it then stands. None can be left out."""

    changes: tuple[Change, ...]
    score: Decimal
    rank: int


@dataclass(frozen=True, slots=True)
class NearMiss:
    """How far an organization is from a need's list, and the ways in for one side, the smallest first.

    `score`, `rank` and `cut` (the score of the last in the list) are there when it was scored at all.
    """

    side: Side
    ways: tuple[Way, ...] = ()
    score: Decimal | None = None
    rank: int | None = None
    cut: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Where a changed record stands. `margin` is its lead over the end of the list, None when it was not scored."""

    listed: Match | None
    margin: Decimal | None


def near_miss(
    index: Index,
    need: Need,
    organization: Organization,
    documents: Sequence[Document],
    *,
    side: Side,
    hidden: Collection[str] = (),
) -> NearMiss:
    """Search for the smallest changes; without any when the organization is listed or nothing that may be told helps.

    Args:
        index: holds the organization with these documents.
        need: the need.
        organization: the organization, as in the index.
        documents: all of its documents, as in the index.
        side: whose records may be changed.
        hidden: fields of the other side's record that this side may not know; restricted fields of documents and
            restricted parameters are left out anyway.

    Raises:
        UnknownOrganizationError: the index does not hold the organization.
    """
    answer = index.explain_absence(need, organization.id)
    if isinstance(answer, Match):
        return NearMiss(side, score=answer.score, rank=answer.rank)
    match, cut = answer.match, _cut(answer.reasons)
    order = _strongest_first(documents, match)
    if side == "need":
        ladders = need_ladders(need, organization, order[:_DOCUMENTS], answer.reasons, hidden)

        def outcome(changes: Iterable[Change]) -> _Outcome:
            return _outcome(index, changed_need(need, changes), organization.id)
    else:
        ladders = [ladder for item in order[:_DOCUMENTS] for ladder in document_ladders(need, item, hidden)]

        def outcome(changes: Iterable[Change]) -> _Outcome:
            changed = changed_documents(documents, changes)
            return _outcome(index.replace(changed, [organization]), need, organization.id)

    ways = tuple(_ways(ladders[:_MOST_STEPS], outcome)) if match is not None or side == "need" else ()
    return NearMiss(side, ways, None if match is None else match.score, None if match is None else match.rank, cut)


def _ways(ladders: Sequence[Ladder], outcome: Callable[[Iterable[Change]], _Outcome]) -> Iterator[Way]:
    """Yield single changes that suffice; where there is none, the smallest set."""
    found, gains = 0, []
    for ladder in ladders:
        furthest = outcome([ladder[-1]])
        if furthest.listed is not None:
            yield next(_sufficient(ladder, outcome))
            found += 1
            if found == _MOST_WAYS:
                return
        elif furthest.margin is not None:
            gains.append((furthest.margin, ladder[-1]))
    if not found:
        yield from _smallest_set([change for _, change in sorted(gains, key=lambda item: -item[0])], outcome)


def _sufficient(ladder: Ladder, outcome: Callable[[Iterable[Change]], _Outcome]) -> Iterator[Way]:
    """Yield the steps of a ladder that suffice on their own, the smallest first."""
    for change in ladder:
        listed = outcome([change]).listed
        if listed is not None:
            yield Way((change,), listed.score, listed.rank)


def _smallest_set(changes: Sequence[Change], outcome: Callable[[Iterable[Change]], _Outcome]) -> Iterator[Way]:
    """Add changes, the one that gains most first, until they suffice; then drop every one that is not needed."""
    chosen: list[Change] = []
    for change in changes:
        if any((change.name, change.document) == (other.name, other.document) for other in chosen):
            continue
        chosen.append(change)
        if len(chosen) > 1 and outcome(chosen).listed is not None:
            break
    else:
        return
    for change in list(reversed(chosen)):
        rest = [other for other in chosen if other is not change]
        if outcome(rest).listed is not None:
            chosen = rest
    listed = outcome(chosen).listed
    if listed is not None:
        yield Way(tuple(chosen), listed.score, listed.rank)


def _outcome(index: Index, need: Need, organization: str) -> _Outcome:
    answer = index.explain_absence(need, organization)
    if isinstance(answer, Match):
        return _Outcome(answer, None)
    cut = _cut(answer.reasons)
    return _Outcome(None, None if answer.match is None or cut is None else answer.match.score - cut)


def _cut(reasons: Iterable[Reason]) -> Decimal | None:
    found = [reason.args["cut"] for reason in reasons if reason.code == "below_cut"]
    return Decimal(str(found[0])) if found else None


def _strongest_first(documents: Sequence[Document], match: Match | None) -> list[Document]:
    """Put what speaks for the match first, in its order there; what answers searches only is left out."""
    supporting = () if match is None else tuple(item.document for item in match.supporting)
    place = {name: number for number, name in enumerate(supporting)}
    asked = [item for item in documents if item.reach != "searches"]
    return sorted(asked, key=lambda item: (place.get(item.id, len(place)), item.id))
