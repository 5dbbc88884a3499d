"""Taking names out of texts, so that a ranking cannot be read off a need that names its own participants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"\w+")
_SHORTEST: Final = 2
"""Characters of a name: a single letter is no name that anybody could be found by."""


class NameMask:
    """Takes every occurrence of some names out of texts.

    A name is found whatever its case, accents and the punctuation or white space between its words, at the borders of
    words: “Lomartov S.L.” is found as “LOMARTOV, S. L.” and not inside “Lomartovian”.
    """

    def __init__(self, names: Iterable[str]) -> None:
        words = {tuple(_WORD.findall(_folded(name))) for name in names}
        usable = [each for each in words if sum(map(len, each)) >= _SHORTEST]
        # Longest first, or the short name inside a legal one would leave the rest of it standing.
        usable.sort(key=lambda each: (-sum(map(len, each)), each))
        choices = "|".join(r"[\W_]+".join(map(re.escape, each)) for each in usable)
        self._pattern = re.compile(rf"(?<!\w)(?:{choices})(?!\w)") if usable else None

    def apply(self, text: str) -> str:
        """Return the text with every occurrence of a name replaced by a space."""
        if self._pattern is None:
            return text
        folded, places = _folded_with_places(text)
        kept: list[str] = []
        end = 0
        for found in self._pattern.finditer(folded):
            kept.append(text[end : places[found.start()]])
            end = places[found.end()]
        kept.append(text[end:])
        return " ".join(kept)


def _folded(text: str) -> str:
    return _folded_with_places(text)[0]


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """Return the text without case and accents, and the place in `text` of each of its characters and of its end."""
    folded = [_folded_character(character) for character in text]
    places = [place for place, parts in enumerate(folded) for _ in parts]
    return "".join(folded), [*places, len(text)]


@lru_cache(maxsize=10_000)
def _folded_character(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
