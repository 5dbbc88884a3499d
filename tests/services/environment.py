"""What the suite's environment is, settled before Django reads its settings.

`DATABASE_URL_TEST` chooses the database; without it the suite runs on SQLite. `CI=true` turns a missing service into a
failure, so that a green run has really seen them all.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from ronghe.runtime.embedded_redis import EmbeddedRedis


def strict() -> bool:
    """Whether a missing service fails the run."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def missing(reason: str) -> None:
    """Skip for want of a service; fail where every service is required."""
    if strict():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def prepare() -> EmbeddedRedis:
    """Point every setting at scratch places and start the Redis of this test process."""
    var_dir = Path(tempfile.mkdtemp(prefix="ronghe-tests-"))
    os.environ.update(
        DJANGO_SETTINGS_MODULE="ronghe.config.settings",
        RONGHE_VAR_DIR=str(var_dir),
        SECRET_KEY="only-for-tests-" + "x" * 50,
        DATABASE_URL=os.environ.get("DATABASE_URL_TEST") or f"sqlite:///{var_dir / 'ronghe.sqlite3'}",
        EMAIL_URL="memorymail://",
        LOG_LEVEL="WARNING",
        DEBUG="False",
    )
    redis = EmbeddedRedis.start(var_dir, durable=False)
    os.environ["REDIS_URL"] = redis.url
    atexit.register(_clear_away, redis, var_dir)
    return redis


def adapt_settings() -> None:
    """What cannot be said through the environment."""
    from django.conf import settings

    if not os.environ.get("DATABASE_URL_TEST"):
        # A file and not memory: there, threads and workers would not queue for their turn as they do in production.
        settings.DATABASES["default"]["TEST"] = {"NAME": str(settings.VAR_DIR / "test.sqlite3")}
    # Slow on purpose in production; here every test of a page would pay for it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _clear_away(redis: EmbeddedRedis, var_dir: Path) -> None:
    redis.stop()
    shutil.rmtree(var_dir, ignore_errors=True)
