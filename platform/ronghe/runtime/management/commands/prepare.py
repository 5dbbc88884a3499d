"""`manage.py prepare`: brings the database to where this version of the platform can use it."""

import argparse
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from consortia.organizations.models import Organization
from ronghe.runtime import preflight


class Command(BaseCommand):
    """Migrates, and fills an empty database with the demonstration."""

    help = "Migrate the database; load the demo network when it is empty. Example: manage.py prepare --no-demo"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Whether an empty database stays empty."""
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *, no_demo: bool, **_options: Any) -> None:
        """Do what is left to do, and say so."""
        try:
            preflight.require_database()
        except preflight.Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        waiting = self._waiting_migrations()
        if waiting:
            self._say(f"Migrating the database: {waiting} steps; this takes a moment.")
            call_command("migrate", verbosity=0, interactive=False)
        if not no_demo and not Organization.objects.exists():
            self._say("The database is empty: loading the demo network.")
            call_command("load_demo", stdout=self.stdout, stderr=self.stderr)

    @staticmethod
    def _waiting_migrations() -> int:
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
