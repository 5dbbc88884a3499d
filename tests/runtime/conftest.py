"""A scratch platform, started as an operator starts it."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.services.prepared import MANAGE, platform_environment

READY = "The platform is up"


class ScratchPlatform:
    """`manage.py` commands on a var folder of their own."""

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self._started: list[subprocess.Popen[str]] = []

    def environment(self, **more: str) -> dict[str, str]:
        return platform_environment(self.var_dir, **more)

    def run(
        self, *arguments: str, env: Mapping[str, str] | None = None, seconds: float = 100
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, str(MANAGE), *arguments]
        environment = self.environment(**(env or {}))
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds, check=False)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that stays."""
        process = subprocess.Popen(
            [sys.executable, str(MANAGE), *arguments],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def up(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the platform and wait until it says that it is up."""
        process = self.start("up", *arguments)
        said = []
        for line in process.stdout:
            said.append(line)
            if READY in line:
                return process
        raise AssertionError("The platform did not come up:\n" + "".join(said))

    def processes(self) -> dict[int, str]:
        """Every process that works on this folder, by id: it inherited the folder's name, or works inside it."""
        mark = f"RONGHE_VAR_DIR={self.var_dir}".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    # Redis writes its title over its environment.
                    inside = (entry / "cwd").readlink().is_relative_to(self.var_dir)
                    if inside or mark in (entry / "environ").read_bytes().split(b"\0"):
                        found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                except OSError:
                    continue
        return found

    def wait_until_gone(self, seconds: float = 20.0) -> dict[int, str]:
        """Wait for every process to end; returns those that are left."""
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    def clear_away(self) -> None:
        for process in self._started:
            process.stdout.close()
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(40)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@pytest.fixture
def platform(migrated_var: Path, tmp_path: Path) -> Iterator[ScratchPlatform]:
    """A platform on a prepared folder; whatever it started is stopped."""
    # Longer than the path of a Unix socket may be.
    folder = tmp_path / ("a-long-name-" * 9)
    shutil.copytree(migrated_var, folder)
    scratch = ScratchPlatform(folder)
    yield scratch
    scratch.clear_away()


@pytest.fixture
def free_port() -> Callable[[], int]:
    import socket

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find
