"""The bootstrap on machines that lack something; each gets a folder of its own and no network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

TOOLS = Path(settings.PROJECT_ROOT) / "tools"
# Holds nothing to install, so that the network is not asked.
NOTHING = "# nothing\n"
UNREACHABLE = "nothing-of-this-name==1.0 --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    shutil.copy(TOOLS / "venv.py", tmp_path / "tools")
    (tmp_path / "requirements.txt").write_text(NOTHING)
    return tmp_path


def bootstrap(checkout: Path, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout / "tools" / "venv.py"), "requirements.txt"]
    environment = {**os.environ, "PYTHON": sys.executable, **env}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)


def fake_python(folder: Path, script: str) -> str:
    program = folder / "fake-python"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(0o755)
    return str(program)


def assert_refused(done: subprocess.CompletedProcess[str], *expected: str) -> None:
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for text in expected:
        assert text in done.stderr


@pytest.mark.timeout(200)
def test_it_installs_once_and_again_after_a_change_or_an_interruption(checkout):
    stamp = checkout / ".venv" / "installed-requirements.txt"
    first = bootstrap(checkout)
    assert first.returncode == 0, first.stderr
    assert "Installing 0 packages" in first.stdout
    assert bootstrap(checkout).stdout == ""

    (checkout / "requirements.txt").write_text("# something else\n")
    assert "Installing" in bootstrap(checkout).stdout

    # Stopped before its end: the stamp is written last, and a half-made environment has no pip.
    stamp.unlink()
    shutil.rmtree(next((checkout / ".venv" / "lib").glob("python*/site-packages/pip")))
    assert "Installing" in bootstrap(checkout).stdout
    assert stamp.exists()


def test_python_too_old(checkout):
    old = fake_python(checkout, "exit 1\n")
    assert_refused(bootstrap(checkout, PYTHON=old), "needs Python 3.11 or newer", "apt-get install python3.11")


def test_python3_venv_missing(checkout):
    """As on Debian without python3-venv: the version is right, but there is neither ensurepip nor pip."""
    without = fake_python(checkout, 'case "$*" in *venv*|*pip*) exit 1;; *) exit 0;; esac\n')
    assert_refused(bootstrap(checkout, PYTHON=without), "apt-get install python3-venv")


@pytest.mark.timeout(200)
def test_no_network(checkout):
    (checkout / "requirements.txt").write_text(UNREACHABLE)
    offline = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    assert_refused(bootstrap(checkout, **offline), "could not be downloaded", "Check the network")
    assert not (checkout / ".venv" / "installed-requirements.txt").exists()


def test_the_locks_belong_to_their_lists():
    done = subprocess.run(
        [sys.executable, str(TOOLS / "lock.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
