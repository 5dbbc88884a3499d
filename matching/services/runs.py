"""The life of a match run: asked for, claimed, indexed, split into blocks, finished, cancelled, taken up again.

A run is at work while it holds the one active slot, so two runs never interleave. Whoever works on it holds a claim
that ends by itself: when a worker is killed, the next watch finds the claim lapsed and somebody else goes on.
"""

import time
import uuid
from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from consortia.disclosure.viewer import Viewer
from matching import engine, indexes
from matching.loading import load_corpus, load_documents, load_needs, load_organizations, open_needs
from matching.models import Match, MatchBlock, MatchExclusion, MatchRun
from matching.results import encode_problem, retire_lists
from ronghe.common.errors import Conflict, NotAllowed

log = structlog.get_logger(__name__)

ACTIVE_SLOT: Final = 1
MANY_CHANGES: Final = 2000
"""Above this many changed records an incremental run costs more than a full one."""
LONGEST_SILENCE: Final = 2.0
"""Seconds between two looks at whether the run was cancelled."""

Status = MatchRun.Status


class RunCancelled(Exception):
    """The run was cancelled while somebody was working on it."""


class ClaimLost(Exception):
    """Somebody else has taken over what this worker was doing; its results must not be written."""


# --- asking -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_full_run(*, reason: str, as_of: date | None = None, requested_by_id: int | None = None) -> MatchRun:
    """Queue a recompute of everything, or return the one that is waiting already.

    Args:
        reason: why, for people who read the list of runs.
        as_of: the day to take for today; None takes the day on which the run starts.
        requested_by_id: the person who asked, if any.
    """
    waiting = MatchRun.objects.select_for_update().filter(scope=MatchRun.Scope.FULL, status=Status.QUEUED, as_of=as_of)
    run = waiting.first() or MatchRun.objects.create(
        scope=MatchRun.Scope.FULL, reason=reason, as_of=as_of, requested_by_id=requested_by_id
    )
    _wake()
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
    queued = MatchRun.objects.select_for_update().filter(status=Status.QUEUED)
    full = queued.filter(scope=MatchRun.Scope.FULL, as_of__isnull=True).first()
    if full is not None:
        return full
    run = queued.filter(scope=MatchRun.Scope.INCREMENTAL).first() or MatchRun(
        scope=MatchRun.Scope.INCREMENTAL, reason=reason
    )
    needs = set(run.changes.get("needs", [])) | set(need_ids)
    organizations = set(run.changes.get("organizations", [])) | set(organization_ids)
    if len(needs) + len(organizations) > MANY_CHANGES:
        run.scope, run.changes = MatchRun.Scope.FULL, {}
        run.reason = f"{len(needs) + len(organizations)} changes at once"
    else:
        run.changes = {"needs": sorted(needs), "organizations": sorted(organizations)}
    run.save()
    _wake()
    return run


def cancel_run(*, actor: Viewer, run: MatchRun) -> None:
    """Stop a run; lists that it has already published stay.

    Raises:
        NotAllowed: the actor is no curator.
        Conflict: the run has ended.
    """
    if not actor.is_curator:
        raise NotAllowed("Only curators cancel match runs.")
    now = timezone.now()
    if MatchRun.objects.filter(pk=run.pk, status=Status.QUEUED).update(status=Status.CANCELLED, finished_at=now):
        return
    at_work = MatchRun.objects.filter(pk=run.pk, status__in=[Status.INDEXING, Status.MATCHING])
    if not at_work.update(status=Status.CANCELLING):
        raise Conflict("This run has ended already; there is nothing to cancel.", code="run_ended")
    _wake()


# --- going on ---------------------------------------------------------------------------------------------------------


def advance() -> MatchRun | None:
    """Do the next thing that no living worker is doing: index a run, hand out its blocks, or finish it.

    Returns:
        The run that is at work afterwards, or None when there is nothing to do.
    """
    while True:
        run = MatchRun.objects.filter(active_slot=ACTIVE_SLOT).first() or _activate_next()
        if run is None:
            return None
        if run.status == Status.CANCELLING and not _somebody_works_on(run):
            _end(run, Status.CANCELLED)
            continue
        if run.status == Status.INDEXING and not _prepare(run):
            return MatchRun.objects.filter(active_slot=ACTIVE_SLOT).first()
        if not hand_out_blocks(run):
            return run
        # Every block is done: the run has ended and the next one may be waiting.


def _activate_next() -> MatchRun | None:
    """Give the active slot to the run that has waited longest; None when none waits or another worker was faster."""
    waiting = MatchRun.objects.filter(status=Status.QUEUED).order_by("id").first()
    if waiting is None:
        return None
    now = timezone.now()
    try:
        with transaction.atomic():
            claimed = MatchRun.objects.filter(pk=waiting.pk, status=Status.QUEUED).update(
                status=Status.INDEXING, active_slot=ACTIVE_SLOT, started_at=now, as_of=waiting.as_of or _today()
            )
    except IntegrityError:
        return None
    return MatchRun.objects.get(pk=waiting.pk) if claimed else None


