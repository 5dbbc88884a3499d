"""The life of a match run: asked for, put to work, handed out in blocks, ended, cancelled, taken up again.

A run is at work while it holds the one active slot, so two runs never interleave. Whoever works on it holds a claim
that ends by itself: when a worker is killed, the next sweep finds the claim lapsed and somebody else goes on.
"""

from collections.abc import Callable, Collection
from datetime import date
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from matching import indexes
from matching.loading import open_needs
from matching.models import Match, MatchBlock, MatchRun
from matching.policies import require_curator
from matching.results import retire_lists
from matching.services.blocks import compute_block
from matching.services.claims import lapsed, lease_end
from matching.services.exposing import apply_exposure
from matching.services.indexing import prepare_index
from matching.services.newest_index import newest_run
from matching.services.outcomes import ACTIVE_SLOT, end_run
from ronghe.common.errors import Conflict
from ronghe.common.queueing import enqueue_on_commit
from ronghe.common.validation import is_unique_violation

ADVANCE_RUNS_TASK: Final = "matching.advance_runs"
MATCH_BLOCK_TASK: Final = "matching.match_block"
MANY_CHANGES: Final = 2000
"""Above this many changed records an incremental run costs more than a full one."""

RETIRED_AT_ONCE: Final = 1000

Status = MatchRun.Status
Scope = MatchRun.Scope
HandOut = Callable[[int], bool]
"""Sees to it that the block with this id is computed; True when that is done already."""


# --- asking -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_full_run(*, reason: str, as_of: date | None = None, requested_by_id: int | None = None) -> MatchRun:
    """Queue a recompute of everything, or return the one that is waiting already.

    Args:
        reason: why, for people who read the list of runs.
        as_of: the day to take for today; None takes the day on which the run starts.
        requested_by_id: the person who asked, if any.
    """
    run = _waiting(Scope.FULL, as_of)
    if run is None:
        run = _queued(MatchRun(scope=Scope.FULL, reason=reason, as_of=as_of, requested_by_id=requested_by_id))
    wake_workers()
    return run


@transaction.atomic
def request_incremental_run(
    *, reason: str, need_ids: Collection[int] = (), organization_ids: Collection[int] = ()
) -> MatchRun | None:
    """Queue a recompute of what changed; changes that come while one is waiting are added to it.

    Returns:
        The run that will take the changes in, or None when there is nothing to do.
    """
    if not need_ids and not organization_ids:
        return None
    run = _waiting(Scope.FULL, None)
    if run is None:
        run = _waiting(Scope.INCREMENTAL, None) or _queued(MatchRun(scope=Scope.INCREMENTAL, reason=reason))
        needs = set(run.changes.get("needs", [])) | set(need_ids)
        organizations = set(run.changes.get("organizations", [])) | set(organization_ids)
        run.changes = {"needs": sorted(needs), "organizations": sorted(organizations)}
        if len(needs) + len(organizations) > MANY_CHANGES:
            run.scope, run.reason = Scope.FULL, f"{len(needs) + len(organizations)} changes at once"
        run.save(update_fields=["scope", "reason", "changes", "updated_at"])
    wake_workers()
    return run


def start_full_run(*, actor: Viewer) -> MatchRun:
    """A curator asks for a recompute of everything.

    Raises:
        NotAllowed: the actor is no curator.
    """
    require_curator(actor)
    return request_full_run(reason="curator", requested_by_id=actor.user_id)


def retry_run(*, actor: Viewer, run: MatchRun) -> MatchRun:
    """Ask again for what a failed or cancelled run was to do.

    Raises:
        NotAllowed: the actor is no curator.
        Conflict: the run neither failed nor was cancelled.
    """
    require_curator(actor)
    if run.status not in {Status.FAILED, Status.CANCELLED}:
        raise Conflict(_("Only a run that failed or was cancelled can be retried."), code="run_not_failed")
    reason = f"run {run.pk} again"
    changes = {"need_ids": run.changes.get("needs", []), "organization_ids": run.changes.get("organizations", [])}
    again = request_incremental_run(reason=reason, **changes) if run.scope == Scope.INCREMENTAL else None
    return again or request_full_run(reason=reason, requested_by_id=actor.user_id)


def cancel_run(*, actor: Viewer, run: MatchRun) -> None:
    """Stop a run; lists that it has already published stay.

    Raises:
        NotAllowed: the actor is no curator.
        Conflict: the run has ended.
    """
    require_curator(actor)
    now = timezone.now()
    if MatchRun.objects.filter(pk=run.pk, status=Status.QUEUED).update(status=Status.CANCELLED, finished_at=now):
        return
    at_work = MatchRun.objects.filter(pk=run.pk, status__in=[Status.INDEXING, Status.MATCHING, Status.CANCELLING])
    if not at_work.update(status=Status.CANCELLING):
        raise Conflict(_("This run has ended already; there is nothing to cancel."), code="run_ended")
    wake_workers()


def wake_workers() -> None:
    """Tell the workers that there may be something to do; the sweep finds it later when the message is lost."""
    enqueue_on_commit(ADVANCE_RUNS_TASK)


def _waiting(scope: str, as_of: date | None) -> MatchRun | None:
    """The run of this scope that waits, locked: it cannot be put to work before the caller's changes are in it."""
    rows = MatchRun.objects.select_for_update().filter(scope=scope, status=Status.QUEUED)
    return rows.filter(as_of__isnull=True).first() if as_of is None else rows.filter(as_of=as_of).first()


