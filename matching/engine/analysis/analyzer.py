"""From the texts of one record to its terms."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass

from matching.engine.analysis.concepts import CONCEPT_PREFIX, ConceptMatcher
from matching.engine.analysis.normalisation import clean, compatible, language_of, split_sentences
from matching.engine.analysis.quantities import find_quantities, without_quantities, written_quantities
from matching.engine.analysis.words import find_compounds, is_number, read_words, split_words, written_terms
from matching.engine.types import Text

_LANGUAGE_BITS = {"zh": 1, "en": 2}
_OTHER_BITS = 28


@dataclass(frozen=True, slots=True)
class Analysis:
    """Terms with their weighted counts, those that may be shown, and what the encoder should read."""

    counts: dict[str, int]
    shown: frozenset[str]
    languages: int
    """One bit per language the texts are written in; two records share a language when their bits meet."""
    sentence: str


class Analyzer:
    """Turns texts into terms, with the labels of a taxonomy as terms of their own."""

    def __init__(self, concepts: ConceptMatcher, *, title_weight: int, dense_characters: int) -> None:
        self._concepts = concepts
        self._title_weight = title_weight
        self._dense_characters = dense_characters

    def analyse(self, texts: tuple[Text, ...]) -> Analysis:
        """Analyse all texts of one record together. Never fails: a text without words has no terms."""
        counts: Counter[str] = Counter()
        shown: set[str] = set()
        languages = 0
        sentences: list[tuple[str, str]] = []
        for text in texts:
            original = clean(text.title), clean(text.body)
            title, body = original[0].lower(), original[1].lower()
            language = language_of(f"{title} {body}", text.lang)
            titled, plain = self._terms(title, language), self._terms(body, language)
            for term, sentences_with_it in titled.items():
                counts[term] += self._title_weight * sentences_with_it
            counts.update(plain)
            if titled or plain:
                languages |= _language_bit(language)
                sentences.append((language, ". ".join(filter(None, original))))
            if not text.restricted:
                shown.update(titled, plain)
        return Analysis(dict(counts), frozenset(shown), languages, self._sentence(sentences))

    def surfaces(self, texts: tuple[Text, ...]) -> dict[str, str]:
        """Return the shortest form in which each term is written in the texts that may be shown.

        Bare numbers have none: without what they count they tell a reader nothing.
        """
        forms: dict[str, str] = {}
        for text in texts:
            if not text.restricted:
                together = f"{text.title} {text.body}"
                original = clean(together)
                cleaned = original.lower()
                language = language_of(cleaned, text.lang)
                concepts = self._concepts.find(read_words(split_words(cleaned), language)[1])
                forms.update({term: term for term in concepts} | written_quantities(original))
                for word in split_words(compatible(together).lower()):
                    if is_number(word):
                        continue
                    for term, form in written_terms(word, language):
                        forms[term] = min(forms.get(term, form), form, key=lambda found: (len(found), found))
        return forms

    def _terms(self, text: str, language: str) -> Counter[str]:
        """Return each term with the number of sentences that hold it.

        A term counts once in a sentence, and sentences of the same words count once: saying a word again and again says
        no more than saying it.
        """
        distinct: dict[frozenset[str], None] = {}
        for sentence in split_sentences(without_quantities(text)):
            terms, atoms = read_words(split_words(sentence), language)
            distinct[frozenset((*terms, *self._concepts.find(atoms)))] = None
        counts = Counter(term for found in distinct for term in sorted(found))
        counts.update(dict.fromkeys((*find_quantities(text), *find_compounds(text)), 1))
        return counts

    def _sentence(self, sentences: list[tuple[str, str]]) -> str:
        """Join the texts in the record's first language, cut to what the encoder is given."""
        if not sentences:
            return ""
        first = sentences[0][0]
        joined = " ".join(sentence[: self._dense_characters] for language, sentence in sentences if language == first)
        return " ".join(joined.split())[: self._dense_characters]


def is_portable(term: str) -> bool:
    """Say whether a term means the same in every language: a concept or a quantity."""
    return term[0] in (CONCEPT_PREFIX, "=")


def _language_bit(language: str) -> int:
    return _LANGUAGE_BITS.get(language) or 4 << zlib.crc32(language.encode()) % _OTHER_BITS
