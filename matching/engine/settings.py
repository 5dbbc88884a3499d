"""Settings of a run: validated whole, kept with the run as JSON, so that its matches can be rebuilt from its index."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from matching.engine.errors import SettingsError

ENGINE_VERSION = "1.3"
"""Raised with every change to what a list holds for the same records and settings."""
DEFAULT_ENCODER = "matching.engine.encoding.UniversalSentenceEncoder"

DEFAULT_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "text": 40.0,
        "technology": 12.0,
        "route": 4.0,
        "trl": 7.0,
        "mrl": 1.0,
        "parameters": 6.0,
        "supply_role": 5.0,
        "partner_type": 4.0,
        "region": 1.5,
        "timing": 2.0,
        "cost": 2.0,
        "cooperation": 1.0,
        "interfaces": 2.0,
        "languages": 1.0,
        "track_record": 2.0,
        "verified_evidence": 2.0,
        "past_cooperation": 7.0,
        "freshness": 0.5,
    }
)
"""Points each criterion can give; they sum to 100."""

_POSITIVE_INTEGERS = (
    "top_k",
    "shortlist",
    "passages",
    "candidates",
    "scanned_postings",
    "dense_characters",
    "title_weight",
    "evidence_documents",
    "supporting",
    "batch_size",
)
_POSITIVE_NUMBERS = (
    "k1",
    "dense_worth",
    "long_need",
    "evidence_power",
    "coordinator_weight",
    "text_half",
    "relevance_full",
    "freshness_half_life",
)
_SHARES = (
    "b",
    "dense_share",
    "dense_share_chinese",
    "dense_share_across",
    "broader_weight",
    "narrower_weight",
    "related_weight",
    "dependency_weight",
    "sharing_exponent",
    "volume_exponent",
    "amendment_share",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides a list besides the records. Raises `SettingsError` naming every fault at once."""

    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    """Points per criterion; must name every criterion and sum to 100. A weight of 0 switches a criterion off."""
    top_k: int = 20
    shortlist: int = 200
    """Organizations per need that reach the scorecard."""
    passages: int = 300
    """Distinct texts per need that are followed to their organizations."""
    candidates: int = 600
    """Distinct texts per need that each source may bring up in each language relation, to be scored in full."""
    scanned_postings: int = 20_000
    """Postings read per need to bring up texts, by the need's most telling words."""
    encoder: str | None = DEFAULT_ENCODER
    """Dotted path of the sentence encoder; None matches on words and technologies alone."""
    lexicon: bool = True
    """Whether a Chinese–English dictionary carries the words of a need into the other language."""
    dense_characters: int = 400
    """Characters of title and text that the encoder reads."""
    k1: float = 1.2
    """BM25 saturation of repeated terms."""
    b: float = 0.75
    """BM25 length normalisation, 0 to 1."""
    title_weight: int = 2
    """How often the words of a title count."""
    dense_share: float = 0.15
    """Most that sentence vectors share in the relevance of a text in the need's own language."""
    dense_worth: float = 25.0
    """What a sentence vector is worth there, in the score that a need's own words would reach: about four rare words.
    The more a need says, the less its vector counts beside its words."""
    dense_share_chinese: float = 0.5
    """Share between Chinese texts, whose short words say less than a sentence."""
    dense_share_across: float = 0.6
    """The same across languages, where words meet in translation only."""
    evidence_power: float = 5.0
    """Exponent p of the evidence sum: high values prefer one strong document to many weak ones."""
    evidence_documents: int = 100
    """Documents per organization that can add up."""
    sharing_exponent: float = 0.25
    """A text shared by n organizations speaks n^-x as loudly for each."""
    volume_exponent: float = 0.0
    """An organization with n documents is scaled by n^-x, for those that are in everything."""
    coordinator_weight: float = 1.5
    """How much more a project says about its coordinator."""
    text_half: float = 0.25
    """Evidence at which half of the text points are given, for a need that is not long."""
    long_need: float = 100.0
    """Score that a need's own words would reach from which on it is long: nobody meets it in all its words, so half of
    the text points take less evidence, by the square root of its length."""
    relevance_full: float = 0.3
    """Relevance of a document from which its other merits count in full."""
    broader_weight: float = 0.6
    narrower_weight: float = 0.8
    related_weight: float = 0.4
    dependency_weight: float = 0.3
    freshness_half_life: float = 730.0
    """Days after which an unconfirmed record is worth half."""
    supporting: int = 5
    """Documents named per match."""
    amendment_share: float = 0.1
    """Share of an index's documents up to which changes are kept beside it; with more, a new index is put together.
    Has no influence on the lists."""
    batch_size: int = 64
    """Needs scored together; has no influence on the lists."""

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise SettingsError(faults)
        object.__setattr__(self, "weights", MappingProxyType(dict(self.weights)))

    def to_json(self) -> dict[str, Any]:
        """Return the settings with the engine's version as plain JSON values."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["weights"] = dict(self.weights)
        return {"engine_version": ENGINE_VERSION, **values}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Settings:
        """Rebuild settings written by `to_json`. Raises `SettingsError` for unknown names or unusable values."""
        values = {name: value for name, value in values.items() if name != "engine_version"}
        unknown = sorted(set(values) - {item.name for item in fields(cls)})
        if unknown:
            raise SettingsError([f"{name} is not a setting; remove it" for name in unknown])
        return cls(**values)


def _faults(settings: Settings) -> list[str]:
    faults = _weight_faults(settings.weights)
    for name in _POSITIVE_INTEGERS:
        value = getattr(settings, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            faults.append(f"{name} is {value!r}; give a whole number of 1 or more")
    for name in _POSITIVE_NUMBERS:
        value = getattr(settings, name)
        if not _is_number(value) or value <= 0:
            faults.append(f"{name} is {value!r}; give a number above 0")
    for name in _SHARES:
        value = getattr(settings, name)
        if not _is_number(value) or not 0 <= value <= 1:
            faults.append(f"{name} is {value!r}; give a number from 0 to 1")
    if not isinstance(settings.lexicon, bool):
        faults.append(f"lexicon is {settings.lexicon!r}; give true or false")
    if settings.encoder is not None and (not isinstance(settings.encoder, str) or "." not in settings.encoder):
        faults.append(f"encoder is {settings.encoder!r}; give a dotted path such as {DEFAULT_ENCODER}, or None")
    if not faults and settings.top_k > settings.shortlist:
        faults.append(f"top_k ({settings.top_k}) is above shortlist ({settings.shortlist}); raise shortlist")
    if not faults and settings.passages > settings.candidates:
        faults.append(f"passages ({settings.passages}) is above candidates ({settings.candidates}); raise candidates")
    return faults


def _weight_faults(weights: object) -> list[str]:
    if not isinstance(weights, Mapping):
        return ["weights is not a mapping; give points per criterion"]
    faults = [
        f"weights names {name!r}, which is no criterion; remove it" for name in weights if name not in DEFAULT_WEIGHTS
    ]
    faults += [
        f"weights lacks {name}; give it points, 0 to switch it off" for name in DEFAULT_WEIGHTS if name not in weights
    ]
    bad = [name for name, value in weights.items() if not _is_number(value) or value < 0]
    faults += [f"the weight of {name} is {weights[name]!r}; give a number of 0 or more" for name in bad]
    if not bad and abs(sum(weights.values()) - 100) > 1e-6:
        faults.append(f"the weights sum to {sum(weights.values()):g}; make them sum to 100")
    return faults


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
