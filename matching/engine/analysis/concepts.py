"""Find the taxonomy's labels in texts: where a Chinese and an English text name the same technology, they meet."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from matching.engine.analysis.normalisation import normalise
from matching.engine.analysis.words import is_han, read_words, split_words

CONCEPT_PREFIX = "@"
_ANY = "und"  # Atoms are the same in every language.
_MIN_HAN = 2
_MIN_LATIN = 3
_WITH_SHORT_FORM = re.compile(r"([^()]+)\(([^()]+)\)\s*")


class ConceptMatcher:
    """Longest-match search for labels of concepts, in any mixture of scripts."""

    def __init__(self, labels: Iterable[tuple[str, Mapping[str, tuple[str, ...]]]]) -> None:
        """Take (concept id, labels by language). Labels too short to be telling are left out."""
        self._by_first: dict[str, dict[tuple[str, ...], tuple[str, ...]]] = {}
        concepts: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for concept, by_language in labels:
            for form in (form for group in by_language.values() for label in group for form in _forms(label)):
                words = split_words(form)
                if _is_telling(words):
                    concepts[tuple(read_words(words, _ANY)[1])].add(CONCEPT_PREFIX + concept)
        for sequence, found in concepts.items():
            self._by_first.setdefault(sequence[0], {})[sequence] = tuple(sorted(found))
        self._lengths = {
            first: sorted({len(sequence) for sequence in sequences}, reverse=True)
            for first, sequences in self._by_first.items()
        }

    def find(self, sequence: list[str]) -> list[str]:
        """Return the concepts that a text's atoms name, leftmost and longest label first, with repetitions."""
        if not self._by_first:
            return []
        found: list[str] = []
        position = 0
        while position < len(sequence):
            lengths = self._lengths.get(sequence[position])
            step = 1
            if lengths:
                labels = self._by_first[sequence[position]]
                for length in lengths:
                    concepts = labels.get(tuple(sequence[position : position + length]))
                    if concepts:
                        found.extend(concepts)
                        step = length
                        break
            position += step
        return found


def _forms(label: str) -> Iterator[str]:
    """Yield a label and, where it gives an abbreviation with its expansion in brackets, each of the two."""
    plain = normalise(label)
    yield plain
    if found := _WITH_SHORT_FORM.fullmatch(plain):
        yield from found.groups()


def _is_telling(words: list[str]) -> bool:
    if not words:
        return False
    if all(is_han(word) for word in words):
        return sum(map(len, words)) >= _MIN_HAN
    return len("".join(words)) >= _MIN_LATIN
