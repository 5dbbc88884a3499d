"""The transactional outbox: what happened, and which reader has still to act on it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Something that happened, written in the same transaction as the change it tells of."""

    kind = models.CharField(_("kind"), max_length=80, help_text=_("room.what_happened, such as listing.published"))
    subject_type = models.CharField(_("subject type"), max_length=40)
    subject_id = models.BigIntegerField(_("subject"))
    payload = models.JSONField(_("payload"), default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="events_event_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id}"


class Delivery(models.Model):
    """One event waiting for, or done by, one reader.

    A row per reader instead of one cursor per reader: transactions commit out of the order of their ids, so a
    cursor would step over an event that is committed late.
    """

    class Status(models.TextChoices):
        """Where a delivery stands."""

        PENDING = "pending", _("pending")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("event"))
    reader = models.CharField(_("reader"), max_length=80)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), help_text=_("Not tried before this time."))
    claimed_until = models.DateTimeField(
        _("claimed until"), null=True, blank=True, help_text=_("A worker that dies loses its claim at this time.")
    )
    claim = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "reader"], name="events_delivery_once_per_reader"),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "done", "failed"]), name="events_delivery_status"
            ),
        ]
        indexes = [
            models.Index(
                fields=["reader", "due_at"], condition=models.Q(status="pending"), name="events_delivery_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reader} ← {self.event_id} ({self.status})"
