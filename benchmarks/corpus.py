"""A reproducible corpus: texts of 60 invented words on average, frequencies by Zipf's law, technologies attached."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from matching import engine

VOCABULARY = 30_000
WORDS_ON_AVERAGE = 60
TECHNOLOGIES = 200
TODAY = date(2026, 1, 1).toordinal()


@dataclass(frozen=True)
class Corpus:
    """As many needs as capabilities, each capability of an organization of its own."""

    needs: list[engine.Need]
    documents: list[engine.Document]
    organizations: list[engine.Organization]
    taxonomy: engine.Taxonomy

    @property
    def need_texts(self) -> list[str]:
        return [need.texts[0].body for need in self.needs]

    @property
    def document_texts(self) -> list[str]:
        return [document.texts[0].body for document in self.documents]


def make_corpus(size: int, seed: int = 7) -> Corpus:
    draw = np.random.default_rng(seed)
    words = np.array(_words(draw))
    frequency = 1.0 / np.arange(1, VOCABULARY + 1)
    frequency /= frequency.sum()

    def text() -> str:
        length = int(draw.integers(WORDS_ON_AVERAGE // 2, WORDS_ON_AVERAGE * 3 // 2))
        return " ".join(words[draw.choice(VOCABULARY, size=length, p=frequency)])

    def uses() -> tuple[engine.TechnologyUse, ...]:
        return (engine.TechnologyUse(f"t{int(draw.integers(TECHNOLOGIES))}"),)

    def trl() -> tuple[float, float]:
        low = int(draw.integers(1, 7))
        return float(low), float(low + int(draw.integers(1, 4)))

    needs = [
        engine.Need(id=f"n{i}", texts=(engine.Text("en", "", text()),), technologies=uses(), trl=trl(), as_of=TODAY)
        for i in range(size)
    ]
    documents = [
        engine.Document(
            id=f"d{i}",
            organization=f"o{i}",
            kind="capability",
            texts=(engine.Text("en", "", text()),),
            technologies=uses(),
            trl=trl(),
            day=TODAY - int(draw.integers(0, 900)),
        )
        for i in range(size)
    ]
    organizations = [engine.Organization(id=f"o{i}", type="firm", country="CN", verification=0.5) for i in range(size)]
    taxonomy = engine.Taxonomy(technologies=tuple(engine.Technology(id=f"t{i}") for i in range(TECHNOLOGIES)))
    return Corpus(needs, documents, organizations, taxonomy)


def _words(draw: np.random.Generator) -> list[str]:
    syllables = [consonant + vowel for consonant in "bcdfghjklmnprstvz" for vowel in "aeiou"]
    made: dict[str, None] = {}
    while len(made) < VOCABULARY:
        made.setdefault("".join(draw.choice(syllables, size=int(draw.integers(2, 5)))), None)
    return list(made)
