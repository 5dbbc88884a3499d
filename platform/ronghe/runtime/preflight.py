"""What must hold before anything is started. Each check raises Refusal: one sentence and the remedy, no traceback."""

import contextlib
import errno
import fcntl
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

LOCK_FILE: Final = "up.lock"
KEY_FILE: Final = "secret_key"
CONNECT_SECONDS: Final = 3.0
HIGHEST_PORT: Final = 65_535


class Refusal(Exception):
    """The platform cannot start; the message says why and what to do."""


def require_writable_folder(folder: Path) -> None:
    """Make the folder if need be, and try to write into it: root and network file systems make mode bits a poor guide.

    Raises:
        Refusal: it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Refusal(
            f"{folder} cannot be written to ({_reason(error)}). Make it writable, "
            "or name another folder: RONGHE_VAR_DIR=/path/to/folder."
        ) from error


@contextlib.contextmanager
def only_one_here(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the kernel lets go of it however the process ends.

    Raises:
        Refusal: another process holds it.
    """
    with (folder / LOCK_FILE).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise Refusal(
                f"The platform runs on {folder} already (process {holder}). Stop that one, "
                "or run this one on another folder: RONGHE_VAR_DIR=/path/to/folder."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def has_secret_key() -> bool:
    """Whether there is a key; Django itself refuses to show an empty one."""
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        return False


def ensure_secret_key(folder: Path) -> bool:
    """Make a secret key where there is none. Returns whether one was made.

    Raises:
        Refusal: it cannot be written.
    """
    if has_secret_key():
        return False
    key_file = folder / KEY_FILE
    try:
        # O_EXCL: a key that another process has just written must not be replaced, sessions hang on it.
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refusal(f"{key_file} holds no key. Delete it; the next start makes a new one.") from None
    except OSError as error:
        raise Refusal(f"{key_file} cannot be written ({_reason(error)}).") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(64))
    return True


def require_free_port(host: str, port: int) -> None:
    """Try to listen where the web server is going to.

    Raises:
        Refusal: the port is taken, reserved, or the address is not of this machine.
    """
    if not 0 < port <= HIGHEST_PORT:
        raise Refusal(f"{port} is no port. Give a number from 1 to {HIGHEST_PORT}: --port 8000.")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(
                f"Port {port} is in use. Stop what listens there, or choose another: --port {port + 1}."
            ) from error
        raise Refusal(
            f"Nothing can listen on {host}, port {port} ({_reason(error)}). Choose others with --host and --port."
        ) from error


def require_database() -> None:
    """Connect to the configured database.

    Raises:
        Refusal: it cannot be reached, or refuses the user.
    """
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise Refusal(
            f"The database cannot be reached ({_first_line(error)}). Check DATABASE_URL and that the server runs; "
            "without DATABASE_URL, SQLite is used."
        ) from error
    finally:
        connection.close()


def require_redis(url: str) -> None:
    """Ask the Redis at this address for a PONG.

    Raises:
        Refusal: there is no address, it cannot be reached, or it refuses.
    """
    if not url:
        raise Refusal("REDIS_URL is not set. Set it to redis://host:6379/0, or run everything with `manage.py up`.")
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS, retry=None
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise Refusal(
            f"Redis cannot be reached ({_first_line(error)}). Check REDIS_URL and that the server runs; "
            "`manage.py up` without REDIS_URL starts one of its own."
        ) from error


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or _first_line(error)).rstrip(".")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
