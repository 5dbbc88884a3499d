"""`manage.py up` as a tree of real processes: what it starts it also stops, however it ends."""

import os
import re
import signal
import stat
import sys
import urllib.request

import pytest

pytestmark = [
    pytest.mark.service,
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything(platform, free_port, number):
    port = free_port()
    process = platform.up(f"--port={port}")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=20) as answer:
        assert answer.status == 200
    commands = " ".join(platform.processes().values())
    for part in ("redis-server", "manage.py worker", "manage.py beat", "manage.py serve"):
        assert part in commands

    os.kill(process.pid, number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Everything is stopped." in said
    assert platform.wait_until_gone(2) == {}
    assert not (platform.var_dir / "redis_url").exists()


def test_children_do_not_outlive_a_killed_parent(platform, free_port):
    process = platform.up(f"--port={free_port()}")
    process.kill()
    process.wait()
    assert platform.wait_until_gone(30) == {}


def test_a_second_terminal_finds_the_platform_and_a_dead_child_stops_it_with_a_message(platform, free_port):
    process = platform.up(f"--port={free_port()}")
    for name in ("secret_key", "redis_url"):
        assert stat.S_IMODE((platform.var_dir / name).stat().st_mode) == 0o600
    # Arguments can be read by every user of the machine.
    password = (platform.var_dir / "redis_url").read_text().split(":")[2].split("@")[0]
    assert not any(password in command for command in platform.processes().values())

    # What a second terminal does: no setting, and yet the same Redis.
    asked = platform.run("shell", "-v0", "-c", "from django.conf import settings; print(settings.REDIS_URL)")
    assert re.fullmatch(r"redis://:\w+@127\.0\.0\.1:\d+/0", asked.stdout.strip()), asked.stderr

    second = platform.run("up", f"--port={free_port()}")
    assert second.returncode == 1
    assert f"already (process {process.pid})" in second.stderr

    worker = min(pid for pid, command in platform.processes().items() if "manage.py worker" in command)
    os.kill(worker, signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "worker ended unexpectedly (code -9)" in said
    assert "Traceback" not in said
    assert platform.wait_until_gone(2) == {}
