"""Readers of the outbox: which events make which lists stale."""

from collections.abc import Sequence
from typing import Final

from consortia.listings.models import Listing
from matching.services.runs import request_full_run, request_incremental_run
from ronghe.events.models import Event
from ronghe.events.registry import reader

NEED_OR_CAPABILITY: Final = frozenset(
    {
        "listing.opened",
        "listing.published",
        "listing.revised",
        "listing.renewed",
        "listing.paused",
        "listing.matched",
        "listing.closed",
        "listing.expired",
        "listing.withdrawn",
    }
)
ONE_ORGANIZATION: Final = frozenset(
    {
        "organization.updated",
        "organization.verified",
        "organization.suspended",
        "organization.reinstated",
        "organization.affiliated",
        "organization.unaffiliated",
        "organization.merged",
        "evidence.verified",
        "evidence.refused",
        "facility.registered",
        "facility.revised",
        "slot.offered",
        "slot.withdrawn",
        "booking.confirmed",
        "booking.cancelled",
    }
)
EVERYTHING: Final = frozenset(
    {
        "organization.imported",
        "experience.imported",
        "listing.imported",
        "technology.activated",
        "technology.deprecated",
        "technology.merged",
        "technology.related",
        "technology.relabelled",
        "taxonomy.released",
    }
)


@reader("matching.stale_lists", kinds=NEED_OR_CAPABILITY | ONE_ORGANIZATION | EVERYTHING, batch_size=1000)
def recompute_stale_lists(events: Sequence[Event]) -> None:
    """Ask for one run that takes in all the changes of a batch."""
    sweeping = [event for event in events if event.kind in EVERYTHING]
    if sweeping:
        request_full_run(reason=sweeping[-1].kind)
        return
    needs: set[int] = set()
    organizations: set[int] = set()
    for event in events:
        if event.kind in NEED_OR_CAPABILITY and event.payload.get("side") == Listing.Side.NEED:
            needs.add(event.subject_id)
        else:
            organizations |= set(event.payload.get("organizations", []))
            if "organization" in event.payload:
                organizations.add(event.payload["organization"])
            elif event.subject_type == "organizations.organization":
                organizations.add(event.subject_id)
    request_incremental_run(reason=events[-1].kind, need_ids=needs, organization_ids=organizations)
