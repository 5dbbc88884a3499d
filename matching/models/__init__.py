"""Weight sets, runs and their blocks, matches with contributions, curators' decisions, feedback, introductions."""

from matching.models.matches import Match, MatchExclusion, PublishedList
from matching.models.runs import MatchBlock, MatchRun
from matching.models.steering import Introduction, MatchDecision, MatchFeedback
from matching.models.weights import WeightSet

__all__ = [
    "Introduction",
    "Match",
    "MatchBlock",
    "MatchDecision",
    "MatchExclusion",
    "MatchFeedback",
    "MatchRun",
    "PublishedList",
    "WeightSet",
]
