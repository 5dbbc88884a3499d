"""Writing events with the change they tell of, and carrying them to their readers."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import structlog
from django.db import models, transaction
from django.utils import timezone

from ronghe.events.models import Delivery, Event
from ronghe.events.registry import Reader, all_readers, readers_of

log = structlog.get_logger(__name__)

CLAIM_SECONDS: Final = 120
MAX_ATTEMPTS: Final = 8
FIRST_RETRY_SECONDS: Final = 2


def emit(*, kind: str, subject: models.Model, payload: Mapping[str, Any] | None = None) -> Event:
    """Record that something happened to `subject`; call it inside the transaction of the change.

    Raises:
        RuntimeError: there is no transaction, so event and change could part.
    """
    return emit_many(kind=kind, subjects=[subject], payload=payload)[0]


def emit_many(
    *, kind: str, subjects: Iterable[models.Model], payload: Mapping[str, Any] | None = None
) -> list[Event]:
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
        transaction.on_commit(_wake_readers, robust=True)
    return events


def _wake_readers() -> None:
    from ronghe.events.tasks import deliver_due

    # A broker that is down must not undo the user's change: the beat finds what is due a few seconds later.
    deliver_due.apply_async(retry=False, ignore_result=True)


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
    ids = list(waiting.order_by("id").values_list("id", flat=True)[: entry.batch_size])
    if not ids:
        return None
    claim = uuid.uuid4()
    Delivery.objects.filter(free, id__in=ids, status=Delivery.Status.PENDING).update(
        claim=claim, claimed_until=now + timedelta(seconds=CLAIM_SECONDS), attempts=models.F("attempts") + 1
    )
    claimed = list(Delivery.objects.filter(claim=claim, id__in=ids).select_related("event").order_by("event_id"))
    return _handle(entry, claim, claimed) if claimed else 0


def _handle(entry: Reader, claim: uuid.UUID, claimed: Sequence[Delivery]) -> int:
    mine = Delivery.objects.filter(claim=claim)
    try:
        with transaction.atomic():
            entry.handler([delivery.event for delivery in claimed])
            mine.update(
                status=Delivery.Status.DONE, done_at=timezone.now(), claim=None, claimed_until=None, error=""
            )
    except Exception as error:  # noqa: BLE001  # whatever a reader raises must not lose its events
        log.exception("events.reader_failed", reader=entry.name, events=len(claimed))
        if len(claimed) > 1:
            # One bad event must not hold up the others: each is tried alone from now on.
            mine.update(claim=None, claimed_until=None, due_at=timezone.now(), error=str(error)[:2000])
            return sum(_handle_alone(entry, delivery) for delivery in claimed)
        _put_off(claimed[0], error)
        return 0
    return len(claimed)


def _handle_alone(entry: Reader, delivery: Delivery) -> int:
    claim = uuid.uuid4()
    now = timezone.now()
    if not Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.PENDING, claim__isnull=True).update(
        claim=claim, claimed_until=now + timedelta(seconds=CLAIM_SECONDS)
    ):
        return 0
    return _handle(entry, claim, [delivery])


def _put_off(delivery: Delivery, error: Exception) -> None:
    """Retry later, twice as late each time; after MAX_ATTEMPTS the delivery waits for a curator as *failed*."""
    attempts = delivery.attempts
    failed = attempts >= MAX_ATTEMPTS
    Delivery.objects.filter(pk=delivery.pk).update(
        status=Delivery.Status.FAILED if failed else Delivery.Status.PENDING,
        due_at=timezone.now() + timedelta(seconds=FIRST_RETRY_SECONDS * 2**attempts),
        claim=None,
        claimed_until=None,
        error=f"{type(error).__name__}: {error}"[:2000],
    )


def retry_failed(*, deliveries: models.QuerySet[Delivery]) -> int:
    """Put failed deliveries back into the queue; returns how many."""
    return deliveries.filter(status=Delivery.Status.FAILED).update(
        status=Delivery.Status.PENDING, attempts=0, due_at=timezone.now(), error=""
    )
