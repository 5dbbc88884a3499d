"""Technology readiness levels as calls for proposals write them."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

Span = tuple[int | None, int | None]

_NAME: Final = r"(?:TRLs?|technology readiness levels?)(?:\s*\(TRLs?\))?"
_LEVEL: Final = r"\s*(?:level\s*)?([1-9])(?!\.?\d)"
# "TRL 5", "TRL 4-5", "TRL 5 to 7", "TRL 3, 4, or 5", "TRL 4 to TRL 6": further levels repeat the joint and the level.
_JOINT: Final = rf"\s*(?:-|–|—|to|and|or|/|,\s*(?:and|or)?)\s*(?:{_NAME})?"
_MENTION: Final = re.compile(rf"\b{_NAME}{_LEVEL}((?:{_JOINT}\s*[1-9](?!\.?\d)){{0,4}})", re.IGNORECASE)
_OPEN_ABOVE: Final = re.compile(r"\s*(?:and|or)\s+(?:above|higher|beyond|more)", re.IGNORECASE)
_AT_LEAST: Final = re.compile(r"(?:at least|minimum|from)\s*(?:at\s+)?$", re.IGNORECASE)
# The nearest of these before a level says whether work starts or ends there.
_CUE: Final = re.compile(r"\b(?:(start\w*|begin\w*|entry)|(achiev\w*|reach\w*|attain\w*|up to))\b", re.IGNORECASE)
_CUE_REACH: Final = 60
_SENTENCE_END: Final = re.compile(r"(?<=[.;])\s*(?=[A-Z\[])|\n")
# What a call demands, as opposed to what it tells of other work.
_DEMAND: Final = re.compile(r"\b(?:expected|should|must|will|required)\b[^.;]{0,120}", re.IGNORECASE)


def trl_span(text: str) -> Span:
    """The levels at which the work starts and ends, as far as the text says.

    Sentences that demand levels count before those that only mention some. Of several spans, the lowest start and the
    highest end are taken, for such topics ask for work on several fronts; it runs upwards whatever their order.

    Returns:
        Lowest and highest level, 1 to 9 each; None where the text leaves an end open, or names none.
    """
    sentences = [sentence for sentence in _SENTENCE_END.split(text) if re.search(_NAME, sentence, re.IGNORECASE)]
    demanding = [sentence for sentence in sentences if _DEMAND.search(sentence)]
    for candidates in (demanding, sentences):
        span = _united(span for sentence in candidates for span in _spans(sentence))
        if span != (None, None):
            return span
    return None, None


def _spans(sentence: str) -> Iterator[Span]:
    for mention in _MENTION.finditer(sentence):
        levels = [int(mention[1]), *map(int, re.findall(r"[1-9]", mention[2]))]
        before = sentence[max(0, mention.start() - _CUE_REACH) : mention.start()]
        cues = [bool(cue[1]) for cue in _CUE.finditer(before)]
        is_start, is_end = cues[-1:] == [True], cues[-1:] == [False]
        is_open = bool(_OPEN_ABOVE.match(sentence, mention.end()) or _AT_LEAST.search(before))
        if is_start or (len(levels) == 1 and is_open and not is_end):
            yield min(levels), None
        else:
            yield (min(levels) if len(levels) > 1 else None), max(levels)


def _united(spans: Iterable[Span]) -> Span:
    found = list(spans)
    lows = [low for low, _high in found if low is not None]
    highs = [high for _low, high in found if high is not None]
    low, high = min(lows, default=None), max(highs, default=None)
    if low is not None and high is not None and low > high:
        return high, low
    return low, high
