"""`manage.py beat`: puts scheduled tasks on the queue. One of it for the whole platform."""

from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ronghe.runtime import preflight


class Command(BaseCommand):
    """Sends tasks when they are due."""

    help = "Run the scheduler; one on all hosts together. Example: manage.py beat"

    def handle(self, **_options: Any) -> None:
        """Check that there is a queue, and start."""
        try:
            preflight.require_writable_folder(settings.VAR_DIR)
            preflight.require_redis(settings.REDIS_URL)
        except preflight.Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        schedule = settings.VAR_DIR / "beat-schedule"
        current_app.start(["beat", f"--schedule={schedule}", f"--loglevel={settings.LOG_LEVEL}", "--pidfile="])
