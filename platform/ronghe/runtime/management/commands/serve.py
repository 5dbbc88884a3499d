"""`manage.py serve`: the web server."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from granian import Granian
from granian.constants import Interfaces

from ronghe.runtime import preflight

KILL_SECONDS = 10


class Command(BaseCommand):
    """Serves pages and API until it is told to stop."""

    help = "Run the web server. Example: manage.py serve --host 0.0.0.0 --port 8000 --workers 4"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where to listen, and with how many processes and threads."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
        parser.add_argument("--workers", type=int, default=2, help="processes (default: %(default)s)")
        parser.add_argument(
            "--threads", type=int, default=8, help="requests at once per process (default: %(default)s)"
        )

    def handle(self, *, host: str, port: int, workers: int, threads: int, **_options: Any) -> None:
        """Check that there is something to serve from, and start."""
        try:
            preflight.require_free_port(host, port)
            preflight.require_database()
            preflight.require_redis(settings.REDIS_URL)
        except preflight.Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        # WSGI with blocking threads: the views are synchronous, and ASGI servers ran them seven times slower.
        Granian(
            "ronghe.config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            # A worker that is told to stop while it still loads does not hear it, and its parent would wait for ever.
            workers_kill_timeout=KILL_SECONDS,
            log_level=settings.LOG_LEVEL.lower(),
        ).serve()
