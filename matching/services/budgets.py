"""How often somebody may vary a question: enough to work with, too little to feel out what is hidden."""

import hashlib
import time
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from ronghe.common.errors import TooMany

_HOUR: Final = 3600


def spend_search(*, user_id: int, text: str) -> None:
    """Count one search of a person in this hour; the same text again costs nothing.

    Raises:
        TooMany: the hour's budget is used up.
    """
    account = _account(user_id)
    asked = f"{account}:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
    if not cache.add(asked, 1, _HOUR):
        return
    try:
        _spend(account)
    except TooMany:
        cache.delete(asked)
        raise


def spend_near_miss(*, user_id: int) -> None:
    """Count one search for what would lift an organization into a list, from the same budget.

    Asking again costs again: every answer takes as much work as many searches.

    Raises:
        TooMany: the hour's budget is used up.
    """
    _spend(_account(user_id))


def _account(user_id: int) -> str:
    return f"matching:searches:{user_id}:{int(time.time() // _HOUR)}"


def _spend(account: str) -> None:
    if _count(account) > settings.MATCHING_SEARCHES_PER_HOUR:
        message = _("You have asked %(most)d questions within the hour. Go on a little later.")
        left = _HOUR - int(time.time() % _HOUR)
        raise TooMany(message % {"most": settings.MATCHING_SEARCHES_PER_HOUR}, retry_after=left)


def _count(account: str) -> int:
    """Add one, and return how many there are now."""
    cache.add(account, 0, _HOUR)
    try:
        return cache.incr(account)
    except ValueError:
        # A full cache has dropped it in between: it starts again.
        cache.set(account, 1, _HOUR)
        return 1
