"""Bring any text, however odd, into one plain form."""

from __future__ import annotations

import re
import unicodedata

import opencc

MAX_CHARACTERS = 20_000
"""Characters of one text that are read; what is longer is no summary and would only slow everybody down."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufffe\uffff\ud800-\udfff]+")
_SENTENCE_END = re.compile(r"[。！？；!?;\n]+|\.(?=\s|$)")
_ZH_SHARE = 0.15
_simplifier = opencc.OpenCC("t2s")


def readable(text: str) -> str:
    """Return the text as it is written, without control and zero-width characters, cut to `MAX_CHARACTERS`."""
    return _UNREADABLE.sub(" ", text[:MAX_CHARACTERS])


def compatible(text: str) -> str:
    """Return the readable text in NFKC: full-width and other compatibility forms as the plain ones."""
    # NFKC may lengthen a text many times over (a single ligature can become 18 characters), hence the second cut.
    return unicodedata.normalize("NFKC", readable(text))[:MAX_CHARACTERS]


def clean(text: str) -> str:
    """Return the text in NFKC and simplified Chinese, without control characters, cut to `MAX_CHARACTERS`."""
    plain = compatible(text)
    return _simplifier.convert(plain)[:MAX_CHARACTERS] if _HAN_CHARACTER.search(plain) else plain


def normalise(text: str) -> str:
    """Return the cleaned text in lower case."""
    return clean(text).lower()


def split_sentences(text: str) -> list[str]:
    """Split a cleaned text at the ends of its sentences."""
    return [part for part in _SENTENCE_END.split(text) if part.strip()]


def language_of(text: str, declared: str) -> str:
    """Return the primary language subtag of a normalised text, trusting its script more than its label.

    A text is Chinese when at least 15 % of its letters are Han characters and it is not labelled Japanese; a text
    labelled Chinese that is not, or not labelled at all, is taken for English.
    """
    primary = re.split("[-_]", declared.strip().lower(), maxsplit=1)[0] or "und"
    if primary == "ja":
        return primary
    if text.isascii():
        return "en" if primary in ("zh", "und") and any(map(str.isalpha, text)) else primary
    letters = sum(map(str.isalpha, text))
    han = len(_HAN_CHARACTER.findall(text))
    if letters and han >= _ZH_SHARE * letters:
        return "zh"
    return "en" if primary in ("zh", "und") and letters else primary


def written_language(text: str, declared: str = "und") -> str:
    """Return the primary language subtag of any text, as in `language_of`."""
    return language_of(normalise(text), declared)
