"""Readers of the outbox: which events make which lists stale."""

from collections.abc import Sequence
from typing import Final

from consortia.listings.models import Listing
from matching.services.runs import request_full_run, request_incremental_run
from ronghe.events.models import Event
from ronghe.events.registry import reader

LISTINGS: Final = frozenset(
    {
        "listing.closed",
        "listing.expired",
        "listing.matched",
        "listing.opened",
        "listing.paused",
        "listing.renewed",
        "listing.revised",
        "listing.withdrawn",
    }
)
"""A need concerns its own list, a capability what its organization offers."""
STEERING: Final = frozenset(
    {"match.declined", "match.demote", "match.decision_withdrawn", "match.interested", "match.pin", "match.suppress"}
)
"""What was said of one pair concerns one need's list."""
ONE_ORGANIZATION: Final = frozenset(
    {
        "booking.cancelled",
        "booking.confirmed",
        "booking.declined",
        "booking.requested",
        "evidence.refused",
        "evidence.verified",
        "experience.recorded",
        "facility.registered",
        "facility.revised",
        "organization.affiliated",
        "organization.suspended",
        "organization.unaffiliated",
        "organization.updated",
        "organization.verified",
        "slot.offered",
        "slot.withdrawn",
    }
)
EVERYTHING: Final = frozenset(
    {
        "experience.imported",
        "organization.imported",
        "technology.activated",
        "technology.deprecated",
        "technology.imported",
        "technology.merged",
        "technology.related",
        "technology.relabelled",
        "technology.route_added",
        "technology.route_changed",
        "technology.unrelated",
    }
)
"""What changes the statistics or the taxonomy touches every score."""


@reader("matching.stale_lists", kinds=LISTINGS | STEERING | ONE_ORGANIZATION | EVERYTHING, batch_size=1000)
def recompute_stale_lists(events: Sequence[Event]) -> None:
    """Ask for one run that takes in all the changes of a batch."""
    sweeping = [event for event in events if event.kind in EVERYTHING]
    if sweeping:
        request_full_run(reason=sweeping[-1].kind)
        return
    needs = {need for event in events for need in _needs_of(event)}
    organizations = {organization for event in events for organization in _organizations_of(event)}
    request_incremental_run(reason=events[-1].kind, need_ids=needs, organization_ids=organizations)


def _needs_of(event: Event) -> list[int]:
    if event.kind in LISTINGS and event.payload["side"] == Listing.Side.NEED:
        return [event.subject_id]
    if event.kind in STEERING and _moves_list(event):
        return [event.payload["need"]]
    return []


def _moves_list(event: Event) -> bool:
    """Interest moves a list only when it takes back a refusal."""
    return event.kind != "match.interested" or event.payload["was"] == "declined"


def _organizations_of(event: Event) -> list[int]:
    if event.kind in LISTINGS and event.payload["side"] == Listing.Side.CAPABILITY:
        return [event.payload["organization"]]
    if event.kind not in ONE_ORGANIZATION:
        return []
    if "organizations" in event.payload:
        return list(event.payload["organizations"])
    if "organization" in event.payload:
        return [event.payload["organization"]]
    return [event.subject_id]
