"""Moving listings through their lifecycle."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.listings.lifecycle import TRANSITIONS, Step, allowed_steps
from consortia.listings.models import DEFAULT_VALIDITY_DAYS, Capability, Listing, Need
from consortia.listings.policies import require_can_edit
from consortia.listings.services.writing import base_of, event_payload
from consortia.organizations.models import Organization
from ronghe.common.errors import Conflict, StaleEdit
from ronghe.common.validation import Faults
from ronghe.events.services import emit

ListingT = TypeVar("ListingT", bound=Listing)

REMINDER_DAYS: Final = (30, 7)
_BARRED_ORGANIZATIONS: Final = frozenset({Organization.Status.SUSPENDED, Organization.Status.MERGED})
_BATCH: Final = 500


def submit_listing(*, actor: Viewer, listing: ListingT, expected_version: int | None = None) -> ListingT:
    """Hand a draft in for review inside its organization.

    Raises:
        NotFound, NotAllowed: the actor does not write for its organization.
        Conflict: it is no draft.
    """
    return _step(Step.SUBMIT, actor, listing, expected_version)


def publish_need(
    *, actor: Viewer, need: Need, open_for_interest: bool = True, expected_version: int | None = None
) -> Need:
    """Show a need to others and, unless asked otherwise, open it for interest and matching.

    Raises:
        InvalidInput: something that others need to know is missing; names what.
        NotFound, NotAllowed: the actor does not write for its organization.
        Conflict: its state or its organization's bars it.
    """
    return _publish(actor, need, open_for_interest=open_for_interest, expected_version=expected_version)


def publish_capability(
    *, actor: Viewer, capability: Capability, open_for_interest: bool = True, expected_version: int | None = None
) -> Capability:
    """Show a capability to others and, unless asked otherwise, open it for interest and matching.

    Raises:
        InvalidInput: something that others need to know is missing; names what.
        NotFound, NotAllowed: the actor does not write for its organization.
        Conflict: its state or its organization's bars it.
    """
    return _publish(actor, capability, open_for_interest=open_for_interest, expected_version=expected_version)


def open_listing(*, actor: Viewer, listing: ListingT, expected_version: int | None = None) -> ListingT:
    """Ask for interest: from now on the listing takes part in matching.

    Raises:
        NotFound, NotAllowed: the actor does not write for its organization.
        Conflict: it is neither published nor paused.
    """
    return _step(Step.OPEN, actor, listing, expected_version)


def pause_listing(*, actor: Viewer, listing: ListingT, expected_version: int | None = None) -> ListingT:
    """Stop asking for interest for a while; the listing stays visible.

    Raises:
        NotFound, NotAllowed: the actor does not write for its organization.
        Conflict: it is neither published nor open.
    """
    return _step(Step.PAUSE, actor, listing, expected_version)


def close_listing(*, actor: Viewer, listing: ListingT, expected_version: int | None = None) -> ListingT:
    """End a listing that has served its purpose.

    Raises:
        NotFound, NotAllowed: the actor does not write for its organization.
        Conflict: it is not published.
    """
    return _step(Step.CLOSE, actor, listing, expected_version)


def withdraw_listing(*, actor: Viewer, listing: ListingT, expected_version: int | None = None) -> ListingT:
    """Take a listing back, in whatever state it is.

    Raises:
        NotFound, NotAllowed: the actor does not write for its organization.
        Conflict: it has ended already.
    """
    return _step(Step.WITHDRAW, actor, listing, expected_version)


def mark_matched(*, actor: Viewer, listing: ListingT, expected_version: int | None = None) -> ListingT:
    """Note that a partner was found; the listing stays visible but asks for nobody else.

    Raises:
        NotFound, NotAllowed: the actor does not write for its organization.
        Conflict: it is not published, open or paused.
    """
    return _step(Step.MATCH, actor, listing, expected_version)


def renew_listing(*, actor: Viewer, listing: ListingT, expected_version: int | None = None) -> ListingT:
    """Make a listing valid for 365 days from today; an expired one opens again.

    Renewing twice on a day is renewing once, and a validity that reaches further stays.

    Raises:
        NotFound, NotAllowed: the actor does not write for its organization.
        Conflict: it was never published, or has ended for good.
    """

    def extend(current: Listing) -> None:
        _require_good_standing(current)
        later = _default_validity()
        current.valid_until = max(current.valid_until, later) if current.valid_until else later
        current.reminded_days_left = None
        if current.status == Listing.Status.EXPIRED:
            current.status = Listing.Status.OPEN

    return _step(Step.RENEW, actor, listing, expected_version, change=extend)


@transaction.atomic
def expire_due_listings() -> int:
    """Expire what is past its last valid day; for the platform itself, not for a person. Returns how many.

    Batches keep a transaction short; what is left is taken by the next call.
    """
    due = Listing.objects.filter(
        status__in=TRANSITIONS[Step.EXPIRE].sources, valid_until__lt=timezone.localdate()
    ).order_by("valid_until", "pk")
    listings = list(due.select_for_update(skip_locked=True)[:_BATCH])
    for listing in listings:
        _move(Step.EXPIRE, listing)
    return len(listings)


@transaction.atomic
def remind_before_expiry() -> int:
    """Tell of listings that expire within 30, and again within 7 days; each once. Returns how many."""
    today = timezone.localdate()
    reminded = 0
    for days in sorted(REMINDER_DAYS):
        due = Listing.objects.filter(
            Q(reminded_days_left__isnull=True) | Q(reminded_days_left__gt=days),
            status__in=TRANSITIONS[Step.EXPIRE].sources,
            valid_until__range=(today, today + timedelta(days=days)),
        )
        for listing in due.order_by("pk")[:_BATCH]:
            # Two beats may find the same listing: the one whose update hits tells of it.
            if due.filter(pk=listing.pk).update(reminded_days_left=days):
                payload = {**event_payload(listing), "valid_until": listing.valid_until, "days_left": days}
                emit(kind="listing.expiring", subject=listing, payload=payload)
                reminded += 1
    return reminded


@transaction.atomic
def _publish(actor: Viewer, listing: ListingT, *, open_for_interest: bool, expected_version: int | None) -> ListingT:
    def put_date(current: Listing) -> None:
        _require_good_standing(current)
        _require_complete(current)
        current.published_at = timezone.now()
        current.valid_until = current.valid_until or _default_validity()

    _step(Step.PUBLISH, actor, listing, expected_version, change=put_date)
    return _step(Step.OPEN, actor, listing, None) if open_for_interest else listing


@transaction.atomic
def _step(
    step: Step,
    actor: Viewer,
    listing: ListingT,
    expected_version: int | None,
    *,
    change: Callable[[Listing], None] | None = None,
) -> ListingT:
    require_can_edit(actor, listing)
    current = Listing.objects.select_for_update(of=("self",)).select_related("organization").get(pk=listing.pk)
    if expected_version is not None and current.version != expected_version:
        raise StaleEdit(
            _("Somebody else changed this listing since you opened it. Reload it and try again."),
            fields={"version": [_("This is no longer the newest version.")]},
        )
    _move(step, current, change=change)
    for name in ("status", "version", "published_at", "valid_until", "reminded_days_left"):
        setattr(listing, name, getattr(current, name))
    return listing


def _move(step: Step, current: Listing, *, change: Callable[[Listing], None] | None = None) -> None:
    """Take one step with a row that this transaction holds."""
    transition = TRANSITIONS[step]
    if current.status not in transition.sources:
        raise Conflict(_refusal(current.status), code="illegal_transition", fields={"status": [current.status]})
    if change is not None:
        change(current)
    if transition.target is not None:
        current.status = transition.target
    current.claim_edit(expected_version=None)
    current.save(update_fields=["status", "published_at", "valid_until", "reminded_days_left", "updated_at"])
    emit(kind=transition.event, subject=base_of(current), payload=event_payload(current))


def _refusal(status: str) -> str:
    steps = ", ".join(allowed_steps(status))
    label = Listing.Status(status).label
    if not steps:
        return _("This listing is %(status)s; nothing more can be done with it.") % {"status": label}
    return _("This listing is %(status)s. What can be done now: %(steps)s.") % {"status": label, "steps": steps}


def _require_good_standing(listing: Listing) -> None:
    if listing.organization.status in _BARRED_ORGANIZATIONS:
        message = _("The organization is %(status)s, so its listings are not shown. Ask a curator.")
        raise Conflict(message % {"status": listing.organization.get_status_display()}, code="organization_barred")


def _require_complete(listing: Listing) -> None:
    faults = Faults()
    if not listing.title.strip():
        faults.add("title", _("Give a title that says what it is about."))
    if not (listing.summary.strip() or listing.description.strip()):
        faults.add("summary", _("Describe it in a summary or a description: nothing can be matched without text."))
    if listing.valid_until is not None and listing.valid_until < timezone.localdate():
        faults.add("valid_until", _("Its validity has run out. Give a later day, or leave it empty for 365 days."))
    faults.raise_if_any()


def _default_validity() -> date:
    return timezone.localdate() + timedelta(days=DEFAULT_VALIDITY_DAYS)
