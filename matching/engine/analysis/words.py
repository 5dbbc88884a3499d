"""Segmentation and stemming."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate

import snowballstemmer

from matching.engine.analysis import stopwords
from matching.engine.analysis.normalisation import HAN, normalise
from matching.engine.analysis.segmentation import cut

MAX_WORD = 40
"""Characters of a word that are kept: longer runs are codes or binary rubbish."""

_HAN_RUN = re.compile(f"([{HAN}]+)")
_WORD = re.compile(r"\d+\.\d+|[^\W_]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MIXED = re.compile(f"([a-z0-9]+)([{HAN}]+)")
_HYPHENATED = re.compile(r"(?<![a-z0-9-])([a-z]{1,3})-([a-z0-9]+)(?![a-z0-9-])")
_STEMMED = frozenset({"en", "zh"})
_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=400_000)
def _stem(word: str) -> str:
    return str(_stemmer.stemWord(word)) if word.isascii() and word.isalpha() else word


@lru_cache(maxsize=400_000)
def _read_word(word: str) -> tuple[str, bool]:
    """Return the stem of a word that is not Chinese, and whether it tells anything on its own."""
    # A number says nothing without what it counts, and is found in texts on anything.
    return _stem(word), word not in stopwords.ENGLISH and len(word) > 1 and not is_number(word)


def split_words(text: str) -> list[str]:
    """Split a normalised text into runs of Han characters and into words and numbers of other scripts."""
    spaced = _THOUSANDS.sub("", text) if "," in text else text
    if not spaced.isascii():
        spaced = _HAN_RUN.sub(r" \1 ", spaced)
    return [word[:MAX_WORD] if len(word) > MAX_WORD and not is_han(word) else word for word in _WORD.findall(spaced)]


def is_han(word: str) -> bool:
    """Say whether a word from `split_words` is a run of Han characters."""
    return not word.isascii() and ("\u3400" <= word[0] <= "\u9fff" or "\uf900" <= word[0] <= "\ufaff")


def is_number(word: str) -> bool:
    """Say whether a word from `split_words` is a number."""
    return word[0].isdigit() and word.replace(".", "").isdigit()


def read_words(words: list[str], language: str) -> tuple[list[str], list[str]]:
    """Return the content terms of a text, and the atoms by which labels are found in it.

    Terms are Han runs segmented, English words stemmed, words of other languages as they are; Latin words inside a
    Chinese text are nearly always English and are stemmed as such. Atoms are single Han characters and stemmed words,
    stop words included: segmenters cut one label differently in different surroundings, single characters do not.
    """
    stemmed = language in _STEMMED
    terms: list[str] = []
    atoms: list[str] = []
    for word in words:
        if not word.isascii() and is_han(word):
            atoms.extend(word)
            terms.extend(part for part in cut(word) if part not in stopwords.CHINESE)
        else:
            stem, is_telling = _read_word(word)
            atoms.append(stem)
            if is_telling:
                terms.append(stem if stemmed else word)
    return terms, atoms


def cut_as_written(run: str) -> list[tuple[str, str]]:
    """Return the words of a run of Han characters, each simplified and as the run has it."""
    plain = normalise(run)
    parts = cut(plain)
    # Simplifying keeps the number of characters but for a few set phrases; these are shown simplified.
    written = run if len(plain) == len(run) else plain
    ends = [*accumulate(map(len, parts))]
    return [(part, written[end - len(part) : end]) for part, end in zip(parts, ends, strict=True)]


def written_terms(word: str, language: str) -> list[tuple[str, str]]:
    """Return the content terms of one word from `split_words`, each with how it is written."""
    if is_han(word):
        return [(part, written) for part, written in cut_as_written(word) if part not in stopwords.CHINESE]
    return [(term, word) for term in read_words([word], language)[0]]


def find_compounds(text: str) -> list[str]:
    """Return what is one word though its parts are words too.

    That is a Latin word grown together with a Chinese one (``REBCO带材``), and a short prefix with a hyphen, which
    others write without it (``co-electrolysis``, ``Wi-Fi``).
    """
    if "-" not in text and text.isascii():
        return []
    mixed = [latin + cut(han)[0] for latin, han in _MIXED.findall(text) if not latin.isdigit()]
    return mixed + [_stem(prefix + word) for prefix, word in _HYPHENATED.findall(text)]
