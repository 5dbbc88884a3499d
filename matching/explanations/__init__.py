"""What the engine said, put into sentences in the reader's language and shown as far as the reader may see it."""

from matching.explanations.near_misses import NearMissView, explain_near_miss
from matching.explanations.reasons import explain_exclusion, explain_verdicts, stage_label
from matching.explanations.sentences import criterion_label
from matching.explanations.views import (
    Columns,
    MatchView,
    Row,
    explain_columns,
    explain_found,
    explain_match,
    explain_matches,
)

__all__ = [
    "Columns",
    "MatchView",
    "NearMissView",
    "Row",
    "criterion_label",
    "explain_columns",
    "explain_exclusion",
    "explain_found",
    "explain_match",
    "explain_matches",
    "explain_near_miss",
    "explain_verdicts",
    "stage_label",
]
