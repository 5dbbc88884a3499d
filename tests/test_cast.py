"""The cast is who the tests say it is."""

from django.db import connection


def test_alice_owns_bob_writes_charlie_is_a_stranger(alice_viewer, bob_viewer, charlie_viewer, alice_lab):
    assert alice_viewer.owned_ids == bob_viewer.editable_ids == {alice_lab.pk}
    assert not bob_viewer.owned_ids
    assert alice_lab.pk not in charlie_viewer.organization_ids
    assert charlie_viewer.is_member


def test_curator_curates(curator_viewer):
    assert curator_viewer.is_curator
    assert not curator_viewer.organization_ids


def test_foreign_keys_are_enforced(db):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys")
            assert cursor.fetchone() == (1,)


def test_redis_is_real_and_empty(redis):
    assert redis.dbsize() == 0
    assert redis.info("server")["redis_version"]
