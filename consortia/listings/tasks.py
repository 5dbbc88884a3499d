"""Housekeeping of listings in the background."""

from celery import shared_task

from consortia.listings import services


@shared_task(name="listings.expire_due", ignore_result=True)
def expire_due() -> None:
    """Expire what has run out, and remind of what soon will."""
    services.expire_due_listings()
    services.remind_before_expiry()
