"""Workers that race each other, and workers that fall silent."""

import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.utils import timezone


def silence(run_or_block) -> None:
    """Let the claim lapse, as when its worker was killed."""
    type(run_or_block).objects.filter(pk=run_or_block.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def in_threads(number: int, work: Callable[[], object]) -> list:
    """What `work` gives in as many threads at once."""
    results: list = []
    barrier = threading.Barrier(number)

    def act() -> None:
        try:
            barrier.wait()
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def fail(*_args, **_kwargs):
    raise RuntimeError("no more disk")
