"""`manage.py prepare`: brings the database to where this version of the platform can use it."""

import argparse
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from consortia.imports.demo.accounts import accounts_file
from consortia.organizations.models import Organization
from ronghe.events.services import deliver_due_events
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
            # Its report ends with accounts and passwords; whoever wants them finds where they are kept.
            call_command("load_demo", stdout=StringIO(), stderr=self.stderr)
            # Before a worker is there, so that the first run takes in all that the network's events ask for.
            deliver_due_events()
            self._say(f"Loaded it. Accounts to sign in with are in {accounts_file()}.")

    @staticmethod
    def _waiting_migrations() -> int:
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
