"""What keeps the platform from starting is said in one sentence with the remedy, and never with a traceback."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.runtime.conftest import MANAGE

pytestmark = [pytest.mark.service, pytest.mark.timeout(120)]


@pytest.fixture
def mute_port() -> Iterator[int]:
    """Accepts connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def assert_refused(done: subprocess.CompletedProcess[str], *expected: str) -> None:
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for text in expected:
        assert text in done.stderr


def test_port_in_use(platform, mute_port):
    assert_refused(platform.run("up", f"--port={mute_port}"), f"Port {mute_port} is in use", "--port")


@pytest.mark.parametrize("port", ["0", "99999999"])
def test_port_that_is_none(platform, port):
    assert_refused(platform.run("up", f"--port={port}"), "1 to 65535")


def test_address_of_another_machine(platform):
    assert_refused(platform.run("up", "--host=192.0.2.1"), "Nothing can listen on 192.0.2.1", "--host")


def test_unwritable_folder(platform, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = platform.run("up", env={"RONGHE_VAR_DIR": str(tmp_path / "file" / "var")})
    assert_refused(done, "cannot be written to", "RONGHE_VAR_DIR")


@pytest.mark.parametrize(
    "url",
    ["postgres://a:b@127.0.0.1:1/x", "sqlite:////proc/no-such-folder/x.sqlite3"],
)
def test_unreachable_database(platform, url):
    assert_refused(platform.run("up", env={"DATABASE_URL": url}), "database cannot be reached", "DATABASE_URL")


def test_database_of_an_unknown_kind(platform):
    assert_refused(platform.run("up", env={"DATABASE_URL": "mysql://a:b@localhost/x"}), "sqlite:/// or postgres://")


def test_database_that_does_not_answer(platform, mute_port):
    done = platform.run("up", env={"DATABASE_URL": f"postgres://a:b@127.0.0.1:{mute_port}/x"})
    assert_refused(done, "database cannot be reached")


def test_unreachable_redis(platform, free_port):
    done = platform.run("up", env={"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"})
    assert_refused(done, "Redis cannot be reached", "REDIS_URL")


def test_redis_that_does_not_answer(platform, mute_port):
    assert_refused(platform.run("up", env={"REDIS_URL": f"redis://127.0.0.1:{mute_port}/0"}), "Redis cannot be reached")


def test_redis_address_that_is_none(platform):
    assert_refused(platform.run("up", env={"REDIS_URL": "localhost"}), "Redis cannot be reached", "REDIS_URL")


@pytest.mark.parametrize("part", ["worker", "serve", "beat"])
def test_parts_ask_for_redis(platform, part):
    assert_refused(platform.run(part, env={"SECRET_KEY": "x" * 50}), "REDIS_URL is not set", "manage.py up")


def test_parts_ask_for_a_key(platform):
    done = platform.run("serve", env={"REDIS_URL": "redis://127.0.0.1:1/0"})
    assert done.returncode == 1
    assert "ronghe.E001" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_number_that_is_none_is_named(platform):
    assert_refused(platform.run("up", env={"MATCHING_TOP_K": "many"}), "MATCHING_TOP_K must be a whole number")


def test_python_too_old():
    pretend = f"import sys, runpy; sys.version_info = (3, 10, 9); runpy.run_path({str(MANAGE)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)
    assert_refused(done, "needs Python 3.11 or newer", "apt-get install")
