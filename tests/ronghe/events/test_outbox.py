"""The outbox: an event is as true as the change it tells of, and every reader gets it in the end."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from ronghe.events import registry, services
from ronghe.events.models import Delivery, Event
from tests.cast import make_organization

KIND = "test.happened"


class Notebook:
    """A reader that writes down what it was given, and fails on what it is told to fail on."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.batches: list[int] = []
        self.bad_subjects: set[int] = set()

    def __call__(self, events: Sequence[Event]) -> None:
        self.batches.append(len(events))
        for event in events:
            if event.subject_id in self.bad_subjects:
                raise ValueError(f"cannot read {event.subject_id}")
        self.seen.extend(event.subject_id for event in events)


@pytest.fixture
def reader_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., registry.Reader]:
    """Registers a reader for the length of a test; the readers of the rooms stay out of it."""
    readers: dict[str, registry.Reader] = {}
    monkeypatch.setattr(registry, "_READERS", readers)

    def register(handler: registry.Handler, *, name: str = "test.notebook", batch_size: int = 200) -> registry.Reader:
        registry.reader(name, kinds=[KIND], batch_size=batch_size)(handler)
        return readers[name]

    return register


@pytest.fixture
def notebook(reader_of: Callable[..., registry.Reader]) -> Notebook:
    book = Notebook()
    reader_of(book)
    return book


@pytest.fixture
def subjects(db: None) -> list:
    return [make_organization(f"Subject {number}") for number in range(3)]


def emit_for(subjects: Sequence) -> list[Event]:
    with transaction.atomic():
        return services.emit_many(kind=KIND, subjects=subjects)


def make_due() -> None:
    """As if the waiting time of every retry were over."""
    Delivery.objects.filter(status=Delivery.Status.PENDING).update(due_at=timezone.now() - timedelta(seconds=1))


def test_an_event_needs_the_transaction_of_its_change(transactional_db, notebook):
    subject = make_organization("Alone")
    with pytest.raises(RuntimeError, match="inside the transaction"):
        services.emit(kind=KIND, subject=subject)


def test_rollback_loses_the_change_and_its_event(transactional_db, notebook):
    with transaction.atomic():
        subject = make_organization("Never was")
        services.emit(kind=KIND, subject=subject)
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()


def test_events_reach_their_reader_once_and_in_order(subjects, notebook):
    emit_for(subjects)
    assert services.deliver_due_events() == 3
    assert services.deliver_due_events() == 0
    assert notebook.seen == [subject.pk for subject in subjects]
    assert set(Delivery.objects.values_list("status", flat=True)) == {Delivery.Status.DONE}


def test_a_kind_that_nobody_reads_waits_for_nobody(subjects, notebook):
    with transaction.atomic():
        services.emit(kind="test.ignored", subject=subjects[0])
    assert Event.objects.count() == 1
    assert not Delivery.objects.exists()


def test_a_reader_resumes_where_it_stopped(subjects, reader_of):
    book = Notebook()
    reader_of(book, batch_size=1)
    emit_for(subjects)
    assert services.deliver_due_events(limit_batches=1) == 1
    assert services.deliver_due_events() == 2
    assert book.seen == [subject.pk for subject in subjects]


def test_one_bad_event_does_not_hold_up_the_others(subjects, notebook):
    emit_for(subjects)
    notebook.bad_subjects = {subjects[1].pk}
    assert services.deliver_due_events() == 2
    assert sorted(notebook.seen) == sorted([subjects[0].pk, subjects[2].pk])
    left = Delivery.objects.get(status=Delivery.Status.PENDING)
    assert left.event.subject_id == subjects[1].pk
    assert "cannot read" in left.error
    assert left.attempts == 1
    assert left.due_at > timezone.now()


def test_a_failing_reader_does_not_hold_up_another(subjects, reader_of):
    broken, sound = Notebook(), Notebook()
    broken.bad_subjects = {subject.pk for subject in subjects}
    reader_of(broken, name="test.a_broken")
    reader_of(sound, name="test.b_sound")
    emit_for(subjects)
    services.deliver_due_events()
    assert len(sound.seen) == 3
    assert not broken.seen


def test_what_fails_rolls_back_what_the_reader_wrote(subjects, reader_of):
    def writes_then_fails(events: Sequence[Event]) -> None:
        make_organization("Written by the reader")
        raise ValueError("too late")

    reader_of(writes_then_fails)
    emit_for(subjects[:1])
    services.deliver_due_events()
    assert not type(subjects[0]).objects.filter(display_name="Written by the reader").exists()


