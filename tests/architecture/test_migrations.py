"""Migrations tell the truth about the models, and can be taken back."""

from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

OWN = sorted(
    config.label
    for config in apps.get_app_configs()
    if config.name.startswith(("ronghe.", "consortia.", "matching")) and list(config.get_models())
)


def test_models_and_migrations_agree(db):
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)


@pytest.mark.timeout(300)
def test_every_own_migration_can_be_taken_back(transactional_db, pytestconfig):
    """From the newest state to nothing of ours, and forward again."""
    if pytestconfig.getoption("nomigrations"):
        pytest.skip("The tables were made without migrations.")
    tables = set(connection.introspection.table_names())
    own = {model._meta.db_table for label in OWN for model in apps.get_app_config(label).get_models()}
    assert own <= tables
    try:
        executor = MigrationExecutor(connection)
        executor.migrate([(label, None) for label in OWN])
        assert own.isdisjoint(connection.introspection.table_names())
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert tables <= set(connection.introspection.table_names())


def test_the_user_is_ours_from_the_first_migration():
    assert settings.AUTH_USER_MODEL == "accounts.User"
