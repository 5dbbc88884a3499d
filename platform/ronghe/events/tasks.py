"""Carrying events to their readers in the background."""

from celery import shared_task

from ronghe.events import services


@shared_task(name=services.DELIVER_DUE_TASK, ignore_result=True)
def deliver_due() -> int:
    """Hand every due event to its readers; returns how many deliveries were done."""
    return services.deliver_due_events()