def _today() -> date:
    return timezone.localdate()


def _prepare(run: MatchRun) -> bool:
    """Build the run's index and blocks under a claim; False when another worker is at it or it could not be done."""
    claim = uuid.uuid4()
    now = timezone.now()
    free = models.Q(claimed_until__isnull=True) | models.Q(claimed_until__lt=now)
    taken = MatchRun.objects.filter(free, pk=run.pk, status=Status.INDEXING).update(
        claim=claim, claimed_until=lease_end()
    )
    if not taken:
        return False
    try:
        _index(run, claim)
    except RunCancelled:
        _end(run, Status.CANCELLED)
        return True
    except ClaimLost:
        return False
    except Exception as error:  # a run that fails says so on its row instead of hanging
        log.exception("matching.run_failed", run=run.pk)
        _end(run, Status.FAILED, error=f"{type(error).__name__}: {error}")
        return True
    return True


def _index(run: MatchRun, claim: uuid.UUID) -> None:
    beat = Heartbeat(lambda: _beat_run(run, claim))
    as_of = run.as_of or _today()
    configuration = current_settings()
    started = time.monotonic()
    base = _base_index(configuration) if run.scope == MatchRun.Scope.INCREMENTAL else None
    changes = run.changes
    if base is None:
        corpus = load_corpus(as_of=as_of, progress=beat)
        index = engine.build_index(
            corpus.documents,
            corpus.organizations,
            corpus.taxonomy,
            configuration,
            cache=engine.VectorCache(settings.VECTOR_CACHE_DIR),
            progress=beat.at,
        )
        name = _publish(index, run)
        need_ids = list(open_needs(as_of=as_of).order_by("pk").values_list("pk", flat=True))
    else:
        index, name = _replaced(base, changes.get("organizations", []), as_of, run)
        beat()
        need_ids = _touched_needs(index, changes, as_of, beat)
    problems = [encode_problem(problem) for problem in index.problems]
    seconds = round(time.monotonic() - started, 3)
    _split(run, claim, name, need_ids, configuration, problems=problems, seconds=seconds)


def _publish(index: engine.Index, run: MatchRun) -> str:
    name = f"run-{run.pk}-{uuid.uuid4().hex[:8]}"
    indexes.publish(index, name)
    return name


def _base_index(configuration: engine.Settings) -> tuple[engine.Index, str] | None:
    """The newest index that was built under the same settings; None when there is none to build on."""
    snapshot = configuration.to_json()
    newest = MatchRun.objects.filter(status=Status.DONE).exclude(index_name="").order_by("-id").first()
    if newest is None or newest.settings != snapshot or not indexes.exists(newest.index_name):
        return None
    try:
        return indexes.load(newest.index_name), newest.index_name
    except engine.IndexCorruptError:
        log.warning("matching.index_corrupt", index=newest.index_name)
        return None


def _replaced(
    base: tuple[engine.Index, str], organization_ids: Collection[int], as_of: date, run: MatchRun
) -> tuple[engine.Index, str]:
    if not organization_ids:
        return base
    index = base[0].replace(
        documents=list(load_documents(as_of=as_of, only=organization_ids)),
        organizations=list(load_organizations(as_of=as_of, only=organization_ids)),
        changed={str(pk) for pk in organization_ids},
        cache=engine.VectorCache(settings.VECTOR_CACHE_DIR),
    )
    return index, _publish(index, run)


def _touched_needs(index: engine.Index, changes: dict[str, list[int]], as_of: date, beat: "Heartbeat") -> list[int]:
    """The needs that changed, and those whose list a changed organization was, or may now be, part of."""
    touched = set(changes.get("needs", []))
    organizations = set(changes.get("organizations", []))
    if organizations:
        for model in (Match, MatchExclusion):
            rows = model.objects.filter(organization_id__in=organizations)  # type: ignore[attr-defined]
            touched |= set(rows.values_list("need_id", flat=True))
        keys = {str(pk) for pk in organizations}
        for need, candidates in index.shortlist(load_needs(open_needs(as_of=as_of), as_of=as_of)):
            beat()
            if not keys.isdisjoint(candidates):
                touched.add(int(need))
    return sorted(touched)


@transaction.atomic
def _split(
    run: MatchRun,
    claim: uuid.UUID,
    name: str,
    need_ids: list[int],
    configuration: engine.Settings,
    *,
    problems: list[dict[str, str]],
    seconds: float,
) -> None:
    """Cut the run's needs into blocks; from here on any worker can go on."""
    mine = MatchRun.objects.filter(pk=run.pk, claim=claim, status=Status.INDEXING)
    changed = mine.update(
        status=Status.MATCHING,
        index_name=name,
        settings=configuration.to_json(),
        engine_version=engine.ENGINE_VERSION,
        needs_total=len(need_ids),
        needs_done=0,
        problems=problems,
        timings={"index": seconds},
        claim=None,
        claimed_until=None,
    )
    if not changed:
        raise ClaimLost
    size = settings.MATCHING_BLOCK_SIZE
    # A run that was taken up again starts its blocks anew: nothing was published while it was being indexed.
    MatchBlock.objects.filter(run=run).delete()
    MatchBlock.objects.bulk_create(
        MatchBlock(run=run, number=number, need_ids=need_ids[start : start + size])
        for number, start in enumerate(range(0, len(need_ids), size))
    )
    run.refresh_from_db()


