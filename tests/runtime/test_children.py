"""Children are started in groups of their own, asked to stop, and killed when they do not listen."""

import sys
import time
from pathlib import Path

import pytest

from ronghe.runtime.children import Child, Children, stop_one

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)
POLITE = "import time; print('ready', flush=True); time.sleep(60)"
WITH_GRANDCHILD = (
    "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print('ready', p.pid, flush=True); time.sleep(60)"
)


def start(code: str, tmp_path, name: str = "child") -> Child:
    child = Child.start(name, [sys.executable, "-c", code], log=tmp_path / f"{name}.log")
    deadline = time.monotonic() + 20
    while "ready" not in "".join(child.last_lines()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return child


def test_a_polite_child_stops_when_asked(tmp_path):
    child = start(POLITE, tmp_path)
    assert child.exit_code is None
    assert stop_one(child, grace_seconds=10)
    assert child.exit_code is not None


def test_a_stubborn_child_is_killed_after_its_grace(tmp_path):
    children = Children()
    children.add(start(POLITE, tmp_path, "polite"))
    children.add(start(STUBBORN, tmp_path, "stubborn"))
    started = time.monotonic()
    assert children.stop(grace_seconds=0.5) == ["stubborn"]
    assert time.monotonic() - started < 5


def test_what_a_child_started_goes_with_it(tmp_path):
    child = start(WITH_GRANDCHILD, tmp_path)
    grandchild = int(child.last_lines()[0].split()[1])
    stop_one(child, grace_seconds=5)
    deadline = time.monotonic() + 10
    while _runs(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(grandchild)


def test_the_first_dead_child_is_named_with_its_last_words(tmp_path):
    children = Children()
    children.add(start(POLITE, tmp_path, "alive"))
    assert children.first_dead() is None
    dead = children.add(start("print('ready'); raise SystemExit('no more')", tmp_path, "dead"))
    dead.process.wait(10)
    assert children.first_dead() is dead
    assert dead.last_lines()[-1] == "no more"
    children.stop(grace_seconds=5)


def test_a_program_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Child.start("nobody", [str(tmp_path / "no-such-program")])


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
