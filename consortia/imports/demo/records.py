"""The entries of the demo network as their authors wrote them: one type for each kind in the YAML files.

The names of the attributes are the keys of the files. Whatever the rooms' services check (units, lengths, spans) is
left to them; the types say what an entry consists of and which words may be chosen.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from django.db.models import TextChoices

from consortia.disclosure.models import Tier
from consortia.evidence.models import Evidence, Participation
from consortia.facilities.models import VerificationService
from consortia.listings.models import (
    Capability,
    CooperationType,
    IprStatus,
    ListingInterface,
    Need,
    Parameter,
    SupplyRole,
)
from consortia.organizations.models import Affiliation, Membership, Organization
from consortia.technologies.models import Route


@dataclass(frozen=True, slots=True)
class OneOf:
    """The words that may stand in a place."""

    choices: type[TextChoices]


@dataclass(frozen=True, slots=True)
class NameOf:
    """The place holds the id of an entry in this section."""

    section: str


Texts = Mapping[str, str]
TextLists = Mapping[str, tuple[str, ...]]
Span = tuple[int, int]

TechnologyId = Annotated[str, NameOf("technologies")]
RouteId = Annotated[str, NameOf("routes")]
InterfaceId = Annotated[str, NameOf("interfaces")]
OrganizationId = Annotated[str, NameOf("organizations")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureField:
    """One of the six future-industry fields."""

    id: str
    labels: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricEntry:
    """A dated figure of merit; the figures are plausible demonstration values, no citations."""

    name: Texts
    value: float
    unit: str
    date: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteEntry:
    """A competing way to realise a technology."""

    id: str
    labels: Texts
    convergence: Annotated[str, OneOf(Route.Convergence)]
    metrics: tuple[MetricEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnologyEntry:
    """A technology; without `broader` it lies directly under its file's field."""

    id: str
    labels: Texts
    definition: Texts
    aliases: TextLists = field(default_factory=dict)
    key_common: bool = False
    broader: tuple[TechnologyId, ...] = ()
    related: tuple[TechnologyId, ...] = ()
    depends_on: tuple[TechnologyId, ...] = ()
    uses_interfaces: tuple[InterfaceId, ...] = ()
    routes: tuple[RouteEntry, ...] = ()
    replaced_by: TechnologyId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceEntry:
    """A real standard."""

    id: str
    name: Texts
    standard: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliationEntry:
    """This organization is `kind` of the organization `to`."""

    to: OrganizationId
    kind: Annotated[str, OneOf(Affiliation.Kind)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceEntry:
    """A document; an assessment names the service institution that made it."""

    kind: Annotated[str, OneOf(Evidence.Kind)]
    title: str
    issuer: str
    date: datetime.date
    verified: bool = False
    assessor: OrganizationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationEntry:
    """A fictitious organization. It has no register numbers: a valid checksum could hit somebody's real number."""

    id: str
    names: Texts
    type: Annotated[str, OneOf(Organization.Type)]
    sme: bool
    ownership: Annotated[str, OneOf(Organization.Ownership)]
    size: Annotated[str, OneOf(Organization.Size)]
    country: str
    region: str
    city: Texts
    place: tuple[float, float]
    website: str
    description: Texts
    verified: bool
    aliases: tuple[str, ...] = ()
    affiliations: tuple[AffiliationEntry, ...] = ()
    evidence: tuple[EvidenceEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnologyUse:
    """A technology that a listing or facility is about, on one of its routes or on any."""

    id: TechnologyId
    route: RouteId | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceUse:
    """An interface that a listing conforms to or requires."""

    id: InterfaceId
    mode: Annotated[str, OneOf(ListingInterface.Mode)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Texts in another language."""

    title: str
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterEntry:
    """A target or a measured value."""

    name: Texts
    operator: Annotated[str, OneOf(Parameter.Operator)]
    value: float
    unit: str
    disclosure: Annotated[str, OneOf(Tier)]
    value_high: float | None = None
    tolerance: float | None = None
    condition: Texts = field(default_factory=dict)
    method: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingEntry:
    """What needs and capabilities have in common."""

    id: str
    organization: OrganizationId
    lang: str
    title: str
    summary: str
    description: str
    technologies: tuple[TechnologyUse, ...]
    supply_role: Annotated[str, OneOf(SupplyRole)]
    trl: Span
    cooperation: tuple[Annotated[str, OneOf(CooperationType)], ...]
    languages: tuple[str, ...]
    mrl: Span | None = None
    regions: tuple[str, ...] = ()
    parameters: tuple[ParameterEntry, ...] = ()
    interfaces: tuple[InterfaceUse, ...] = ()
    translations: Mapping[str, Translation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """An amount of money, from and to."""

    min: Decimal
    max: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedEntry(ListingEntry):
    """Something that an organization lacks."""

    kind: Annotated[str, OneOf(Need.Kind)]
    deadline: datetime.date
    route_locked: bool = False
    partner_types: tuple[Annotated[str, OneOf(Organization.Type)], ...] = ()
    eligible_countries: tuple[str, ...] = ()
    budget: Budget | None = None
    process_stage: Annotated[str, OneOf(Need.ProcessStage)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a capability costs; a negotiable price has no amount."""

    model: Annotated[str, OneOf(Capability.PriceModel)]
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityEntry(ListingEntry):
    """Something that an organization can do or supply."""

    kind: Annotated[str, OneOf(Capability.Kind)]
    ipr: Annotated[str, OneOf(IprStatus)]
    price: Price | None = None
    capacity: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """How much a facility gets through, in a unit that pint reads."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityPrice:
    """What a unit of a facility's time costs."""

    amount: Decimal
    unit: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotEntry:
    """Days in which a facility can be booked, the first and the last included."""

    start: datetime.date
    end: datetime.date
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingEntry:
    """An organization uses a facility from the first day to the last, within one of its slots."""

    organization: OrganizationId
    start: datetime.date
    end: datetime.date
    purpose: str
    units: int = 1
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityEntry:
    """Equipment that others can use."""

    id: str
    organization: OrganizationId
    names: Texts
    lang: str
    description: str
    technologies: tuple[TechnologyUse, ...]
    trl: Span
    services: tuple[Annotated[str, OneOf(VerificationService)], ...]
    mrl: Span | None = None
    scale: str = ""
    batch: str = ""
    throughput: Throughput | None = None
    precision: str = ""
    feedstocks: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    access: str = ""
    price: FacilityPrice | None = None
    safety: str = ""
    ip_terms: str = ""
    slots: tuple[SlotEntry, ...] = ()
    bookings: tuple[BookingEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """An organization's part in a past project."""

    organization: OrganizationId
    role: Annotated[str, OneOf(Participation.Role)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceEntry:
    """A past project."""

    id: str
    lang: str
    title: str
    abstract: str
    start: datetime.date
    end: datetime.date
    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEntry:
    """Somebody as whom a visitor can sign in; `client` names an API client of theirs."""

    id: str
    email: str
    name: str
    language: str
    curator: bool = False
    organization: OrganizationId | None = None
    role: Annotated[str, OneOf(Membership.Role)] | None = None
    client: str = ""
