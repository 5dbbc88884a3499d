"""The outbox in the admin: what happened, and which deliveries wait for somebody to look at them."""

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ronghe.common.admin import RecordAdmin, RecordInline
from ronghe.events.models import Delivery, Event
from ronghe.events.services import retry_failed


class DeliveryInline(RecordInline):
    """Who was told of an event."""

    model = Delivery
    fields = ["reader", "status", "attempts", "due_at", "done_at"]


@admin.register(Event)
class EventAdmin(RecordAdmin):
    """What happened, in order."""

    list_display = ["id", "kind", "subject_type", "subject_id", "created_at"]
    list_filter = ["subject_type"]
    search_fields = ["kind", "=subject_id"]
    date_hierarchy = "created_at"
    inlines = [DeliveryInline]


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    """What each reader has still to do; failed ones are sent again from here."""

    list_display = ["event", "reader", "status", "attempts", "due_at", "error"]
    list_filter = ["status", "reader"]
    search_fields = ["reader", "event__kind", "error"]
    list_select_related = ["event"]
    actions = ["retry"]

    @admin.action(description=_("Deliver the failed ones again"))
    def retry(self, request: HttpRequest, queryset: "models.QuerySet[Delivery]") -> None:
        """Put failed deliveries back into the queue."""
        done = retry_failed(deliveries=queryset)
        text = ngettext("%(done)d delivery is due again.", "%(done)d deliveries are due again.", done)
        messages.success(request, text % {"done": done})
