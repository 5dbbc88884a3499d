"""Writing events with the change they tell of, and carrying them to their readers."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import structlog
from django.db import models, transaction
from django.utils import timezone

from ronghe.common.queueing import enqueue_on_commit
from ronghe.events.models import Delivery, Event
from ronghe.events.registry import Reader, all_readers, readers_of

log = structlog.get_logger(__name__)

DELIVER_DUE_TASK: Final = "events.deliver_due"
CLAIM_SECONDS: Final = 120
MAX_ATTEMPTS: Final = 8
FIRST_RETRY_SECONDS: Final = 2


class ClaimLost(Exception):
    """What a reader did must not be kept: its claim on the events has lapsed."""


def emit(*, kind: str, subject: models.Model, payload: Mapping[str, Any] | None = None) -> Event:
    """Record that something happened to `subject`; call it inside the transaction of the change.

    Raises:
        RuntimeError: there is no transaction, so event and change could part.
    """
    return emit_many(kind=kind, subjects=[subject], payload=payload)[0]


def emit_many(*, kind: str, subjects: Iterable[models.Model], payload: Mapping[str, Any] | None = None) -> list[Event]:
    """Record that the same thing happened to many subjects; one statement for all events, one for all deliveries."""
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise RuntimeError(f"{kind} must be emitted inside the transaction of the change it tells of.")
    events = Event.objects.bulk_create(
        [
            Event(
                kind=kind,
                subject_type=subject._meta.label_lower,
                subject_id=subject.pk,
                payload=dict(payload or {}),
            )
            for subject in subjects
        ],
        batch_size=1000,
    )
    interested = readers_of(kind)
    if interested and events:
        now = timezone.now()
        Delivery.objects.bulk_create(
            [Delivery(event=event, reader=entry.name, due_at=now) for event in events for entry in interested],
            batch_size=1000,
        )
        # The beat finds what is due a few seconds later when this message is lost.
        enqueue_on_commit(DELIVER_DUE_TASK)
    return events


def deliver_due_events(*, limit_batches: int = 50) -> int:
    """Carry what is due to every reader. Returns how many deliveries were done.

    Safe to run in several workers at once: a batch is claimed by one conditional UPDATE, and a claim ends by itself.
    """
    done = 0
    for entry in all_readers():
        for _ in range(limit_batches):
            handled = _deliver_batch(entry)
            if handled is None:
                break
            done += handled
    return done


def _deliver_batch(entry: Reader) -> int | None:
    """Claim and handle one batch: how many are done, or None when nothing is due."""
    now = timezone.now()
    free = models.Q(claimed_until__isnull=True) | models.Q(claimed_until__lt=now)
    waiting = Delivery.objects.filter(free, reader=entry.name, status=Delivery.Status.PENDING, due_at__lte=now)
    ids = _next_ids(waiting, entry.batch_size)
    if not ids:
        return None
    claim = uuid.uuid4()
    Delivery.objects.filter(free, id__in=ids, status=Delivery.Status.PENDING).update(
        claim=claim, claimed_until=now + timedelta(seconds=CLAIM_SECONDS), attempts=models.F("attempts") + 1
    )
    claimed = list(Delivery.objects.filter(claim=claim, id__in=ids).select_related("event").order_by("event_id"))
    return _handle(entry, claim, claimed) if claimed else 0


def _next_ids(waiting: "models.QuerySet[Delivery]", batch_size: int) -> list[int]:
    """The oldest deliveries that nobody tried yet, or else one that was.

    What was tried before is tried alone: an event that kills its worker must not take others down with it each time.
    """
    oldest = list(waiting.order_by("id").values_list("id", "attempts")[:batch_size])
    fresh = [pk for pk, attempts in oldest if attempts == 0]
    return fresh or [pk for pk, _attempts in oldest[:1]]


def _handle(entry: Reader, claim: uuid.UUID, claimed: Sequence[Delivery]) -> int:
    """Run the handler and mark its events done in one transaction; returns how many are done."""
    mine = Delivery.objects.filter(claim=claim)
    if any(delivery.attempts > MAX_ATTEMPTS for delivery in claimed):
        # Its earlier claims all lapsed: whoever held them died before it could say why.
        _put_off(mine, claimed[0], ClaimLost("Every worker that took this event died over it."))
        return 0
    try:
        with transaction.atomic():
            entry.handler([delivery.event for delivery in claimed])
            marked = mine.update(
                status=Delivery.Status.DONE, done_at=timezone.now(), claim=None, claimed_until=None, error=""
            )
            if marked != len(claimed):
                raise ClaimLost(f"The handler took more than {CLAIM_SECONDS} s and somebody else took over.")
    except Exception as error:  # whatever a reader raises must not lose its events
        log.exception("events.reader_failed", reader=entry.name, events=len(claimed))
        if len(claimed) > 1:
            # One bad event must not hold up the others: each is tried alone.
            mine.update(claim=None, claimed_until=None, error=_described(error))
            return sum(_handle_alone(entry, delivery) for delivery in claimed)
        _put_off(mine, claimed[0], error)
        return 0
    return len(claimed)


def _handle_alone(entry: Reader, delivery: Delivery) -> int:
    claim = uuid.uuid4()
    until = timezone.now() + timedelta(seconds=CLAIM_SECONDS)
    unclaimed = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.PENDING, claim__isnull=True)
    return _handle(entry, claim, [delivery]) if unclaimed.update(claim=claim, claimed_until=until) else 0


def _put_off(mine: "models.QuerySet[Delivery]", delivery: Delivery, error: Exception) -> None:
    """Retry later, twice as late each time; after MAX_ATTEMPTS the delivery waits for a curator as *failed*."""
    attempts = delivery.attempts
    mine.filter(pk=delivery.pk).update(
        status=Delivery.Status.FAILED if attempts >= MAX_ATTEMPTS else Delivery.Status.PENDING,
        due_at=timezone.now() + timedelta(seconds=FIRST_RETRY_SECONDS * 2 ** (attempts - 1)),
        claim=None,
        claimed_until=None,
        error=_described(error),
    )


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def retry_failed(*, deliveries: models.QuerySet[Delivery]) -> int:
    """Put failed deliveries back into the queue; returns how many."""
    return deliveries.filter(status=Delivery.Status.FAILED).update(
        status=Delivery.Status.PENDING, attempts=0, due_at=timezone.now(), error=""
    )
