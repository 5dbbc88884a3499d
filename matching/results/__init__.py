"""Engine → rows: encodes match lists and writes them by difference, so that what people answered is kept."""

from matching.results.encoding import encode_match, encode_problem, encode_reasons
from matching.results.publishing import (
    DEMOTED,
    PINNED,
    Answered,
    ListDraft,
    Written,
    draft_lists,
    publish_lists,
    retire_lists,
)

__all__ = [
    "DEMOTED",
    "PINNED",
    "Answered",
    "ListDraft",
    "Written",
    "draft_lists",
    "encode_match",
    "encode_problem",
    "encode_reasons",
    "publish_lists",
    "retire_lists",
]
