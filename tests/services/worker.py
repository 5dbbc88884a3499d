"""A real Celery worker, started as an operator would start it."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from ronghe.config.celery import app
from ronghe.runtime.children import Child, stop_one

START_SECONDS = 90.0
MANAGE = Path(settings.PROJECT_ROOT) / "manage.py"


def command_environment() -> dict[str, str]:
    """The environment in which a `manage.py` command works on the database of the running test."""
    return {**os.environ, "DATABASE_URL": _database_url(), "PYTHONWARNINGS": "default"}


def _database_url() -> str:
    where = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{where['NAME']}"
    return f"postgres://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"


@contextmanager
def running_worker(*, concurrency: int = 1) -> Iterator[Child]:
    """A worker on the database and the Redis of the running test, ready to take tasks.

    The test has to commit what the worker is to see: use it with `transactional_db`.
    """
    log = Path(settings.VAR_DIR) / f"worker-{time.monotonic_ns()}.log"
    argv = [sys.executable, str(MANAGE), "worker", f"--concurrency={concurrency}"]
    child = Child.start("worker", argv, env=command_environment(), log=log)
    try:
        _wait_until_ready(child)
        yield child
    finally:
        stop_one(child)


def _wait_until_ready(child: Child) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.exit_code is not None:
            break
        if app.control.ping(timeout=0.5):
            return
    raise AssertionError("The worker did not start:\n" + "\n".join(child.last_lines(40)))
