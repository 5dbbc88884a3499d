"""Computing one block of a run: claim it, match its needs, publish each list, and hand on."""

import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from consortia.listings.models import Need
from matching import engine, indexes, watches
from matching.loading import load_needs, need_key, open_needs, organization_key
from matching.models import MatchBlock, MatchDecision, MatchRun
from matching.results import Answered, ListDraft, draft_lists, encode_problem, publish_lists, retire_lists
from matching.services.claims import MAX_ATTEMPTS, ClaimLost, Heartbeat, RunCancelled, lease_end, unclaimed
from matching.services.outcomes import NEED_FAILED

log = structlog.get_logger(__name__)


LISTS_AT_ONCE: Final = 100
"""Lists published in one transaction: enough to write in bulk, few enough to hold other writers up only briefly."""
LONGEST_MESSAGE: Final = 2000


class BlockAbandoned(Exception):
    """A block that killed every worker that took it."""


@dataclass(frozen=True, slots=True)
class _Work:
    """A block in the hands of a worker."""

    block: MatchBlock
    claim: uuid.UUID
    as_of: date
    index: engine.Index
    beat: Heartbeat
    former: engine.Index | None = None
    """The index that made the lists there are, where only those are to be made again that differ."""
    problems: list[dict[str, str]] = field(default_factory=list)
    watches: list[engine.Watches] = field(default_factory=list)


def compute_block(block_id: int) -> bool:
    """Match the needs of one block and publish their lists; True when the run is due for its next step.

    May be called twice for a block, or by two workers at once: only the holder of the claim writes.
    """
    claim = uuid.uuid4()
    taken = MatchBlock.objects.filter(
        unclaimed(), pk=block_id, status=MatchBlock.Status.PENDING, run__status=MatchRun.Status.MATCHING
    ).update(claim=claim, claimed_until=lease_end(), attempts=F("attempts") + 1)
    if not taken:
        return False
    block = MatchBlock.objects.select_related("run").get(pk=block_id)
    started = time.monotonic()
    try:
        if block.attempts > MAX_ATTEMPTS:
            raise BlockAbandoned(f"Each of {MAX_ATTEMPTS} workers that took this block died over it.")
        written = _match(block, claim)
    except ClaimLost:
        return False
    except RunCancelled:
        MatchBlock.objects.filter(pk=block_id, claim=claim).update(claim=None, claimed_until=None)
        return True
    except Exception as error:  # the block is tried again, then named in the run's error
        log.exception("matching.block_failed", run=block.run_id, block=block.number)
        _give_back(block, claim, error)
        return True
    return _done(block, claim, written, seconds=time.monotonic() - started)


def _match(block: MatchBlock, claim: uuid.UUID) -> int:
    """Publish the list of every need of the block; returns how many rows changed."""
    as_of = block.run.as_of or timezone.localdate()
    work = _Work(
        block=block,
        claim=claim,
        as_of=as_of,
        index=indexes.load(block.run.index_name),
        beat=Heartbeat(lambda _stage, _done, _total: _beat(block, claim)),
        former=_former(block),
    )
    asking = set(open_needs(as_of=as_of).filter(pk__in=block.need_ids).values_list("pk", flat=True))
    touched = _retire(work, sorted(set(block.need_ids) - asking))
    # What made the earlier attempts fail may be a single need: the last attempt takes each alone.
    size = 1 if block.attempts == MAX_ATTEMPTS else LISTS_AT_ONCE
    for need_ids in _portions(sorted(asking), size):
        touched += _publish(work, _drafts(work, need_ids) if size > 1 else _draft_alone(work, need_ids[0]))
    if work.problems:
        _report(block.run, work.problems)
    if work.watches and work.index.reads_as_built:
        watched = engine.Watches.join(work.watches)
        watches.keep_watches(watched, index_name=block.run.index_name, run_id=block.run_id, block=block.number)
    return touched


def _former(block: MatchBlock) -> engine.Index | None:
    """The index to compare with; None where all lists are to be made again, because it is gone or not asked for."""
    if not block.only_differing:
        return None
    try:
        return indexes.load(block.run.amends["index"])
    except engine.IndexCorruptError as error:
        log.warning("matching.index_unusable", run=block.run_id, error=str(error))
        return None


