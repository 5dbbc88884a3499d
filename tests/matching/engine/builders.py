"""Small worlds for the engine's tests."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from matching.engine import (
    DEFAULT_WEIGHTS,
    Document,
    Index,
    Match,
    MatchList,
    Need,
    Organization,
    Route,
    Settings,
    Taxonomy,
    Technology,
    TechnologyUse,
    Text,
    build_index,
)

TODAY = 740_000
SUBJECT = Text("en", "Solid-state battery cells", "Sulfide electrolyte pouch cells for electric vehicles.")
USE = TechnologyUse("ssb")

TAXONOMY = Taxonomy(
    technologies=(
        Technology("energy-storage", {"en": ("energy storage",), "zh-Hans": ("储能",)}),
        Technology(
            "ssb",
            {"en": ("solid-state battery", "all-solid-state battery"), "zh-Hans": ("固态电池", "全固态电池")},
            broader=("energy-storage",),
            related=("sodium-ion",),
            depends_on=("lithium-metal",),
        ),
        Technology("sodium-ion", {"en": ("sodium-ion battery",), "zh-Hans": ("钠离子电池",)}),
        Technology("lithium-metal", {"en": ("lithium metal foil",), "zh-Hans": ("锂金属箔",)}),
        Technology("hts-tape", {"en": ("REBCO tape",), "zh-Hans": ("REBCO带材", "高温超导带材")}),
    ),
    routes=(
        Route("ssb-sulfide", "ssb", {"en": ("sulfide electrolyte",), "zh-Hans": ("硫化物电解质",)}),
        Route("ssb-oxide", "ssb", {"en": ("oxide electrolyte",), "zh-Hans": ("氧化物电解质",)}),
    ),
)


class LetterEncoder:
    """An encoder that counts letters: quick, and the same everywhere."""

    name = "letters"
    dimension = 26

    def encode(self, sentences: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return letter frequencies of length 1."""
        counts = np.array([[text.lower().count(chr(97 + i)) for i in range(26)] for text in sentences], dtype=float)
        lengths = np.linalg.norm(counts, axis=1, keepdims=True)
        return (counts / np.where(lengths > 0, lengths, 1)).astype(np.float32)


LETTERS = f"{__name__}.LetterEncoder"


def make_settings(**values: object) -> Settings:
    """Settings without an encoder and a dictionary, where the values do not say otherwise."""
    return Settings(**{"encoder": None, "lexicon": False, **values})


def only(*criteria: str) -> dict[str, float]:
    """Weights that give all points to the criteria named, in equal parts."""
    return {name: 100 / len(criteria) if name in criteria else 0.0 for name in DEFAULT_WEIGHTS}


def make_document(name: str = "doc", organization: str = "bob", **fields: object) -> Document:
    """A capability of Bob's on the subject."""
    defaults = {"kind": "capability", "texts": (SUBJECT,), "technologies": (USE,)}
    return Document(**{"id": name, "organization": organization, **defaults, **fields})


def make_need(**fields: object) -> Need:
    """A need of Alice's on the subject."""
    defaults = {"id": "need", "organization": "alice", "texts": (SUBJECT,), "technologies": (USE,), "as_of": TODAY}
    return Need(**{**defaults, **fields})


def make_index(
    documents: Iterable[Document], organizations: Iterable[Organization] = (), settings: Settings | None = None
) -> Index:
    """An index that knows Alice and every organization that has a document."""
    documents, given = list(documents), {organization.id: organization for organization in organizations}
    names = {"alice", *(document.organization for document in documents)} - set(given)
    everyone = [*given.values(), *(Organization(name, country="CN") for name in sorted(names))]
    return build_index(documents, everyone, TAXONOMY, settings or make_settings())


def match_one(index: Index, need: Need) -> MatchList:
    """The list of one need."""
    [found] = index.match([need])
    return found


def find(matches: Iterable[Match], organization: str) -> Match:
    """The match of one organization."""
    return next(match for match in matches if match.organization == organization)


def points(match: Match, criterion: str) -> float | None:
    """What one criterion gave; None where it gave no line at all."""
    return next((float(line.points) for line in match.contributions if line.criterion == criterion), None)
