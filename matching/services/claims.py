"""Claims on work: whoever works on a run or a block holds one, and it ends by itself when they fall silent.

The database's clock decides, because the hosts of workers need not agree on the time; and since even that clock can be
set back, a claim that reaches further ahead than any claim is given for has lapsed as well.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, Q, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

MAX_ATTEMPTS: Final = 3
"""How often a run or a block is begun before it is given up as one that kills its workers."""
LONGEST_SILENCE: Final = 2.0
"""Seconds between two looks at whether the run was cancelled."""
CLOCK_TOLERANCE: Final = timedelta(minutes=1)
"""How far ahead of the end of a claim taken now another claim may end before the clock must have been set back."""


class RunCancelled(Exception):
    """The run was cancelled while somebody was working on it."""


class ClaimLost(Exception):
    """Somebody else has taken over what this worker was doing; its results must not be written."""


def lease_end() -> "ExpressionWrapper[CombinedExpression]":
    """Until when a claim taken now holds without a sign of life, by the database's clock."""
    return _from_now(timedelta(seconds=settings.MATCHING_LEASE_SECONDS))


def lapsed(until: str = "claimed_until") -> Q:
    """Rows whose claim or hand-out has ended, or that never had one.

    Args:
        until: the column that says when it ends, by its path.
    """
    implausible = _from_now(timedelta(seconds=settings.MATCHING_LEASE_SECONDS) + CLOCK_TOLERANCE)
    return Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__lt": Now()}) | Q(**{f"{until}__gt": implausible})


def unclaimed() -> Q:
    """Rows that nobody works on: never claimed, or claimed by somebody who fell silent."""
    return Q(claim__isnull=True) | lapsed()


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


def _from_now(span: timedelta) -> "ExpressionWrapper[CombinedExpression]":
    return ExpressionWrapper(Now() + Value(span, output_field=DurationField()), output_field=DateTimeField())
