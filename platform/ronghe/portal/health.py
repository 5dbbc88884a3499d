"""Whether the platform lives, and whether it can serve: for load balancers and supervisors."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS: Final = 2


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all; asks nothing of anybody else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served; 503 with the culprits when not. Details go to the log, not to strangers."""
    results = {name: _passes(name, check) for name, check in _CHECKS.items()}
    fine = all(results.values())
    return JsonResponse(
        {
            "status": "ok" if fine else "unavailable",
            "checks": {name: "ok" if passed else "failed" for name, passed in results.items()},
        },
        status=HTTPStatus.OK if fine else HTTPStatus.SERVICE_UNAVAILABLE,
    )


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except (DatabaseError, redis.RedisError, OSError, RuntimeError) as error:
        log.warning("health.failed", check=name, error=str(error))
        return False
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise RuntimeError(f"{len(waiting)} migrations are not applied. Run: python manage.py migrate")


def _redis() -> None:
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    ) as client:
        client.ping()


_CHECKS: Final = {"database": _database, "migrations": _migrations, "redis": _redis}
