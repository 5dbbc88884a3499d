"""What an author writes down of a facility, before it is checked and stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from consortia.listings.drafts import TechnologyUseDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityDraft:
    """A facility as its operator describes it.

    Attributes:
        names: by language tag; one is enough.
        language: BCP 47 tag of the texts; empty lets the share of Chinese characters decide.
        throughput: positive, in `throughput_unit`, which is anything pint reads ("kg/day").
        services: values of `VerificationService`.
        trl_in: 1 to 9, where a technology enters; `trl_out` where it leaves. MRL likewise, 1 to 10.
        price_amount: in `currency`, per `price_unit` ("per_day"); only "per_project" is compared with budgets.
        disclosure: field → tier, for fields that differ from their default.
    """

    names: Mapping[str, str]
    language: str = ""
    description: str = ""
    scale: str = ""
    batch: str = ""
    throughput: float | None = None
    throughput_unit: str = ""
    precision: str = ""
    feedstocks: Sequence[str] = ()
    certificates: Sequence[str] = ()
    services: Sequence[str] = ()
    trl_in: int | None = None
    trl_out: int | None = None
    mrl_in: int | None = None
    mrl_out: int | None = None
    access: str = ""
    price_amount: Decimal | None = None
    price_unit: str = ""
    currency: str = ""
    safety: str = ""
    ip_terms: str = ""
    is_active: bool = True
    is_fictitious: bool = False
    disclosure: Mapping[str, str] = field(default_factory=dict)
    technologies: Sequence[TechnologyUseDraft] = ()
    source: str = ""
    source_id: str = ""
