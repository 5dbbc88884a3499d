"""The first half of a run: build or amend the index under a claim, and cut the needs into blocks."""

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from matching import engine, indexes, watches
from matching.loading import (
    load_documents,
    load_organizations,
    load_taxonomy,
    open_needs,
    organization_key,
    with_affiliates,
)
from matching.models import MatchBlock, MatchRun
from matching.results import encode_problem
from matching.services.claims import MAX_ATTEMPTS, ClaimLost, Heartbeat, RunCancelled, lease_end, unclaimed
from matching.services.configuration import Configuration, current_configuration
from matching.services.newest_index import newest_run
from matching.services.outcomes import NEED_FAILED, end_run
from matching.services.reaching import find_reached

_RecordT = TypeVar("_RecordT")

log = structlog.get_logger(__name__)

OLDEST_BASE: Final = timedelta(days=7)
"""An index is amended for so long; then statistics and ages of evidence have moved enough to build a new one."""
MOST_PROBLEMS: Final = 1000
NEAREST: Final = 20
"""Needs in the first block of those that a change may reach: few, so that those it comes nearest to need not wait."""

Status = MatchRun.Status


@dataclass(frozen=True, slots=True)
class _Base:
    """The index that an incremental run amends, and everything that changed since."""

    index: engine.Index
    name: str
    need_ids: frozenset[int]
    organization_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What indexing found out."""

    scope: str
    index_name: str
    need_ids: list[int]
    problems: list[dict[str, str]]
    possible: list[int] = field(default_factory=list)
    """Needs whose lists are only made again where they differ, the likeliest first."""
    amends: dict[str, Any] = field(default_factory=dict)


def prepare_index(run: MatchRun) -> bool:
    """Build the run's index and blocks under a claim; False when another worker is at it."""
    claim = uuid.uuid4()
    taken = MatchRun.objects.filter(unclaimed(), pk=run.pk, status=Status.INDEXING).update(
        claim=claim, claimed_until=lease_end(), attempts=F("attempts") + 1
    )
    if not taken:
        return False
    run.refresh_from_db()
    if run.attempts > MAX_ATTEMPTS:
        error = f"Each of {MAX_ATTEMPTS} workers that built the index died over it; it may need more memory."
        return end_run(run, Status.FAILED, error=error, claim=claim)
    try:
        _index(run, claim)
    except RunCancelled:
        return end_run(run, Status.CANCELLED, claim=claim)
    except ClaimLost:
        log.warning("matching.claim_lost", run=run.pk)
        return False
    except Exception as error:  # a run that fails says so on its row instead of hanging
        log.exception("matching.run_failed", run=run.pk)
        return end_run(run, Status.FAILED, error=f"{type(error).__name__}: {error}", claim=claim)
    return True


def _index(run: MatchRun, claim: uuid.UUID) -> None:
    started = time.monotonic()
    as_of = run.as_of or timezone.localdate()
    configuration = current_configuration()
    beat = Heartbeat(lambda stage, done, total: _beat(run, claim, stage, done, total))
    base = _base(run, configuration.settings, as_of) if run.scope == MatchRun.Scope.INCREMENTAL else None
    prepared = _built(run, configuration.settings, as_of, beat) if base is None else _amended(run, base, as_of, beat)
    _split(run, claim, prepared, configuration, seconds=time.monotonic() - started)


def _built(run: MatchRun, configuration: engine.Settings, as_of: date, beat: Heartbeat) -> _Prepared:
    """A new index over everything, for all needs."""
    unreadable: list[engine.Problem] = []
    index = engine.build_index(
        _with_heartbeat(load_documents(as_of=as_of, problems=unreadable), beat),
        _with_heartbeat(load_organizations(as_of=as_of), beat),
        load_taxonomy(),
        configuration,
        cache=Path(settings.VECTOR_CACHE_DIR),
        progress=beat,
    )
    need_ids = list(open_needs(as_of=as_of).order_by("pk").values_list("pk", flat=True))
    return _Prepared(MatchRun.Scope.FULL, _published(index, run), need_ids, _problems(index, unreadable))


def _amended(run: MatchRun, base: _Base, as_of: date, beat: Heartbeat) -> _Prepared:
    """The former index with the changed organizations replaced, for the needs that this may touch."""
    if not base.organization_ids:
        return _Prepared(run.scope, base.name, sorted(base.need_ids), [])
    changed = with_affiliates(base.organization_ids)
    unreadable: list[engine.Problem] = []
    index = base.index.replace(
        _with_heartbeat(load_documents(as_of=as_of, only=changed, problems=unreadable), beat),
        _with_heartbeat(load_organizations(as_of=as_of, only=changed), beat),
        removed=map(organization_key, changed),
        progress=beat,
    )
    name = _published(index, run)
    watches.take_over_watches(former=base.name, index_name=name)
    reached = find_reached(
        former=base.index, former_name=base.name, index=index, changed=changed, as_of=as_of, progress=beat
    )
    certain = base.need_ids | reached.certain
    return _Prepared(
        run.scope,
        name,
        sorted(certain),
        _problems(index, unreadable),
        possible=[pk for pk in reached.possible if pk not in certain],
        amends={"index": base.name, "organizations": sorted(changed)},
    )


