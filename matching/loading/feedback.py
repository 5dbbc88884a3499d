"""What people did with their matches, as examples for learning."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from matching import engine
from matching.evaluation.training import Examples
from matching.models import MatchFeedback

Outcome = MatchFeedback.Outcome

_GAINS: Final[Mapping[str, float]] = {
    Outcome.DECLINED: 0.0,
    Outcome.INTERESTED: 1.0,
    Outcome.INTRODUCED: 2.0,
    Outcome.CONTACTED: 2.0,
    Outcome.CONTRACTED: 4.0,
}
"""How much an outcome says that the match was right: each step costs both sides more than the one before."""


def load_feedback() -> Examples:
    """The answered matches of every need, with the contributions that people saw when they answered.

    The last outcome of a match counts, for an interest may end in a refusal; a contract outweighs whatever follows it.
    Matches that nobody answered are left out: nobody may have looked at them.
    """
    criteria = tuple(engine.DEFAULT_WEIGHTS)
    decisive: dict[tuple[int, int], MatchFeedback] = {}
    for row in MatchFeedback.objects.select_related("match").order_by("pk").iterator():
        key = row.match.need_id, row.match_id
        if key not in decisive or decisive[key].outcome != Outcome.CONTRACTED:
            decisive[key] = row
    ordered = [decisive[key] for key in sorted(decisive)]
    need_ids = np.array([row.match.need_id for row in ordered], dtype=np.int64)
    shares = [_shares(row.contributions, criteria) for row in ordered]
    return Examples(
        shares=np.array(shares, dtype=np.float64).reshape(len(ordered), len(criteria)),
        starts=np.append(np.unique(need_ids, return_index=True)[1], len(ordered)).astype(np.int64),
        gain=np.array([_GAINS[row.outcome] for row in ordered], dtype=np.float64),
        criteria=criteria,
    )


def _shares(contributions: Iterable[Mapping[str, Any]], criteria: Iterable[str]) -> list[float]:
    """The part of its points that every criterion gave: points were out of whatever weights were in force then."""
    given = {line["criterion"]: line["points"] / line["available"] for line in contributions if line["available"] > 0}
    return [given.get(name, 0.0) for name in criteria]
