"""Staying with a run until it has ended: while workers compute it, or by computing it here."""

import time
from collections.abc import Callable
from typing import Final

from matching.models import MatchRun
from matching.services.blocks import compute_block
from matching.services.runs import take_step

LOOK_SECONDS: Final = 0.3
PATIENCE_SECONDS: Final = 60.0

OnProgress = Callable[[MatchRun], None]
"""Called with the newest state of the run, now and then; may raise to stop waiting."""


class NobodyWorks(Exception):
    """The run waits for a worker and none takes it; the message says what to do."""


def wait_for_run(*, run: MatchRun, on_progress: OnProgress, patience: float = PATIENCE_SECONDS) -> MatchRun:
    """Watch the run's row until workers have ended it.

    Args:
        run: the run.
        on_progress: called with its newest state.
        patience: seconds that it may wait while no run at all is at work.

    Raises:
        NobodyWorks: it waited longer than that.
    """
    deadline = time.monotonic() + patience
    while True:
        run.refresh_from_db()
        on_progress(run)
        if not run.is_active:
            return run
        if MatchRun.objects.filter(active_slot__isnull=False).exists():
            deadline = time.monotonic() + patience
        elif time.monotonic() > deadline:
            raise NobodyWorks("No worker has taken the run. Start one with manage.py worker, or give --here.")
        time.sleep(LOOK_SECONDS)


def compute_here(*, run: MatchRun, on_progress: OnProgress) -> MatchRun:
    """Do in this process what workers would do, until the run has ended; workers may take part."""

    def compute(block_id: int) -> bool:
        done = compute_block(block_id)
        run.refresh_from_db()
        on_progress(run)
        return done

    while True:
        progressed = take_step(hand_out=compute)
        run.refresh_from_db()
        on_progress(run)
        if not run.is_active:
            return run
        if not progressed and _others_are_at_it():
            time.sleep(LOOK_SECONDS)


def _others_are_at_it() -> bool:
    """Whether what is left to do is claimed by somebody else, so that asking again at once is of no use."""
    return not MatchRun.objects.filter(active_slot__isnull=False, blocks__status="pending", blocks__claim=None).exists()