def hand_out_blocks(run: MatchRun) -> bool:
    """Send every block that nobody works on to the workers; ends the run when all are done. True when it has ended."""
    from matching.tasks import match_block

    free = models.Q(claimed_until__isnull=True) | models.Q(claimed_until__lt=timezone.now())
    pending = run.blocks.filter(status=MatchBlock.Status.PENDING)
    if not pending.exists():
        return finish_run(run)
    for block_id in pending.filter(free).values_list("pk", flat=True):
        match_block.delay(block_id)
    return False


# --- ending -----------------------------------------------------------------------------------------------------------


def finish_run(run: MatchRun) -> bool:
    """End a run whose blocks are all done; True when this call, or another before it, ended it."""
    run.refresh_from_db()
    if run.status not in MatchRun.ACTIVE:
        return True
    if run.blocks.filter(status=MatchBlock.Status.PENDING).exists():
        return False
    if run.status == Status.CANCELLING:
        return _end(run, Status.CANCELLED)
    failed = run.blocks.filter(status=MatchBlock.Status.FAILED)
    error = "\n".join(f"block {block.number}: {block.error}" for block in failed[:10])
    if run.scope == MatchRun.Scope.FULL and not error:
        listed = Match.objects.filter(rank__isnull=False).values_list("need_id", flat=True).distinct()
        asking = set(open_needs(as_of=run.as_of or _today()).values_list("pk", flat=True))
        retire_lists(need_ids=sorted(set(listed) - asking))
    return _end(run, Status.FAILED if error else Status.DONE, error=error)


def _end(run: MatchRun, status: str, *, error: str = "") -> bool:
    now = timezone.now()
    run.refresh_from_db()
    timings = dict(run.timings)
    if run.started_at:
        timings["total"] = round((now - run.started_at).total_seconds(), 3)
    MatchRun.objects.filter(pk=run.pk, active_slot=ACTIVE_SLOT).update(
        status=status,
        active_slot=None,
        finished_at=now,
        claim=None,
        claimed_until=None,
        error=error[:10_000],
        timings=timings,
    )
    run.refresh_from_db()
    _collect_indexes()
    return True


def _collect_indexes() -> None:
    """Keep the artefacts that the newest finished run and the active ones read; delete the others."""
    newest = MatchRun.objects.filter(status=Status.DONE).exclude(index_name="").order_by("-id")[:1]
    active = MatchRun.objects.filter(active_slot=ACTIVE_SLOT)
    names = {run.index_name for run in [*newest, *active]}
    # An active run that has not published yet would lose its artefact between writing and naming it.
    if not any(run.status == Status.INDEXING for run in active):
        indexes.collect(keep=names)


# --- claims -----------------------------------------------------------------------------------------------------------


def lease_end() -> Any:
    """Until when a claim taken now holds without a sign of life."""
    return timezone.now() + timedelta(seconds=settings.MATCHING_LEASE_SECONDS)


def _somebody_works_on(run: MatchRun) -> bool:
    now = timezone.now()
    if run.claimed_until and run.claimed_until > now:
        return True
    return run.blocks.filter(status=MatchBlock.Status.PENDING, claimed_until__gt=now).exists()


def _beat_run(run: MatchRun, claim: uuid.UUID) -> None:
    renewed = MatchRun.objects.filter(pk=run.pk, claim=claim).update(claimed_until=lease_end())
    if not renewed:
        raise ClaimLost
    if MatchRun.objects.filter(pk=run.pk, status=Status.CANCELLING).exists():
        raise RunCancelled


class Heartbeat:
    """Renews a claim now and then while work goes on, however often it is called."""

    def __init__(self, renew: Callable[[], None]) -> None:
        self._renew = renew
        self._every = min(settings.MATCHING_LEASE_SECONDS / 4, LONGEST_SILENCE)
        self._next = time.monotonic()

    def __call__(self) -> None:
        """Give a sign of life when the last one is some time ago; cheap enough for every step of a loop."""
        if time.monotonic() >= self._next:
            self._renew()
            self._next = time.monotonic() + self._every

    def at(self, *_progress: object) -> None:
        """The same, as a progress callback of the engine."""
        self()


def current_settings() -> engine.Settings:
    """The engine's settings as configured."""
    return engine.Settings(encoder=settings.MATCHING_ENCODER or None, top_k=settings.MATCHING_TOP_K)


def _wake() -> None:
    from matching.tasks import advance_runs

    # A broker that is down must not undo the request: the beat finds the queued run a few seconds later.
    transaction.on_commit(lambda: advance_runs.apply_async(retry=False, ignore_result=True), robust=True)