def _portions(need_ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (need_ids[start : start + size] for start in range(0, len(need_ids), size))


def _drafts(work: _Work, need_ids: Sequence[int]) -> list[ListDraft]:
    """Match these needs and encode their lists."""
    # Read before the needs are: a need that is changed in between has a watch that does not count.
    versions = dict(Need.objects.filter(pk__in=need_ids).values_list("pk", "version"))
    needs = {need.id: need for need in load_needs(Need.objects.filter(pk__in=need_ids), as_of=work.as_of)}
    pins = _pins(need_ids)
    answered = []
    for answer in work.index.match(_differing(work, needs.values(), pins), progress=work.beat):
        work.beat()
        if answer.problem is not None:
            work.problems.append(encode_problem(answer.problem))
        pinned = _below_the_cut(work.index, needs[answer.need], answer, pins.get(int(answer.need), ()))
        answered.append(Answered(answer, tuple(pinned)))
    work.watches.append(work.index.watch(needs.values(), [(int(key), versions[int(key)]) for key in needs]))
    return draft_lists(answered)


def _differing(
    work: _Work, needs: Collection[engine.Need], pins: Mapping[int, Sequence[str]]
) -> Collection[engine.Need]:
    """The needs whose lists have to be made: all, or those that differ or show what the engine does not list."""
    if work.former is None:
        return needs
    changed = frozenset(map(organization_key, work.block.run.amends["organizations"]))
    touched = dict(work.index.touched(needs, former=work.former, changed=changed))
    return [need for need in needs if touched[need.id] or int(need.id) in pins]


def _draft_alone(work: _Work, need_id: int) -> list[ListDraft]:
    """The list of one need; none where the need cannot be matched, which then is named and keeps its former list."""
    try:
        return _drafts(work, [need_id])
    except (ClaimLost, RunCancelled, OperationalError, InterfaceError):
        raise  # no fault of the need's
    except Exception as error:  # one bad record must not keep the others from their lists
        log.exception("matching.need_failed", run=work.block.run_id, need=need_id)
        work.problems.append(
            {"record": "need", "id": need_key(need_id), "code": NEED_FAILED, "message": _described(error)}
        )
        return []


@transaction.atomic
def _publish(work: _Work, drafts: Sequence[ListDraft]) -> int:
    """Publish lists in one transaction, if the claim still holds; returns how many rows changed."""
    _hold(work.block, work.claim)
    return publish_lists(run=work.block.run, drafts=drafts).total


@transaction.atomic
def _retire(work: _Work, need_ids: Sequence[int]) -> int:
    _hold(work.block, work.claim)
    return retire_lists(need_ids=need_ids)


def _hold(block: MatchBlock, claim: uuid.UUID) -> None:
    """Lock the block, which keeps a worker that was thought dead from writing an old list over a newer one."""
    if not MatchBlock.objects.select_for_update().filter(pk=block.pk, claim=claim).exists():
        raise ClaimLost


def _below_the_cut(
    index: engine.Index, need: engine.Need, answer: engine.MatchList, pins: Sequence[str]
) -> list[engine.Match]:
    """The matches of pinned organizations that the list does not reach; a hard rule is stronger than a pin."""
    listed = {match.organization for match in answer.matches}
    found = []
    for organization in pins:
        if organization in listed:
            continue
        try:
            absence = index.explain_absence(need, organization)
        except engine.UnknownOrganizationError:
            continue
        if isinstance(absence, engine.Match):
            found.append(absence)
        elif absence.match is not None:
            found.append(absence.match)
        elif absence.stage == "not_retrieved":
            # Nothing in its records speaks for it; the pin alone does, and the list says so.
            found.append(engine.Match(organization, len(listed) + 1, Decimal(0), (), (), ()))
    return found


def _pins(need_ids: Sequence[int]) -> dict[int, list[str]]:
    pins: dict[int, list[str]] = {}
    rows = MatchDecision.objects.filter(need_id__in=need_ids, kind=MatchDecision.Kind.PIN).order_by("pk")
    for need_id, organization_id in rows.values_list("need_id", "organization_id"):
        pins.setdefault(need_id, []).append(organization_key(organization_id))
    return pins


@transaction.atomic
def _done(block: MatchBlock, claim: uuid.UUID, written: int, *, seconds: float) -> bool:
    mine = MatchBlock.objects.filter(pk=block.pk, claim=claim)
    if not mine.update(status=MatchBlock.Status.DONE, claim=None, claimed_until=None, error=""):
        return False
    run = MatchRun.objects.select_for_update().get(pk=block.run_id)
    run.needs_done += len(block.need_ids)
    run.matches_written += written
    run.timings["match"] = round(run.timings.get("match", 0.0) + seconds, 3)
    run.save(update_fields=["needs_done", "matches_written", "timings", "updated_at"])
    return True


@transaction.atomic
def _report(run: MatchRun, problems: list[dict[str, str]]) -> None:
    locked = MatchRun.objects.select_for_update().get(pk=run.pk)
    known = {(problem["record"], problem["id"]) for problem in locked.problems}
    fresh = [problem for problem in problems if (problem["record"], problem["id"]) not in known]
    locked.problems = [*locked.problems, *fresh]
    locked.save(update_fields=["problems", "updated_at"])


def _beat(block: MatchBlock, claim: uuid.UUID) -> None:
    if not MatchBlock.objects.filter(pk=block.pk, claim=claim).update(claimed_until=lease_end()):
        raise ClaimLost
    if MatchRun.objects.filter(pk=block.run_id, status=MatchRun.Status.CANCELLING).exists():
        raise RunCancelled


def _give_back(block: MatchBlock, claim: uuid.UUID, error: Exception) -> None:
    failed = block.attempts >= MAX_ATTEMPTS
    MatchBlock.objects.filter(pk=block.pk, claim=claim).update(
        status=MatchBlock.Status.FAILED if failed else MatchBlock.Status.PENDING,
        claim=None,
        claimed_until=None,
        error=_described(error),
    )


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]
