"""Migrations tell the truth about the models, and can be taken back.

The rest of the suite makes its tables straight from the models, which takes a second and not a quarter of a minute;
here the migrations themselves run, on a database of their own.
"""

import shutil
from collections.abc import Iterator
from copy import deepcopy
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL

SCRATCH = "scratch_migrations"
OWN = sorted(
    config.label
    for config in apps.get_app_configs()
    if config.name.startswith(("ronghe.", "consortia.", "matching")) and list(config.get_models())
)


@pytest.fixture(autouse=True)
def _with_migrations(settings) -> None:
    settings.MIGRATION_MODULES = {}


@pytest.fixture
def scratch(django_db_setup, django_db_blocker, migrated_var: Path, tmp_path: Path) -> Iterator[BaseDatabaseWrapper]:
    """A connection to a database of the kind that the suite runs on: empty on a server, migrated where it is a file."""
    described = deepcopy(connection.settings_dict)
    described["NAME"] = SCRATCH
    if connection.vendor == "sqlite":
        # The commands that prepare a platform have migrated it from nothing.
        described["NAME"] = str(shutil.copy(migrated_var / "ronghe.sqlite3", tmp_path))
    with django_db_blocker.unblock():
        _server_does(f"DROP DATABASE IF EXISTS {SCRATCH}", f"CREATE DATABASE {SCRATCH}")
        connections.databases[SCRATCH] = described
        yield connections[SCRATCH]
        connections[SCRATCH].close()
        del connections[SCRATCH]
        del connections.databases[SCRATCH]
        _server_does(f"DROP DATABASE {SCRATCH}")
        connection.close()


def _server_does(*statements: str) -> None:
    """Making and dropping databases is for servers; SQLite's are files."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@pytest.mark.timeout(400)
def test_every_own_migration_can_be_taken_back(scratch):
    """From nothing to the newest state, and back to nothing of ours."""
    own = {model._meta.db_table for label in OWN for model in apps.get_app_config(label).get_models()}
    newest = MigrationExecutor(scratch).loader.graph.leaf_nodes()

    MigrationExecutor(scratch).migrate(newest)
    assert own <= set(scratch.introspection.table_names())

    MigrationExecutor(scratch).migrate([(label, None) for label in OWN])
    assert own.isdisjoint(scratch.introspection.table_names())


def test_models_and_migrations_agree(db):
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_no_migration_of_ours_does_what_a_model_does_not_say():
    """What a migration does by hand would be missing from the tables that the rest of the suite runs on."""
    loader = MigrationLoader(None)
    by_hand = [
        f"{label}.{name}"
        for (label, name), migration in loader.disk_migrations.items()
        if label in OWN and any(isinstance(operation, RunPython | RunSQL) for operation in migration.operations)
    ]
    assert by_hand == []
