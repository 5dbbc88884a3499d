"""How a run ends: in one statement, by whoever holds it, once."""

import uuid
from typing import Final

from django.utils import timezone

from matching.models import MatchRun

ACTIVE_SLOT: Final = 1
LONGEST_ERROR: Final = 10_000
NEED_FAILED: Final = "failed"
"""Code of the problem of a need that could not be matched and keeps its former list."""


def end_run(run: MatchRun, status: str, *, error: str = "", claim: uuid.UUID | None = None) -> bool:
    """Give the active slot back; what is queued next can begin.

    Args:
        run: the run at work.
        status: *done*, *failed* or *cancelled*.
        error: why it failed, for people.
        claim: end it only if this claim still holds, so that a worker that was thought dead ends nobody else's work.

    Returns:
        Whether this call ended it.
    """
    now = timezone.now()
    fresh = MatchRun.objects.get(pk=run.pk)
    timings = dict(fresh.timings)
    if fresh.started_at:
        timings["total"] = round((now - fresh.started_at).total_seconds(), 3)
    rows = MatchRun.objects.filter(pk=run.pk, active_slot=ACTIVE_SLOT)
    ended = (rows if claim is None else rows.filter(claim=claim)).update(
        status=status,
        active_slot=None,
        finished_at=now,
        claim=None,
        claimed_until=None,
        stage="",
        error=error[:LONGEST_ERROR],
        timings=timings,
        updated_at=now,
    )
    return bool(ended)
