"""The lifecycle of a listing: which step leads from where to where, in one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from consortia.listings.models import Listing

_Status = Listing.Status


class Step(StrEnum):
    """What can be done to a listing as a whole."""

    SUBMIT = "submit"
    PUBLISH = "publish"
    OPEN = "open"
    PAUSE = "pause"
    MATCH = "mark_matched"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class Transition:
    """One step.

    Attributes:
        sources: the states it may start from.
        target: the state it ends in; None keeps the state.
        event: the kind of event that tells of it.
    """

    sources: frozenset[str]
    target: str | None
    event: str


_SHOWN = frozenset({_Status.PUBLISHED, _Status.OPEN, _Status.PAUSED, _Status.MATCHED})

TRANSITIONS: Final[Mapping[Step, Transition]] = {
    Step.SUBMIT: Transition(frozenset({_Status.DRAFT}), _Status.SUBMITTED, "listing.submitted"),
    Step.PUBLISH: Transition(frozenset({_Status.DRAFT, _Status.SUBMITTED}), _Status.PUBLISHED, "listing.published"),
    Step.OPEN: Transition(frozenset({_Status.PUBLISHED, _Status.PAUSED}), _Status.OPEN, "listing.opened"),
    Step.PAUSE: Transition(frozenset({_Status.PUBLISHED, _Status.OPEN}), _Status.PAUSED, "listing.paused"),
    Step.MATCH: Transition(_SHOWN - {_Status.MATCHED}, _Status.MATCHED, "listing.matched"),
    Step.CLOSE: Transition(_SHOWN, _Status.CLOSED, "listing.closed"),
    Step.WITHDRAW: Transition(_SHOWN | {_Status.DRAFT, _Status.SUBMITTED}, _Status.WITHDRAWN, "listing.withdrawn"),
    Step.EXPIRE: Transition(_SHOWN, _Status.EXPIRED, "listing.expired"),
    Step.RENEW: Transition(_SHOWN | {_Status.EXPIRED}, None, "listing.renewed"),
}

# Time takes this step, never a person.
AUTOMATIC_STEPS: Final = frozenset({Step.EXPIRE})
# What has ended is history: people may still read it, but its text no longer changes.
FINAL_STATUSES: Final = frozenset({_Status.CLOSED, _Status.WITHDRAWN})


def allowed_steps(status: str) -> tuple[Step, ...]:
    """The steps a person may take from this state, in the order of the table."""
    return tuple(
        step for step, transition in TRANSITIONS.items() if status in transition.sources and step not in AUTOMATIC_STEPS
    )
