"""The whole platform as one tree of processes: started in order, watched, and stopped in reverse order."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from pathlib import Path
from types import FrameType
from typing import Final, Self

from ronghe.runtime.children import POLL_SECONDS, Child, Children
from ronghe.runtime.embedded_redis import EmbeddedRedis, RedisUnavailable
from ronghe.runtime.preflight import Refusal

WEB_SERVER_SECONDS: Final = 60.0


class Stopped(Exception):
    """Somebody asked the platform to stop."""


class Supervisor:
    """Runs `manage.py` commands and services as children; a context, at whose end all of them are gone.

    Args:
        manage: path of manage.py.
        var_dir: folder for logs and the embedded Redis; exists and is writable.
        say: takes one short line for people.
    """

    def __init__(self, *, manage: Path, var_dir: Path, say: Callable[[str], None]) -> None:
        self._manage = manage
        self._var_dir = var_dir
        self._say = say
        self._children = Children()
        self._environment = dict(os.environ)
        self._redis: EmbeddedRedis | None = None
        self._stop_asked = False
        self._handlers: dict[int, object] = {}

    def __enter__(self) -> Self:
        # A flag and not an exception: it must not strike between the start of a child and its registration.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, self._ask_to_stop)
        (self._var_dir / "log").mkdir(exist_ok=True)
        return self

    def __exit__(self, *_error: object) -> None:
        if self._redis:
            self._redis.forget_address()
        for name in self._children.stop():
            self._say(f"{name} did not stop by itself and was killed.")
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal returned

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_asked = True

    def start_redis(self) -> None:
        """Start the embedded Redis and point every later child at it.

        Raises:
            Refusal: it does not start.
        """
        try:
            self._redis = EmbeddedRedis.start(self._var_dir)
        except (RedisUnavailable, OSError) as error:
            raise Refusal(str(error)) from error
        self._children.add(self._redis.child)
        self._environment["REDIS_URL"] = self._redis.url

    def start(self, name: str, *arguments: str) -> None:
        """Start a `manage.py` command that is to run as long as the platform does."""
        self._children.add(self._launch(name, arguments, log=self._var_dir / "log" / f"{name}.log"))

    def step(self, *arguments: str) -> None:
        """Run a `manage.py` command to its end, on this terminal.

        Raises:
            Refusal: it failed; it has said why itself.
            Stopped: somebody asked to stop meanwhile.
        """
        name = arguments[0]
        child = self._launch(name, arguments)
        try:
            while child.exit_code is None:
                self._look_around()
                time.sleep(POLL_SECONDS)
        finally:
            child.ask_to_stop()
            child.kill()
        if child.exit_code:
            raise Refusal(f"`manage.py {name}` failed, so the platform was not started.")

    def wait_for_web(self, host: str, port: int) -> None:
        """Wait until the web server answers a request; it listens before its workers have loaded the platform.

        Raises:
            Refusal: it does not in time, or a child died.
            Stopped: somebody asked to stop meanwhile.
        """
        deadline = time.monotonic() + WEB_SERVER_SECONDS
        while time.monotonic() < deadline:
            self._look_around()
            with contextlib.closing(HTTPConnection(reachable(host), port, timeout=2)) as connection:
                try:
                    connection.request("HEAD", "/", headers={"Host": "localhost"})
                    connection.getresponse()
                except OSError:
                    time.sleep(POLL_SECONDS)
                else:
                    return
        raise Refusal(f"The web server did not answer within {WEB_SERVER_SECONDS:.0f} s; see {self._var_dir / 'log'}.")

    def watch(self) -> None:
        """Stay until somebody asks to stop or a child dies.

        Raises:
            Refusal: a child died.
        """
        try:
            while True:
                self._look_around()
                time.sleep(POLL_SECONDS * 4)
        except Stopped:
            return

    def _launch(self, name: str, arguments: Sequence[str], *, log: Path | None = None) -> Child:
        argv = [sys.executable, str(self._manage), *arguments]
        return Child.start(name, argv, env=self._environment, log=log)

    def _look_around(self) -> None:
        if self._stop_asked:
            raise Stopped
        dead = self._children.first_dead()
        if dead:
            tail = "".join(f"\n    {line}" for line in dead.last_lines())
            raise Refusal(
                f"{dead.name} ended unexpectedly (code {dead.exit_code}), so everything was stopped. "
                f"The end of {dead.log}:{tail}"
            )


def reachable(host: str) -> str:
    """An address of this machine at which a server that listens on `host` answers."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104  # compared, not bound
