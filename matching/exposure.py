"""Exposure as configured here: how many lists one organization may be in, and newcomers' places. Off by default."""

from typing import Final

from django.conf import settings
from django.db.models import Q

from matching import engine
from matching.models import Match

_RESERVE: Final = 2
"""With limits, so many times the places of a list are kept, so that the next ones are there to move up."""


def exposure_limits() -> engine.ExposureLimits | None:
    """The limits in force; None when there are none."""
    if not settings.MATCHING_MOST_LISTS and not settings.MATCHING_NEWCOMER_PLACES:
        return None
    return engine.ExposureLimits(
        places=settings.MATCHING_TOP_K,
        most_lists=settings.MATCHING_MOST_LISTS or None,
        newcomer_places=min(settings.MATCHING_NEWCOMER_PLACES, settings.MATCHING_TOP_K),
    )


def candidates_per_list() -> int:
    """How many matches of each need are kept: those in its list, and with limits a reserve behind them."""
    return settings.MATCHING_TOP_K * (1 if exposure_limits() is None else _RESERVE)


def in_list() -> Q:
    """Which matches are in the lists that people read: ranked, not withheld, and no reserve."""
    listed = Q(rank__isnull=False) & ~Q(exposure=Match.Exposure.WITHHELD)
    if exposure_limits() is not None:
        listed &= Q(rank__lte=settings.MATCHING_TOP_K) | ~Q(exposure=Match.Exposure.BY_RANK)
    return listed
