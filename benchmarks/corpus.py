"""A reproducible corpus: texts of 60 invented words on average, words by Zipf's law, and every field filled in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from matching import engine

VOCABULARY = 30_000
WORDS_ON_AVERAGE = 60
TECHNOLOGIES = 200
ROUTES_PER_TECHNOLOGY = 2
TODAY = date(2026, 1, 1).toordinal()

ROLES = ("basic_material", "component", "equipment", "process", "software", "testing", "service", "integration")
TYPES = ("firm", "university", "research_institute", "public_body")
COUNTRIES = ("CN", "DE", "FR", "NL", "ES", "IT", "SE", "PL")
QUANTITIES = tuple(f"quantity-{number}" for number in range(20))
COOPERATION = ("joint_research", "licence", "supply", "testing")
INTERFACES = tuple(f"standard-{number}" for number in range(12))
LANGUAGES = ("en", "zh-Hans", "de", "fr")


@dataclass(frozen=True)
class Corpus:
    """As many needs as capabilities, each capability of an organization of its own.

    Every document states everything. Every need names a technology, a TRL and its owner, and states each other wish
    with probability one half.
    """

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
    chance = _Chance(draw)
    texts = _texts(draw, 2 * size)
    needs = [_need(number, next(texts), chance) for number in range(size)]
    documents = [_document(number, next(texts), chance) for number in range(size)]
    organizations = [_organization(number, size, chance) for number in range(size)]
    technologies = tuple(engine.Technology(id=f"t{number}") for number in range(TECHNOLOGIES))
    routes = tuple(
        engine.Route(id=f"t{number}-{route}", technology=f"t{number}")
        for number in range(TECHNOLOGIES)
        for route in range(ROUTES_PER_TECHNOLOGY)
    )
    return Corpus(needs, documents, organizations, engine.Taxonomy(technologies, routes))


class _Chance:
    """Draws in blocks: one call to the generator per number would take longer than what is measured."""

    def __init__(self, draw: np.random.Generator) -> None:
        self._numbers = self._drawn(draw)

    def below(self, limit: int) -> int:
        return int(next(self._numbers) * limit)

    def one_of(self, values: tuple[str, ...]) -> str:
        return values[self.below(len(values))]

    def maybe(self) -> bool:
        return next(self._numbers) < 0.5

    def set_of(self, values: tuple[str, ...]) -> frozenset[str]:
        return frozenset({self.one_of(values), self.one_of(values)})

    @staticmethod
    def _drawn(draw: np.random.Generator) -> Iterator[float]:
        while True:
            yield from draw.random(100_000).tolist()


def _need(number: int, text: str, chance: _Chance) -> engine.Need:
    low = chance.below(6) + 1
    return engine.Need(
        id=f"n{number}",
        organization=f"o{number}",
        texts=(engine.Text("en", "", text),),
        technologies=(_use(chance, with_route=chance.maybe()),),
        trl=(low, low + chance.below(3) + 1),
        mrl=(low, low + 1) if chance.maybe() else None,
        supply_role=chance.one_of(ROLES) if chance.maybe() else None,
        partner_types=chance.set_of(TYPES) if chance.maybe() else frozenset(),
        parameters=_parameters(chance, "ge") if chance.maybe() else (),
        regions=chance.set_of(COUNTRIES) if chance.maybe() else frozenset(),
        cooperation_types=chance.set_of(COOPERATION) if chance.maybe() else frozenset(),
        languages=chance.set_of(LANGUAGES) if chance.maybe() else frozenset(),
        interfaces=chance.set_of(INTERFACES) if chance.maybe() else frozenset(),
        deadline=TODAY + 200 if chance.maybe() else None,
        budget=(0.0, 1000.0 * chance.below(100)) if chance.maybe() else None,
        as_of=TODAY,
    )


def _document(number: int, text: str, chance: _Chance) -> engine.Document:
    low = chance.below(6) + 1
    price = 1000.0 * chance.below(100)
    return engine.Document(
        id=f"d{number}",
        organization=f"o{number}",
        kind="experience" if chance.below(10) == 0 else "capability",
        texts=(engine.Text("en", "", text),),
        technologies=(_use(chance, with_route=True),),
        supply_role=chance.one_of(ROLES),
        trl=(low, low + chance.below(3) + 1),
        mrl=(low, low + 1),
        parameters=_parameters(chance, "eq"),
        cooperation_types=chance.set_of(COOPERATION),
        languages=chance.set_of(LANGUAGES),
        interfaces=chance.set_of(INTERFACES),
        price=(price, price),
        capacity=chance.below(11) / 10,
        available=(TODAY - 10, TODAY + chance.below(700)),
        day=TODAY - chance.below(900),
        verified=chance.below(11) / 10,
    )


def _organization(number: int, size: int, chance: _Chance) -> engine.Organization:
    return engine.Organization(
        id=f"o{number}",
        type=chance.one_of(TYPES),
        country=chance.one_of(COUNTRIES),
        verification=0.5,
        partners=((f"o{chance.below(size)}", 1.0),),
    )


def _use(chance: _Chance, *, with_route: bool) -> engine.TechnologyUse:
    technology = f"t{chance.below(TECHNOLOGIES)}"
    route = f"{technology}-{chance.below(ROUTES_PER_TECHNOLOGY)}" if with_route else None
    return engine.TechnologyUse(technology, route)


def _parameters(chance: _Chance, operator: str) -> tuple[engine.Parameter, ...]:
    named = sorted(chance.set_of(QUANTITIES))
    return tuple(engine.Parameter(name, operator, low=float(chance.below(100))) for name in named)  # type: ignore[arg-type]


def _texts(draw: np.random.Generator, count: int) -> Iterator[str]:
    words = np.array(_words(draw))
    reach = np.cumsum(1.0 / np.arange(1, VOCABULARY + 1))
    lengths = draw.integers(WORDS_ON_AVERAGE // 2, WORDS_ON_AVERAGE * 3 // 2, size=count)
    drawn = np.searchsorted(reach, draw.random(int(lengths.sum())) * reach[-1])
    for start, end in pairwise([0, *np.cumsum(lengths).tolist()]):
        yield " ".join(words[drawn[start:end]])


def _words(draw: np.random.Generator) -> list[str]:
    syllables = [consonant + vowel for consonant in "bcdfghjklmnprstvz" for vowel in "aeiou"]
    made: dict[str, None] = {}
    while len(made) < VOCABULARY:
        made.setdefault("".join(draw.choice(syllables, size=int(draw.integers(2, 5)))), None)
    return list(made)
