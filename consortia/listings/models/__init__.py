"""Listings: needs and capabilities, with their technologies, parameters, translations and interfaces."""

from consortia.listings.models.listing import (
    DEFAULT_VALIDITY_DAYS,
    DESCRIPTION_LENGTH,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
    Capability,
    Listing,
    Need,
)
from consortia.listings.models.parameters import (
    Parameter,
    QuantityKind,
    QuantityLabel,
)
from consortia.listings.models.parts import (
    ListingInterface,
    ListingTechnology,
    ListingTranslation,
)
from consortia.listings.models.vocabulary import (
    CooperationType,
    IprStatus,
    SupplyRole,
)

__all__ = [
    "DEFAULT_VALIDITY_DAYS",
    "DESCRIPTION_LENGTH",
    "SUMMARY_LENGTH",
    "TITLE_LENGTH",
    "Capability",
    "CooperationType",
    "IprStatus",
    "Listing",
    "ListingInterface",
    "ListingTechnology",
    "ListingTranslation",
    "Need",
    "Parameter",
    "QuantityKind",
    "QuantityLabel",
    "SupplyRole",
]
