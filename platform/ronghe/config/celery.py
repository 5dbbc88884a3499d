"""The Celery application: configured by the settings, tasks found in every room."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronghe.config.settings")

app = Celery("ronghe")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
