"""Near misses: what would have to change for an organization to be in a need's list."""

from matching.engine.near_miss.changes import Change
from matching.engine.near_miss.search import NearMiss, Side, Way, near_miss

__all__ = ["Change", "NearMiss", "Side", "Way", "near_miss"]
