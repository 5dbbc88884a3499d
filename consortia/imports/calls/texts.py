"""The long texts of funding topics, cut to what a listing holds: at sentences, the telling parts first."""

import re
from typing import Final

_HEADINGS: Final = ("Expected Outcomes", "Expected Outcome", "Objectives", "Objective", "Expected Impact", "Scope")
# The portal glues paragraphs together: a heading follows the full stop of the sentence before it without a space.
_HEADING: Final = re.compile(rf"(?:(?<=^)|(?<=[\s.;:\])]))({'|'.join(_HEADINGS)})\s*:\s*", re.MULTILINE)
# An empty paragraph was published as the word "null", and a missing space hides the end of a sentence.
_NULL: Final = re.compile(r"(?<=[.\])\s;:])null\s*(?=[A-Z\[])")
_GLUED: Final = re.compile(r"(?<=[a-z)\]][.;])(?=[A-Z])")
_SENTENCE_END: Final = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!etc)[.!?;](?=\s|$)|\n")
_ELLIPSIS: Final = "…"
_FIRST_PARTS: Final = ("Expected Outcomes", "Expected Outcome", "Objectives", "Objective", "Scope", "Expected Impact")
# The outcome says what is wanted, the scope how: both must be left of a long text.
_SHARE_OF_FIRST_PART: Final = 0.4
_SHORTEST_SENTENCE_SHARE: Final = 0.5


def tidied(text: str) -> str:
    """The text with sentences and paragraphs parted again."""
    return _GLUED.sub(" ", _NULL.sub("\n", text.replace("\u00a0", " "))).strip()


def parts_of(text: str) -> dict[str, str]:
    """The parts of a topic's text by heading; what stands before the first heading is under ""."""
    pieces = _HEADING.split(text)
    parts = {"": pieces[0].strip()} if pieces[0].strip() else {}
    for heading, body in zip(pieces[1::2], pieces[2::2], strict=True):
        parts[heading] = f"{parts[heading]}\n{body.strip()}" if heading in parts else body.strip()
    return {heading: body for heading, body in parts.items() if body}


def cut_at_sentence(text: str, longest: int) -> str:
    """As many whole sentences as fit; where the first is too long, as many words, and an ellipsis.

    Args:
        text: any text.
        longest: the most characters of what is returned.
    """
    if len(text) <= longest:
        return text
    ends = [end.end() for end in _SENTENCE_END.finditer(text, 0, longest)]
    if ends and ends[-1] >= longest * _SHORTEST_SENTENCE_SHARE:
        return text[: ends[-1]].rstrip()
    room = text[:longest]
    words = room if room[-1].isspace() else room.rsplit(None, 1)[0]
    return words[: longest - len(_ELLIPSIS)].rstrip(",;: \n") + _ELLIPSIS


def summary_of(text: str, longest: int) -> str:
    """The beginning of the part that says best what is wanted."""
    parts = parts_of(text)
    heading = next((name for name in (*_FIRST_PARTS, "") if name in parts), None)
    return "" if heading is None else cut_at_sentence(" ".join(parts[heading].split()), longest)


def description_of(text: str, longest: int) -> str:
    """The whole text where it fits, else its telling parts, each cut at a sentence."""
    if len(text) <= longest:
        return text
    parts = parts_of(text)
    headings = [name for name in _FIRST_PARTS if name in parts]
    chosen = [f"{name}: {parts[name]}" for name in headings] or [text]
    first = cut_at_sentence(chosen[0], int(longest * _SHARE_OF_FIRST_PART) if len(chosen) > 1 else longest)
    return cut_at_sentence("\n\n".join([first, *chosen[1:]]), longest)
