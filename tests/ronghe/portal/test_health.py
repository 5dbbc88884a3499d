import pytest
from django.db import DatabaseError

from ronghe.portal import health

pytestmark = pytest.mark.django_db


def test_a_living_process_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/health/live")

    assert response.json() == {"status": "ok"}
    assert "no-store" in response.headers["Cache-Control"]


def test_ready_when_database_migrations_and_redis_are(client):
    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json()["checks"] == {"database": "ok", "migrations": "ok", "redis": "ok"}


def test_an_unreachable_redis_makes_it_unready_and_is_named(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "migrations": "ok", "redis": "failed"}


def test_waiting_migrations_make_it_unready(client, monkeypatch):
    monkeypatch.setattr("ronghe.portal.health.MigrationExecutor.migration_plan", lambda *_: [("listings", False)])

    assert client.get("/health/ready").json()["checks"]["migrations"] == "failed"


def test_strangers_learn_no_details(client, monkeypatch):
    def broken():
        raise DatabaseError("password authentication failed for user ronghe at db.internal")

    monkeypatch.setitem(health._CHECKS, "database", broken)

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert b"internal" not in response.content