def test_retries_wait_twice_as_long_each_time_and_end(subjects, notebook):
    notebook.bad_subjects = {subjects[0].pk}
    emit_for(subjects[:1])
    waits = []
    for _ in range(services.MAX_ATTEMPTS):
        make_due()
        before = timezone.now()
        services.deliver_due_events()
        waits.append(round((Delivery.objects.get().due_at - before).total_seconds()))
    assert waits == [services.FIRST_RETRY_SECONDS * 2**n for n in range(services.MAX_ATTEMPTS)]
    failed = Delivery.objects.get()
    assert failed.status == Delivery.Status.FAILED
    make_due()
    assert services.deliver_due_events() == 0

    notebook.bad_subjects = set()
    assert services.retry_failed(deliveries=Delivery.objects.all()) == 1
    assert services.deliver_due_events() == 1


def test_a_claim_keeps_others_away_until_it_lapses(subjects, notebook):
    emit_for(subjects[:1])
    now = timezone.now()
    Delivery.objects.update(claimed_until=now + timedelta(seconds=60), attempts=1)
    assert services.deliver_due_events() == 0
    Delivery.objects.update(claimed_until=now - timedelta(seconds=1))
    assert services.deliver_due_events() == 1
    assert notebook.seen == [subjects[0].pk]


def test_an_event_that_kills_its_workers_is_tried_alone_and_given_up(subjects, notebook):
    emit_for(subjects)
    lapsed = timezone.now() - timedelta(seconds=1)
    killer = Delivery.objects.order_by("id").first()
    Delivery.objects.filter(pk=killer.pk).update(claimed_until=lapsed, attempts=services.MAX_ATTEMPTS)
    assert services.deliver_due_events() == 2
    assert notebook.batches == [2]
    killer.refresh_from_db()
    assert killer.status == Delivery.Status.FAILED
    assert "died over it" in killer.error


def test_a_reader_that_lost_its_claim_keeps_nothing(subjects, reader_of):
    def loses_its_claim(events: Sequence[Event]) -> None:
        make_organization("Written by the reader")
        # As a faster worker would, once the claim has lapsed.
        Delivery.objects.update(claim=None, claimed_until=None)

    reader_of(loses_its_claim)
    emit_for(subjects[:1])
    assert services.deliver_due_events(limit_batches=1) == 0
    assert not type(subjects[0]).objects.filter(display_name="Written by the reader").exists()


def test_one_message_per_transaction_wakes_the_readers(subjects, notebook, redis, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        for subject in subjects:
            emit_for([subject])
    assert len(callbacks) == 1
    assert redis.llen("ronghe:celery") == 1


def test_two_readers_may_not_share_a_name(reader_of):
    reader_of(Notebook())
    with pytest.raises(ValueError, match="Two readers"):
        reader_of(Notebook())


@pytest.fixture
def in_threads() -> Iterator[Callable[[Callable[[], object], int], list]]:
    """Runs a function in several threads at once, each with a connection of its own."""

    def run(function: Callable[[], object], count: int) -> list:
        results: list = []
        start = threading.Barrier(count)

        def body() -> None:
            try:
                start.wait(10)
                results.append(function())
            except Exception as error:  # noqa: BLE001  # the main thread judges it
                results.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=body) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return results

    return run


def test_two_workers_never_handle_the_same_event(transactional_db, reader_of, in_threads):
    book = Notebook()
    reader_of(book, batch_size=5)
    subjects = [make_organization(f"Subject {number}") for number in range(60)]
    emit_for(subjects)
    handled = in_threads(lambda: services.deliver_due_events(), 4)
    assert sum(handled) == 60
    assert sorted(book.seen) == sorted(subject.pk for subject in subjects)


def test_an_event_committed_late_is_not_stepped_over(transactional_db, notebook, in_threads):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, so transactions commit in the order of their ids.")
    late, early = make_organization("Late"), make_organization("Early")
    written, overtaken = threading.Event(), threading.Event()

    def write_late() -> None:
        try:
            with transaction.atomic():
                services.emit(kind=KIND, subject=late)
                written.set()
                overtaken.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=write_late)
    thread.start()
    assert written.wait(30)
    emit_for([early])
    services.deliver_due_events()
    assert notebook.seen == [early.pk]
    overtaken.set()
    thread.join(30)
    services.deliver_due_events()
    assert notebook.seen == [early.pk, late.pk]
