"""Wiring: settings, addresses, Celery, WSGI and system checks. No logic."""

from ronghe.config.celery import app as celery_app

__all__ = ["celery_app"]
