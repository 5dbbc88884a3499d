"""Claims on work: whoever works on a run or a block holds one, and it ends by itself when they fall silent."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

MAX_ATTEMPTS: Final = 3
"""How often a run or a block is begun before it is given up as one that kills its workers."""
LONGEST_SILENCE: Final = 2.0
"""Seconds between two looks at whether the run was cancelled."""


class RunCancelled(Exception):
    """The run was cancelled while somebody was working on it."""


class ClaimLost(Exception):
    """Somebody else has taken over what this worker was doing; its results must not be written."""


def lease_end() -> datetime:
    """Until when a claim taken now holds without a sign of life."""
    return timezone.now() + timedelta(seconds=settings.MATCHING_LEASE_SECONDS)


def unclaimed() -> Q:
    """Rows that nobody works on: never claimed, or claimed by somebody who fell silent."""
    return Q(claim__isnull=True) | Q(claimed_until__lt=timezone.now())


class Heartbeat:
    """Renews a claim now and then while work goes on, however often it is called.

    Args:
        renew: called with (stage, done, in all or 0); raises to stop the work.
    """

    def __init__(self, renew: Callable[[str, int, int], None]) -> None:
        self._renew = renew
        self._every = min(settings.MATCHING_LEASE_SECONDS / 4, LONGEST_SILENCE)
        self._next = time.monotonic()

    def __call__(self, stage: str = "", done: int = 0, total: int = 0) -> None:
        """Give a sign of life when the last one is some time ago; cheap enough for every step of a loop."""
        if time.monotonic() >= self._next:
            self._renew(stage, done, total)
            self._next = time.monotonic() + self._every
