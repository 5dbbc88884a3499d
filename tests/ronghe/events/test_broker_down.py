"""A broker that is down, or mute, neither fails nor holds up the change that wanted to wake the readers."""

import socket
import time
from collections.abc import Iterator

import pytest
from celery import Celery
from django.conf import settings
from django.db import transaction
from structlog.testing import capture_logs

from consortia.organizations.models import Organization
from ronghe.common import queueing
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


def change_with_broker_at(port: int, monkeypatch: pytest.MonkeyPatch) -> float:
    """Make a change that enqueues a task; returns the seconds it took."""
    url = f"redis://127.0.0.1:{port}/0"
    app = Celery("broken", broker=url, set_as_current=False)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    monkeypatch.setattr(queueing, "current_app", app)
    monkeypatch.setattr(settings, "CELERY_BROKER_URL", url)
    started = time.monotonic()
    with transaction.atomic():
        make_organization("Kept")
        queueing.enqueue_on_commit("test.nothing")
    return time.monotonic() - started


@pytest.mark.service
@pytest.mark.parametrize("broker", ["closed_port", "mute_port"])
def test_the_change_is_kept_and_quick(broker, request, transactional_db, monkeypatch):
    with capture_logs() as logs:
        seconds = change_with_broker_at(request.getfixturevalue(broker), monkeypatch)
    assert seconds < LONGEST_WAIT
    assert [entry["event"] for entry in logs] == ["queue.unreachable"]
    assert Organization.objects.filter(display_name="Kept").exists()
