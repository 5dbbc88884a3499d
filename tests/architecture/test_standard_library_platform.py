"""The source root is called `platform`, like a module of the standard library, and must never stand in its way.

A green run of this process proves nothing about others, so every program that runs our code is asked in its own.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from ronghe.runtime.children import Child, stop_one

ROOT = Path(settings.PROJECT_ROOT)
BIN = Path(sys.executable).parent
ON_PATH = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
START_SECONDS = 120.0

# Loaded by every Python process at its start, forks included: once the program has settled its path, it looks
# `platform` up anew.
PROBE = """
import os, sys, threading, time


def look():
    time.sleep(3)
    import importlib.machinery, pathlib, platform
    found = importlib.machinery.PathFinder.find_spec("platform")
    record = f"{platform.system()}|{found.origin}|{' '.join(sys.argv)}"
    place = pathlib.Path(os.environ["PLATFORM_PROBE"], str(os.getpid()))
    place.with_suffix(".part").write_text(record)
    place.with_suffix(".part").rename(place.with_suffix(".done"))


def start():
    threading.Thread(target=look, daemon=True).start()


os.register_at_fork(after_in_child=start)
start()
"""
EXPECTED = (os.uname().sysname, os.__file__.replace("os.py", "platform.py"))
ASK = "import platform; print(platform.system(), platform.__file__, sep='|')"
TEST_FILE = f"def test_platform():\n    {ASK}\n"


def answer_of(*command: str, cwd: Path = ROOT) -> tuple[str, ...]:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=90, check=False)
    line = next((line for line in done.stdout.splitlines() if "|" in line), "")
    return tuple(line.split("|")) if line else (done.stdout + done.stderr,)


def test_source_root_is_no_package():
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_interpreter_in_the_project_folder():
    assert answer_of(sys.executable, "-c", ASK) == EXPECTED


def test_manage(tmp_path):
    command = ["shell", "-v0", "-c", ASK]
    assert answer_of(sys.executable, "manage.py", *command) == EXPECTED
    assert answer_of(sys.executable, str(ROOT / "manage.py"), *command, cwd=tmp_path) == EXPECTED


@pytest.mark.parametrize("start", [[sys.executable, "-m", "pytest"], [str(BIN / "pytest")]], ids=["module", "script"])
def test_pytest(start, tmp_path):
    probe = tmp_path / "test_probe.py"
    probe.write_text(TEST_FILE)
    options = ["-q", "-s", "-p", "no:cacheprovider", f"--rootdir={ROOT}", "-c", str(ROOT / "pyproject.toml")]
    assert answer_of(*start, *options, str(probe)) == EXPECTED


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.mark.service
@pytest.mark.parametrize(
    ("arguments", "source_root_on_path", "processes"),
    [
        pytest.param(["manage.py", "serve", "--workers=1"], False, 2, id="manage.py serve"),
        pytest.param(["manage.py", "worker", "--concurrency=1"], False, 1, id="manage.py worker"),
        pytest.param(["manage.py", "beat"], False, 1, id="manage.py beat"),
        pytest.param(["-m", "granian", "--interface=wsgi", "ronghe.config.wsgi:application"], True, 2, id="granian"),
        pytest.param(["-m", "celery", "--app=ronghe.config", "worker", "--pool=solo"], True, 1, id="celery"),
    ],
)
def test_servers_and_workers(tmp_path, arguments, source_root_on_path, processes):
    """The server's parent and the process that it made for the application both find the standard library's."""
    (tmp_path / "sitecustomize.py").write_text(PROBE)
    answers = tmp_path / "answers"
    answers.mkdir()
    path = f"{tmp_path}{os.pathsep}{ON_PATH}" if source_root_on_path else str(tmp_path)
    env = {**os.environ, "PYTHONPATH": path, "PLATFORM_PROBE": str(answers), "PYTHONWARNINGS": "default"}
    port = [f"--port={free_port()}"] if "serve" in arguments or "granian" in arguments else []
    child = Child.start("probe", [sys.executable, *arguments, *port], env=env, log=tmp_path / "log")
    try:
        deadline = time.monotonic() + START_SECONDS
        while len(list(answers.glob("*.done"))) < processes and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        stop_one(child)
    found = [tuple(place.read_text().split("|")[:2]) for place in answers.glob("*.done")]
    assert len(found) >= processes, "\n".join(child.last_lines(30))
    assert set(found) == {EXPECTED}