def _published(index: engine.Index, run: MatchRun) -> str:
    # A name of its own for every attempt: the folder of one that was killed may still be there.
    name = f"run-{run.pk}-{uuid.uuid4().hex[:8]}"
    indexes.publish(index, name)
    return name


def _problems(index: engine.Index, unreadable: Sequence[engine.Problem]) -> list[dict[str, str]]:
    return [encode_problem(problem) for problem in (*unreadable, *index.problems)[:MOST_PROBLEMS]]


def _base(run: MatchRun, configuration: engine.Settings, as_of: date) -> _Base | None:
    """What the run can amend; None when it has to build everything anew."""
    newest = newest_run()
    if newest is None or newest.settings != configuration.to_json() or newest.as_of is None:
        return None
    built = MatchRun.objects.filter(status=Status.DONE, scope=MatchRun.Scope.FULL).order_by("-id").first()
    if built is None or built.as_of is None or as_of < newest.as_of or as_of - built.as_of > OLDEST_BASE:
        return None
    # What a run that failed or was cancelled should have taken in is still missing from the index.
    since = MatchRun.objects.filter(pk__gt=newest.pk, pk__lt=run.pk)
    missed = list(since.filter(status__in=[Status.FAILED, Status.CANCELLED]))
    if any(other.scope == MatchRun.Scope.FULL for other in missed):
        return None
    index = _loaded(newest.index_name)
    if index is None or not index.reads_as_built:
        return None
    changes = [other.changes for other in (*missed, run)]
    return _Base(
        index=index,
        name=newest.index_name,
        need_ids=frozenset(pk for change in changes for pk in change.get("needs", []))
        | _published_by(missed)
        | _failed_in(newest),
        organization_ids=frozenset(pk for change in changes for pk in change.get("organizations", [])),
    )


def _published_by(runs: Sequence[MatchRun]) -> frozenset[int]:
    """The needs that got lists from runs which then came to nothing: those are of indexes that nobody amends."""
    # A block is done when all its lists are; what stopped it half way leaves some behind.
    blocks = MatchBlock.objects.filter(run__in=runs, attempts__gt=0)
    return frozenset(pk for need_ids in blocks.values_list("need_ids", flat=True) for pk in need_ids)


def _failed_in(run: MatchRun) -> frozenset[int]:
    """The needs that kept their former lists because this run could not match them."""
    return frozenset(int(problem["id"]) for problem in run.problems if problem["code"] == NEED_FAILED)


def _loaded(name: str) -> engine.Index | None:
    try:
        return indexes.load(name)
    except engine.IndexCorruptError as error:
        log.warning("matching.index_unusable", index=name, error=str(error))
        return None


def _with_heartbeat(records: Iterator[_RecordT], beat: Heartbeat) -> Iterator[_RecordT]:
    """The records, with a sign of life now and then while they are read."""
    for record in records:
        beat("load")
        yield record


@transaction.atomic
def _split(
    run: MatchRun, claim: uuid.UUID, prepared: _Prepared, configuration: Configuration, *, seconds: float
) -> None:
    """Cut the run's needs into blocks; from here on any worker can go on."""
    locked = MatchRun.objects.select_for_update().get(pk=run.pk)
    if locked.claim != claim:
        raise ClaimLost
    if locked.status == Status.CANCELLING:
        raise RunCancelled
    locked.status = Status.MATCHING
    locked.scope = prepared.scope
    locked.index_name = prepared.index_name
    locked.settings = configuration.settings.to_json()
    locked.weight_set = configuration.weight_set
    locked.engine_version = engine.ENGINE_VERSION
    locked.amends = prepared.amends
    locked.needs_total = len(prepared.need_ids) + len(prepared.possible)
    locked.problems = [*map(encode_problem, configuration.problems), *prepared.problems]
    locked.timings = {"index": round(seconds, 3)}
    locked.stage = ""
    locked.claim = locked.claimed_until = None
    locked.save()
    nearest, others = prepared.possible[:NEAREST], prepared.possible[NEAREST:]
    blocks = [
        *((need_ids, False) for need_ids in _cut(prepared.need_ids)),
        *((need_ids, True) for need_ids in (nearest, *_cut(others)) if need_ids),
    ]
    MatchBlock.objects.bulk_create(
        MatchBlock(run=locked, number=number, need_ids=need_ids, only_differing=only_differing)
        for number, (need_ids, only_differing) in enumerate(blocks)
    )


def _cut(need_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    size = settings.MATCHING_BLOCK_SIZE
    return (need_ids[start : start + size] for start in range(0, len(need_ids), size))


def _beat(run: MatchRun, claim: uuid.UUID, stage: str, done: int, total: int) -> None:
    mine = MatchRun.objects.filter(pk=run.pk, claim=claim)
    if not mine.update(claimed_until=lease_end(), stage=stage, stage_done=done, stage_total=total):
        raise ClaimLost
    if mine.filter(status=Status.CANCELLING).exists():
        raise RunCancelled
