"""Carrying events to their readers in the background."""

from celery import shared_task

from ronghe.events import services


@shared_task(name="events.deliver_due", ignore_result=True)
def deliver_due() -> int:
    """Hand every due event to its readers; returns how many deliveries were done."""
    return services.deliver_due_events()
