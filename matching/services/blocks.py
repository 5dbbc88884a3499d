"""Computing one block of a run: claim it, match its needs, publish each list, and hand on."""

import time
import uuid
from collections.abc import Sequence
from decimal import Decimal

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from matching import engine, indexes
from matching.loading import load_needs, open_needs, organization_key
from matching.models import MatchBlock, MatchDecision, MatchRun
from matching.results import Written, encode_problem, publish_list, retire_lists
from matching.services.claims import MAX_ATTEMPTS, ClaimLost, Heartbeat, RunCancelled, lease_end, unclaimed

log = structlog.get_logger(__name__)


class BlockAbandoned(Exception):
    """A block that killed every worker that took it."""


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
    run = block.run
    beat = Heartbeat(lambda _stage, _done, _total: _beat(block, claim))
    index = indexes.load(run.index_name)
    as_of = run.as_of or timezone.localdate()
    asking = open_needs(as_of=as_of).filter(pk__in=block.need_ids)
    needs = list(load_needs(asking, as_of=as_of))
    touched = _retire(block, claim, sorted(set(block.need_ids) - {int(need.id) for need in needs}))
    pins = _pins(block.need_ids)
    by_id = {need.id: need for need in needs}
    problems: list[dict[str, str]] = []
    for answer in index.match(needs, progress=beat):
        beat()
        if answer.problem is not None:
            problems.append(encode_problem(answer.problem))
        pinned = _below_the_cut(index, by_id[answer.need], answer, pins.get(int(answer.need), ()))
        touched += _publish(block, claim, answer, pinned).total
    if problems:
        _report(run, problems)
    return touched


@transaction.atomic
def _publish(block: MatchBlock, claim: uuid.UUID, answer: engine.MatchList, pinned: Sequence[engine.Match]) -> Written:
    _hold(block, claim)
    return publish_list(run=block.run, answer=answer, pinned=pinned)


@transaction.atomic
def _retire(block: MatchBlock, claim: uuid.UUID, need_ids: Sequence[int]) -> int:
    _hold(block, claim)
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
        error=f"{type(error).__name__}: {error}"[:2000],
    )
