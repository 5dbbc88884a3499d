"""A broker that is down, or mute, neither fails nor holds up the change that wanted to wake the readers."""

import socket
import time
from collections.abc import Iterator

import pytest
from celery import Celery
from django.conf import settings
from django.db import transaction

from consortia.organizations.models import Organization
from ronghe.common.queueing import enqueue_on_commit
from tests.cast import make_organization

LONGEST_WAIT = 12.0


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mute_port() -> Iterator[int]:
    """Accepts connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def change_with_broker_at(port: int) -> float:
    """Make a change that enqueues a task; returns the seconds it took."""
    app = Celery("broken", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS

    @app.task(name="test.nothing")
    def nothing() -> None:
        raise AssertionError("Nobody takes it.")

    started = time.monotonic()
    with transaction.atomic():
        make_organization("Kept")
        enqueue_on_commit(nothing)
    return time.monotonic() - started


@pytest.mark.service
@pytest.mark.parametrize("broker", ["closed_port", "mute_port"])
def test_the_change_is_kept_and_quick(broker, request, transactional_db):
    assert change_with_broker_at(request.getfixturevalue(broker)) < LONGEST_WAIT
    assert Organization.objects.filter(display_name="Kept").exists()
