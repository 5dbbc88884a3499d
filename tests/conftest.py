"""Fixtures of the whole suite: services, the cast, and the marks that say what a test needs."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import django
import pytest
import redis as redis_client
from hypothesis import HealthCheck, settings

from tests.services import environment

# Before anything reads Django's settings, and before the plugins below import models.
REDIS = environment.prepare()
environment.adapt_settings()
django.setup()

pytest_plugins = ["tests.cast"]

# How long an example takes says how busy the machine is; what a test may take in all is bounded elsewhere.
settings.register_profile("ronghe", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ronghe")

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each parallel process settle an environment of its own before it reads the settings.

    pytest-django reads them at once where the variable is set, which would be before this file, on the services and
    folders of the process that only hands out the tests.
    """
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: a test that waits for a browser or a child leaves its core to another."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches no database, so that it runs once and not once per database; let long tests begin first.

    pytest-django refuses the database to every test that did not ask for it, so the mark cannot be wrong.
    """
    items.sort(key=_patience, reverse=True)
    for item in items:
        asked = item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
        if not asked:
            item.add_marker("database_free")


def _patience(item: pytest.Item) -> tuple[float, bool]:
    """The seconds that a test asks to be granted, and whether it works with services: what sorts by length."""
    marker = item.get_closest_marker("timeout")
    return (marker.args[0] if marker else 0, item.get_closest_marker("service") is not None)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Address of the real Redis of this test process, the one that the settings name."""
    return REDIS.url


@pytest.fixture
def redis(redis_url: str) -> Iterator[redis_client.Redis]:
    """A client of that Redis."""
    with redis_client.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(scope="session")
def _redis_cleaner(redis_url: str) -> Iterator[redis_client.Redis]:
    with redis_client.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(autouse=True)
def _empty_redis(_redis_cleaner: redis_client.Redis) -> None:
    """Throttles, caches and queues of one test must not reach the next."""
    _redis_cleaner.flushdb()


@pytest.fixture(scope="session")
def migrated_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform folder with a migrated SQLite database, shared by all processes of this run. Only ever copied."""
    from tests.services.prepared import prepare_once

    own = tmp_path_factory.getbasetemp()
    return prepare_once(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Callable[..., AbstractContextManager[object]]]:
    """Starts real workers on this test's database: `with worker(concurrency=2) as child: ...`."""
    from tests.services.worker import running_worker

    return running_worker


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium for the session."""
    from tests.services.browser import find_chromium, running_browser

    executable = find_chromium()
    if executable is None:
        environment.missing("There is no Chromium here. Install it (Debian: apt-get install chromium) or set CHROMIUM.")
    # Playwright keeps an event loop in this thread, in which Django would refuse every query.
    with pytest.MonkeyPatch.context() as patch, running_browser(executable) as running:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield running


@pytest.fixture
def page(browser: object, live_server: object) -> Iterator[object]:
    """A fresh browser page whose relative addresses lead to the live server; errors of its scripts fail the test."""
    context = browser.new_context(base_url=live_server.url, locale="en-GB")
    opened = context.new_page()
    script_errors: list[str] = []
    opened.on("pageerror", lambda error: script_errors.append(str(error)))
    yield opened
    context.close()
    assert script_errors == []
