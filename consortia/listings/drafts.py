"""What an author writes down: listings before they are checked and stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationDraft:
    """The texts of a listing in another language."""

    language: str
    title: str
    summary: str = ""
    description: str = ""
    is_machine_made: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnologyUseDraft:
    """A technology the listing is about.

    Attributes:
        technology: key of the technology.
        route: key of one of its routes, or None for any.
        weight: how much of the listing it is, above 0 and at most 1.
    """

    technology: str
    route: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceUseDraft:
    """An interface by key, and whether the listing `conforms` to it or `requires` it."""

    interface: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDraft:
    """A target or a measured value, in the author's own unit.

    Attributes:
        labels: what is measured, by language tag; one language is enough.
        operator: `ge`, `le`, `between` or `eq`.
        value: in `unit`.
        value_high: upper end in `unit`, for `between` only.
        unit: anything pint reads; empty for pure numbers.
        tolerance: ± in `unit`, not negative.
        conditions: test condition by language tag.
        methods: how it was measured, by language tag.
        tier: who sees it; None takes the listing's choice for parameters.
    """

    labels: Mapping[str, str]
    operator: str
    value: float
    value_high: float | None = None
    unit: str = ""
    tolerance: float | None = None
    conditions: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)
    tier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingDraft:
    """What needs and capabilities have in common.

    Attributes:
        kind: a value of `Need.Kind` or `Capability.Kind`.
        title: at most 200 characters.
        language: BCP 47 tag of the texts; empty lets the share of Chinese characters decide.
        trl_low: 1 to 9; for a need, where it stands.
        trl_high: 1 to 9; for a need, where it must arrive.
        mrl_low: 1 to 10.
        mrl_high: 1 to 10.
        valid_until: last day; None takes 365 days from publication.
        disclosure: field → tier, for fields that differ from their default.
        source: the archive it comes from, with its `source_id` there; both empty for what people write.
    """

    kind: str
    title: str
    language: str = ""
    summary: str = ""
    description: str = ""
    supply_role: str = ""
    trl_low: int | None = None
    trl_high: int | None = None
    mrl_low: int | None = None
    mrl_high: int | None = None
    cooperation_types: Sequence[str] = ()
    ipr_status: str = ""
    regions: Sequence[str] = ()
    languages_spoken: Sequence[str] = ()
    blocked_countries: Sequence[str] = ()
    valid_until: date | None = None
    disclosure: Mapping[str, str] = field(default_factory=dict)
    technologies: Sequence[TechnologyUseDraft] = ()
    parameters: Sequence[ParameterDraft] = ()
    interfaces: Sequence[InterfaceUseDraft] = ()
    translations: Sequence[TranslationDraft] = ()
    source: str = ""
    source_id: str = ""
    is_fictitious: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedDraft(ListingDraft):
    """A need as its author wrote it; amounts are in `currency`."""

    route_locked: bool = False
    deadline: date | None = None
    budget_min: Decimal | None = None
    budget_max: Decimal | None = None
    currency: str = ""
    partner_types: Sequence[str] = ()
    eligible_countries: Sequence[str] = ()
    required_certificates: Sequence[str] = ()
    process_stage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityDraft(ListingDraft):
    """A capability as its author wrote it; the price is in `currency`, for what `price_model` says."""

    price_model: str = ""
    price_amount: Decimal | None = None
    currency: str = ""
    capacities: Mapping[str, str] = field(default_factory=dict)
