"""A platform of its own for a measurement: an empty PostgreSQL and a Redis, which vanish with it."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command

from ronghe.runtime.embedded_redis import EmbeddedRedis
from tests.services.postgres import running_postgres


class _StraightFromModels(Mapping[str, None]):
    """Says of every app that it has no migrations: tables made from the models are the same, and made in seconds."""

    def __getitem__(self, _app: str) -> None:
        return None

    def __contains__(self, _app: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@contextmanager
def scratch_platform() -> Iterator[None]:
    """Set Django up on an empty platform, once per process; children find it through the environment."""
    with tempfile.TemporaryDirectory(prefix="ronghe-bench-") as folder, running_postgres() as database:
        redis = EmbeddedRedis.start(Path(folder), durable=False)
        try:
            settings = {
                "DJANGO_SETTINGS_MODULE": "ronghe.config.settings",
                "RONGHE_VAR_DIR": folder,
                "SECRET_KEY": "benchmark",
                "DATABASE_URL": database,
                "REDIS_URL": redis.url,
                "EMAIL_URL": "memorymail://",
                "LOG_LEVEL": "WARNING",
                # Words and technologies only: what is measured is the way of the data, not the sentence encoder.
                "MATCHING_ENCODER": "",
            }
            os.environ.update(settings)
            django.setup()
            _make_tables()
            yield
        finally:
            redis.stop()


def _make_tables() -> None:
    from django.conf import settings
    from django.db import connection

    settings.MIGRATION_MODULES = _StraightFromModels()
    call_command("migrate", verbosity=0, run_syncdb=True, interactive=False)
    settings.MIGRATION_MODULES = {}
    connection.ensure_connection()
