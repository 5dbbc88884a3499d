"""Tasks are asked for by name, so every name has to be one that a worker knows."""

import pytest
from django.conf import settings

from matching.services.runs import ADVANCE_RUNS_TASK, MATCH_BLOCK_TASK
from ronghe.config.celery import app
from ronghe.events.services import DELIVER_DUE_TASK

pytestmark = pytest.mark.database_free

SCHEDULED = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]


@pytest.mark.parametrize("name", [*SCHEDULED, ADVANCE_RUNS_TASK, MATCH_BLOCK_TASK, DELIVER_DUE_TASK])
def test_a_worker_knows_the_task(name):
    app.loader.import_default_modules()
    assert name in app.tasks
