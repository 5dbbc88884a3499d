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
    now = time.time()
    account = f"matching:searches:{user_id}:{int(now // _HOUR)}"
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    if not cache.add(f"{account}:{digest}", 1, _HOUR):
        return
    cache.add(account, 0, _HOUR)
    if cache.incr(account) > settings.MATCHING_SEARCHES_PER_HOUR:
        cache.delete(f"{account}:{digest}")
        message = _("You have searched for %(most)d different texts within the hour. Go on a little later.")
        raise TooMany(message % {"most": settings.MATCHING_SEARCHES_PER_HOUR}, retry_after=_HOUR - int(now % _HOUR))
