"""What can be done with listings. Every name here is a use case; the modules below it hold the rules."""

from consortia.listings.services.importing import ImportedListings, RowProblem, import_capabilities, import_needs
from consortia.listings.services.moving import (
    close_listing,
    expire_due_listings,
    mark_matched,
    open_listing,
    pause_listing,
    publish_capability,
    publish_need,
    remind_before_expiry,
    renew_listing,
    submit_listing,
    withdraw_listing,
)
from consortia.listings.services.quantities import obtain_quantity_kind
from consortia.listings.services.writing import draft_capability, draft_need, revise_listing

__all__ = [
    "ImportedListings",
    "RowProblem",
    "close_listing",
    "draft_capability",
    "draft_need",
    "expire_due_listings",
    "import_capabilities",
    "import_needs",
    "mark_matched",
    "obtain_quantity_kind",
    "open_listing",
    "pause_listing",
    "publish_capability",
    "publish_need",
    "remind_before_expiry",
    "renew_listing",
    "revise_listing",
    "submit_listing",
    "withdraw_listing",
]
