"""Putting background work on the queue without letting the queue's troubles reach the user."""

from dataclasses import dataclass
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Sending:
    """One task to send; equal ones are sent once per transaction."""

    task: str
    arguments: tuple[Any, ...]

    def __call__(self) -> None:
        if not settings.CELERY_BROKER_URL:
            # A command on a host without a queue: Celery would ask whatever broker happens to listen there.
            return
        try:
            current_app.send_task(self.task, args=self.arguments, retry=False, ignore_result=True)
        except OperationalError as error:
            log.warning("queue.unreachable", task=self.task, error=str(error))
        except Exception:  # the change is committed: nothing that happens here may look like its failure
            log.exception("queue.sending_failed", task=self.task)


def enqueue_on_commit(task: str, *arguments: Any) -> None:
    """Send a Celery task when the running transaction has been committed, at once where there is none.

    A broker that is down must neither undo nor fail the change that asked for the work, so whatever is sent this way
    is also found by a periodic task that looks for work left undone.

    Args:
        task: name of the Celery task. A name and not the task, because the task calls the service that asks for it.
        arguments: its positional arguments, hashable and fit for JSON.
    """
    sending = _Sending(task, arguments)
    # Thousands of changes in one transaction need one message. An entry of a savepoint that was rolled back is gone
    # from this list, so what is found here will really be sent.
    waiting = transaction.get_connection().run_on_commit
    if not any(entry[1] == sending for entry in reversed(waiting)):
        transaction.on_commit(sending)
