"""`manage.py worker`: a Celery worker, on as many hosts as there is work for."""

import argparse
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ronghe.runtime import preflight


class Command(BaseCommand):
    """Takes tasks from the queue until it is told to stop."""

    help = "Run a worker. Example: manage.py worker --concurrency 4"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """How many tasks at once, and of which queues."""
        parser.add_argument("--concurrency", type=int, default=2, help="tasks at once (default: %(default)s)")
        parser.add_argument("-Q", "--queues", default="celery", help="queues to serve (default: %(default)s)")

    def handle(self, *, concurrency: int, queues: str, **_options: Any) -> None:
        """Check that there is something to work with, and start."""
        try:
            preflight.require_database()
            preflight.require_redis(settings.REDIS_URL)
        except preflight.Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        arguments = [f"--concurrency={concurrency}", f"--queues={queues}", f"--loglevel={settings.LOG_LEVEL}"]
        current_app.worker_main(["worker", "--without-gossip", "--without-mingle", *arguments])
