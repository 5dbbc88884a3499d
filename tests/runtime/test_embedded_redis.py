"""The embedded Redis: private, found by its folder, durable, and honest about why it does not start."""

import stat

import pytest
import redis

from ronghe.runtime import embedded_redis
from ronghe.runtime.embedded_redis import EmbeddedRedis, RedisUnavailable, running_url

pytestmark = pytest.mark.service


@pytest.fixture
def server(tmp_path):
    started = EmbeddedRedis.start(tmp_path)
    yield started
    started.stop()


def test_it_answers_where_its_folder_says(server, tmp_path):
    assert running_url(tmp_path) == server.url
    with redis.Redis.from_url(server.url) as client:
        assert client.ping()
    assert stat.S_IMODE((tmp_path / "redis_url").stat().st_mode) == 0o600


def test_it_asks_for_its_password(server):
    address = server.url.split("@")[1]
    with redis.Redis.from_url(f"redis://{address}") as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_it_keeps_its_data_over_a_restart(tmp_path):
    for expected in (None, b"kept"):
        server = EmbeddedRedis.start(tmp_path)
        with redis.Redis.from_url(server.url) as client:
            assert client.get("key") == expected
            client.set("key", "kept")
        server.stop()
    assert running_url(tmp_path) == ""


def test_an_address_left_behind_is_not_believed(server, tmp_path):
    server.child.kill()
    assert (tmp_path / "redis_url").exists()
    assert running_url(tmp_path) == ""


@pytest.mark.parametrize("left_behind", ["", "nonsense", "redis://127.0.0.1:99999/0", "redis://127.0.0.1/0"])
def test_a_damaged_address_is_not_believed(tmp_path, left_behind):
    (tmp_path / "redis_url").write_text(left_behind)
    assert running_url(tmp_path) == ""


def test_a_port_that_somebody_else_took_is_changed_for_another(monkeypatch, server, tmp_path):
    taken = int(server.url.rsplit(":", 1)[1].split("/")[0])
    ports = iter([taken, embedded_redis._free_port()])
    monkeypatch.setattr(embedded_redis, "_free_port", lambda: next(ports))
    folder = tmp_path / "second"
    folder.mkdir()
    second = EmbeddedRedis.start(folder)
    assert second.url.split("@")[1] != server.url.split("@")[1]
    second.stop()


def test_a_damaged_data_file_is_told(tmp_path):
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "dump.rdb").write_bytes(b"not what Redis wrote")
    with pytest.raises(RedisUnavailable, match="did not start"):
        EmbeddedRedis.start(tmp_path)


def test_no_server_at_all_is_told(monkeypatch):
    monkeypatch.setattr(embedded_redis.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(embedded_redis.shutil, "which", lambda _name: None)
    with pytest.raises(RedisUnavailable, match="no redis-server"):
        embedded_redis.find_server()