def _queued(run: MatchRun) -> MatchRun:
    """Store a new run, or join one that somebody else has queued in the meantime."""
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as error:
        other = _waiting(run.scope, run.as_of) if is_unique_violation(error) else None
        if other is None:
            raise
        return other
    return run


# --- going on ---------------------------------------------------------------------------------------------------------


def advance() -> None:
    """Do everything that is due and that no living worker is doing; of several blocks each goes to the queue."""
    while take_step(hand_out=_begin_block):
        pass


def take_step(*, hand_out: HandOut) -> bool:
    """Do the next thing: put a run to work, index it, hand out its blocks, or end it.

    Args:
        hand_out: called for every block that nobody works on.

    Returns:
        Whether another step may be due at once; False when nothing waits, or others are at it.
    """
    run = MatchRun.objects.filter(active_slot=ACTIVE_SLOT).first() or _activate_next()
    if run is None:
        return False
    if run.status == Status.CANCELLING:
        return not _somebody_works_on(run) and _end(run, Status.CANCELLED)
    if run.status == Status.INDEXING:
        return prepare_index(run)
    return _go_on_matching(run, hand_out)


def _activate_next() -> MatchRun | None:
    """Give the active slot to the run that has waited longest; None when none waits or another worker was faster."""
    waiting = MatchRun.objects.filter(status=Status.QUEUED).order_by("id").first()
    if waiting is None:
        return None
    try:
        with transaction.atomic():
            claimed = MatchRun.objects.filter(pk=waiting.pk, status=Status.QUEUED).update(
                status=Status.INDEXING,
                active_slot=ACTIVE_SLOT,
                started_at=timezone.now(),
                as_of=waiting.as_of or timezone.localdate(),
            )
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        return None
    return MatchRun.objects.get(pk=waiting.pk) if claimed else None


def _go_on_matching(run: MatchRun, hand_out: HandOut) -> bool:
    """Hand out the blocks that nobody works on; end the run when all are done."""
    pending = run.blocks.filter(status=MatchBlock.Status.PENDING)
    if not pending.exists():
        return _finish(run)
    idle = pending.filter(lapsed())
    done = False
    block_ids = list(idle.order_by("number").values_list("pk", flat=True))
    if run.scope == Scope.INCREMENTAL:
        # The first one is computed here and now: other workers should have theirs by then.
        block_ids = [*block_ids[1:], *block_ids[:1]]
    for block_id in block_ids:
        # What was handed out stays out of sight for a while, or the sweep would hand it out again and again.
        if idle.filter(pk=block_id).update(claim=None, claimed_until=lease_end()):
            done |= hand_out(block_id)
    return done


def _begin_block(block_id: int) -> bool:
    """Hand a block to whichever worker is free; what is wanted soonest is done here, where the index is at hand.

    That is the only block of a run, or the first of an incremental one, which is small.
    """
    block = MatchBlock.objects.select_related("run").get(pk=block_id)
    is_alone = block.run.needs_total == len(block.need_ids)
    if is_alone or (block.number == 0 and block.run.scope == Scope.INCREMENTAL):
        return compute_block(block_id)
    enqueue_on_commit(MATCH_BLOCK_TASK, block_id)
    return False


def _somebody_works_on(run: MatchRun) -> bool:
    held = Q(claim__isnull=False) & ~lapsed()
    return (
        MatchRun.objects.filter(held, pk=run.pk).exists()
        or run.blocks.filter(held, status=MatchBlock.Status.PENDING).exists()
    )


def _finish(run: MatchRun) -> bool:
    """End a run whose blocks are all done; False when somebody else has."""
    ended = _close(run)
    if ended:
        _collect_indexes()
    return ended


@transaction.atomic
def _close(run: MatchRun) -> bool:
    """Do what holds over all lists of a run, and end it with that."""
    # Whoever looked long ago would else bring the lists of the next run back to what this one made of them.
    held = MatchRun.objects.select_for_update().filter(pk=run.pk, active_slot=ACTIVE_SLOT, status=Status.MATCHING)
    if not held.exists():
        return False
    failed = run.blocks.filter(status=MatchBlock.Status.FAILED)
    error = "\n".join(f"block {block.number}: {block.error}" for block in failed[:10])
    if run.scope == Scope.FULL and not error:
        listed = Match.objects.filter(rank__isnull=False).values_list("need_id", flat=True).distinct()
        asking = open_needs(as_of=run.as_of or timezone.localdate())
        silent = sorted(set(listed) - set(asking.values_list("pk", flat=True)))
        for start in range(0, len(silent), RETIRED_AT_ONCE):
            retire_lists(need_ids=silent[start : start + RETIRED_AT_ONCE])
    if not error:
        apply_exposure(run)
    return end_run(run, Status.FAILED if error else Status.DONE, error=error)


def _end(run: MatchRun, status: str, *, error: str = "") -> bool:
    ended = end_run(run, status, error=error)
    _collect_indexes()
    return ended


def _collect_indexes() -> None:
    """Keep the artefacts that the newest finished run and the active ones read; delete the others."""
    # Listed before the runs are read: what is published in between belongs to a run that is just being indexed.
    published = indexes.published()
    # The active one first: it would be missed when it ended between the two questions.
    active = list(MatchRun.objects.filter(active_slot=ACTIVE_SLOT))
    newest = newest_run()
    names = {run.index_name for run in (newest, *active) if run is not None}
    # A run that is being indexed would lose its artefact between publishing and naming it.
    if not any(run.status in {Status.INDEXING, Status.CANCELLING} for run in active):
        indexes.retire(published - names)
        indexes.collect_drafts()
