"""The records that go into the engine and the lists that come out of it.

All records are frozen and hold plain values only: the caller has already turned rows into them (identifiers as strings,
dates as proleptic ordinals as in `datetime.date.toordinal`, physical values in base units, money in one currency).
Languages are BCP 47 tags such as ``zh-Hans`` or ``en``; countries are ISO 3166-1 alpha-2, regions ISO 3166-2 codes.
What a record does not know is ``None`` or empty: it then earns nothing and is listed as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Span = tuple[float, float]
"""A closed interval, lower bound first."""

JsonValue = str | int | float | bool | None
DocumentKind = Literal["capability", "facility", "experience"]
ParticipationRole = Literal["coordinator", "participant", "partner"]
Operator = Literal["ge", "le", "between", "eq"]
Reach = Literal["everybody", "needs", "searches"]
"""Who may be answered by a document: stored needs, searches, or both."""
Stage = Literal["hard_rule", "not_retrieved", "below_cut"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text in one language. The words of a restricted text take part in matching but are never repeated."""

    lang: str
    title: str
    body: str = ""
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class TechnologyUse:
    """A technology that a listing is about, with the route it takes (None: any) and its weight (> 0, at most 1)."""

    technology: str
    route: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Parameter:
    """One physical quantity, asked for by a need or measured by a document.

    ``ge`` uses `low`, ``le`` uses `high`, ``eq`` uses `low`, ``between`` uses both. `quantity` is the key by which
    both sides name the same thing; values of different `dimension` are never compared. `tolerance` is absolute and in
    the same base unit. A restricted parameter counts towards "meets n of m" and is never named.
    """

    quantity: str
    operator: Operator
    low: float | None = None
    high: float | None = None
    dimension: str = ""
    tolerance: float = 0.0
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that speaks for one organization: a capability, a facility, or a past project.

    A project with several participants is one document per participant with equal `texts` and `technologies`: the index
    stores and analyses equal content once. `restricted` names the fields (as spelt here) whose values no explanation
    may show. `audience` lists the organizations that may know of the document (None: all may).
    """

    id: str
    organization: str
    kind: DocumentKind
    texts: tuple[Text, ...] = ()
    technologies: tuple[TechnologyUse, ...] = ()
    supply_role: str | None = None
    trl: Span | None = None
    mrl: Span | None = None
    parameters: tuple[Parameter, ...] = ()
    cooperation_types: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    interfaces: frozenset[str] = frozenset()
    """Interfaces and standards it conforms to."""
    price: Span | None = None
    """What the whole work costs, in the currency of budgets; None where only a price per piece or hour is known."""
    capacity: float | None = None
    """Free capacity, 0 (booked out) to 1 (all free)."""
    available: Span | None = None
    """First and last day on which it can be had."""
    day: int | None = None
    """When it was last confirmed, or when the project was signed."""
    valid_until: int | None = None
    role: ParticipationRole | None = None
    verified: float | None = None
    """Weight of its verified evidence after ageing, 0 to 1; None when nobody verified anything."""
    restricted: frozenset[str] = frozenset()
    audience: frozenset[str] | None = None
    reach: Reach = "everybody"
    """A document with restricted texts answers needs alone; what may be read of it is a document for searches."""


@dataclass(frozen=True, slots=True)
class Organization:
    """A body that can be proposed. `partners` is its past cooperation: (organization id, weight > 0)."""

    id: str
    type: str | None = None
    country: str | None = None
    region: str | None = None
    place: tuple[float, float] | None = None
    """Latitude (-90 to 90) and longitude (-180 to 180) in degrees."""
    sme: bool | None = None
    verification: float | None = None
    """Level of verification, 0 to 1."""
    suspended: bool = False
    certificates: frozenset[str] = frozenset()
    affiliates: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()
    partners: tuple[tuple[str, float], ...] = ()
    day: int | None = None
    """When the organization last confirmed its record."""


@dataclass(frozen=True, slots=True)
class Need:
    """What an organization is looking for, as of the day `as_of`. Empty wishes are not scored."""

    id: str
    organization: str | None = None
    texts: tuple[Text, ...] = ()
    technologies: tuple[TechnologyUse, ...] = ()
    route_locked: bool = False
    """Only the routes named in `technologies` will do."""
    supply_role: str | None = None
    """The role sought from the partner, not the asker's own."""
    trl: Span | None = None
    """Current and target level."""
    mrl: Span | None = None
    partner_types: frozenset[str] = frozenset()
    parameters: tuple[Parameter, ...] = ()
    eligible_countries: frozenset[str] = frozenset()
    blocked_countries: frozenset[str] = frozenset()
    """Countries behind the export gate."""
    required_certificates: frozenset[str] = frozenset()
    declined_organizations: frozenset[str] = frozenset()
    """Organizations that were declined or suppressed for this need and must not come back."""
    regions: frozenset[str] = frozenset()
    place: tuple[float, float] | None = None
    cooperation_types: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    interfaces: frozenset[str] = frozenset()
    """Interfaces and standards that it requires."""
    deadline: int | None = None
    closed: bool = False
    budget: Span | None = None
    """For the whole work, in one currency with prices."""
    as_of: int | None = None
    is_search: bool = False
    """A text that nobody saved and anybody may vary: nothing that is restricted takes part in its answer."""


@dataclass(frozen=True, slots=True)
class Technology:
    """A node of the taxonomy. Labels and aliases per language are found in texts as terms of their own."""

    id: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A competing way to realise a technology."""

    id: str
    technology: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The technologies and routes known to the run. Cycles and dangling references are tolerated and reported."""

    technologies: tuple[Technology, ...] = ()
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that was skipped, or a value that was left out, and why."""

    record: str
    """What kind of record: ``document``, ``organization``, ``need``, ``taxonomy``, ``encoder``, ``lexicon``."""
    id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Detail:
    """What a criterion found, for a template to put into the reader's language; never a sentence itself."""

    code: str
    args: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contribution:
    """The points one criterion gave, out of `available`, and the documents it read."""

    criterion: str
    points: Decimal
    available: Decimal
    evidence: tuple[str, ...]
    detail: Detail


@dataclass(frozen=True, slots=True)
class Supporting:
    """A document that speaks for a match: its share of the text evidence (0 to 1) and the terms that carried it."""

    document: str
    share: float
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """An organization proposed for a need. The contributions sum to the score exactly; the score is 0 to 100."""

    organization: str
    rank: int
    score: Decimal
    contributions: tuple[Contribution, ...]
    unknowns: tuple[str, ...]
    """Criteria the need asks for and about which nothing is known."""
    supporting: tuple[Supporting, ...]
    flags: tuple[str, ...] = ()
    """For instance ``lexical_only`` when no sentence encoder took part."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a hard rule dropped an organization, or why it was not reached."""

    code: str
    args: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why an organization is not in a need's list. `rank` and `match` are there when it was scored but fell below."""

    organization: str
    stage: Stage
    reasons: tuple[Reason, ...]
    match: Match | None = None


@dataclass(frozen=True, slots=True)
class MatchList:
    """The answer for one need, best match first.

    `exclusions` are the organizations that the texts and technologies would have brought up and a hard rule dropped;
    `considered` counts the organizations that were scored. `problem` says why a need could not be matched at all.
    """

    need: str
    matches: tuple[Match, ...]
    exclusions: tuple[Exclusion, ...]
    considered: int
    problem: Problem | None = None
