"""Quotations: the sentence of a text that says most of what was asked for, with the phrases that say it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from matching.engine.analysis.normalisation import HAN, language_of, normalise, readable
from matching.engine.analysis.words import cut_as_written, is_han, is_number, read_words, split_words

LONGEST = 400
"""Characters of a sentence that are quoted."""

_SENTENCE_END = re.compile(r"(?<=[。！？；\n])|(?<=[.!?;])\s+")
_PIECE = re.compile(f"([{HAN}]+)|([^\\W_]+)|(.)", re.DOTALL)
_GLUE = frozenset(" -–·‐/")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a sentence; marked where it says what was asked for."""

    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence in fragments; `by_meaning` says that no word of it was asked for, only what it means."""

    fragments: tuple[Fragment, ...]
    by_meaning: bool = False


def sentences_of(text: str) -> list[str]:
    """Split a text as it is written into its sentences; a line ends one as a full stop does."""
    lines = "\n".join(map(readable, text.splitlines()))
    return [sentence.strip()[:LONGEST] for sentence in _SENTENCE_END.split(lines) if sentence.strip()]


def best_sentence(sentences: Sequence[str], weights: Mapping[str, float], lang: str) -> tuple[Quote, float] | None:
    """Return the sentence whose words weigh most among those asked for, with the weight; None where none has any.

    Args:
        sentences: as from `sentences_of`.
        weights: the weight of every term that was asked for.
        lang: language of the sentences.
    """
    language = language_of(normalise(" ".join(sentences)), lang)
    best: tuple[Quote, float] | None = None
    for sentence in sentences:
        pieces = list(_pieces(sentence, language))
        weight = sum(weights[term] for term in sorted({term for _, terms in pieces for term in terms & weights.keys()}))
        if weight > (best[1] if best else 0.0):
            marked = [(text, bool(terms & weights.keys())) for text, terms in pieces]
            best = Quote(tuple(_joined(marked))), weight
    return best


def _pieces(sentence: str, language: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield every piece of a sentence with its terms; what is no word, and bare numbers, have none."""
    for han, word, other in _PIECE.findall(sentence):
        parts = cut_as_written(han) if han else [(normalise(word), word or other)]
        for plain, written in parts:
            telling = [one for one in split_words(plain) if is_han(one) or not is_number(one)]
            yield written, frozenset(read_words(telling, language)[0])


def _joined(pieces: Sequence[tuple[str, bool]]) -> Iterator[Fragment]:
    """Join what is alike; words in a row make one phrase, with the spaces and hyphens between them."""
    flags = [marked for _, marked in pieces]
    for place, (text, _) in enumerate(pieces):
        between = 0 < place < len(pieces) - 1 and flags[place - 1] and pieces[place + 1][1]
        flags[place] = flags[place] or (text in _GLUE and between)
    start = 0
    for place in range(1, len(pieces) + 1):
        if place == len(pieces) or flags[place] != flags[start]:
            yield Fragment("".join(text for text, _ in pieces[start:place]), flags[start])
            start = place
