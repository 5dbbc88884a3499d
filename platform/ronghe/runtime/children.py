"""Child processes: started so that none outlives its parent, stopped in order, and watched while they run."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

GRACE_SECONDS: Final = 20.0
POLL_SECONDS: Final = 0.05
TAIL_LINES: Final = 12
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h

# Loaded here and not between fork and exec, where taking the import lock could hang.
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> Callable[[], None] | None:
    """What a child runs before it becomes its program: ask the kernel for SIGTERM when the parent dies.

    None where the system offers no such thing; there a parent that is killed outright leaves its children behind.
    """
    if _LIBC is None:
        return None
    parent = os.getpid()

    def ask_kernel() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have died between fork and the line above; then no signal will ever come.
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


@dataclass(slots=True)
class Child:
    """A running program with a process group of its own and, when its output is kept, a log file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path | None = None

    @classmethod
    def start(
        cls,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        stdin: bytes | None = None,
    ) -> Self:
        """Start a program; its output goes to `log`, or to where the parent's goes.

        A process group of its own keeps Ctrl-C for the parent, which then stops its children in order.

        Raises:
            OSError: the program cannot be started, or the log file cannot be written.
        """
        with contextlib.ExitStack() as stack:
            out = stack.enter_context(log.open("wb")) if log else None
            process = subprocess.Popen(  # noqa: S603  # the program is named by the callers in this room
                list(argv),
                env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT if out else None,
                process_group=0,
                preexec_fn=die_with_parent(),
            )
        if process.stdin:
            # A program that ends before it has read everything says why in its log.
            with contextlib.suppress(BrokenPipeError), process.stdin:
                process.stdin.write(stdin or b"")
        return cls(name=name, process=process, log=log)

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self.process.poll()

    def ask_to_stop(self) -> None:
        """SIGTERM to the program itself: it knows best how to stop its own workers."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()

    def kill(self) -> None:
        """SIGKILL to the program and all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_lines(self, count: int = TAIL_LINES) -> list[str]:
        """The end of its log, for a message about its death."""
        if self.log is None or not self.log.exists():
            return []
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]


class Children:
    """The programs that one parent runs, in the order in which they were started."""

    def __init__(self) -> None:
        self._running: list[Child] = []

    def add(self, child: Child) -> Child:
        """Take over a program that was started."""
        self._running.append(child)
        return child

    def first_dead(self) -> Child | None:
        """A program that ended although nobody asked it to."""
        return next((child for child in self._running if child.exit_code is not None), None)

    def stop(self, *, grace_seconds: float = GRACE_SECONDS) -> list[str]:
        """Stop all, the newest first, and return the names of those that had to be killed.

        A program is asked only when those started after it are gone, so that a worker still finds its broker.
        """
        killed = [child.name for child in reversed(self._running) if not stop_one(child, grace_seconds=grace_seconds)]
        self._running.clear()
        return killed


def stop_one(child: Child, *, grace_seconds: float = GRACE_SECONDS) -> bool:
    """Ask a program to stop, wait, then kill it with all that it started. Returns whether it left by itself."""
    child.ask_to_stop()
    deadline = time.monotonic() + grace_seconds
    while child.exit_code is None and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    left_by_itself = child.exit_code is not None
    # Even when the program is gone, something that it started may still be there.
    child.kill()
    return left_by_itself
