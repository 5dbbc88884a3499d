"""Imports in the admin: how far each is, what it could not take, and stopping it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from consortia.imports.models import ImportProblem, ImportRun
from consortia.imports.services import cancel_run
from ronghe.common.admin import RecordAdmin


@admin.register(ImportRun)
class ImportRunAdmin(RecordAdmin):
    """How far each import came and what it counted."""

    list_display = ["archive", "source", "status", "stage", "position", "created_at", "finished_at"]
    list_filter = ["status", "source"]
    search_fields = ["archive", "checksum", "error"]
    actions = ["cancel"]

    @admin.action(description=_("Cancel running imports"))
    def cancel(self, request: HttpRequest, runs: "QuerySet[ImportRun]") -> None:
        """Stop the chosen imports at their next chunk."""
        self.act_on_each(request, runs, lambda run: cancel_run(run=run))


@admin.register(ImportProblem)
class ImportProblemAdmin(RecordAdmin):
    """What an archive held that could not be taken as it stands."""

    list_display = ["file", "row", "field", "value", "kind", "reason", "is_refused", "run"]
    list_filter = ["kind", "is_refused", "file"]
    list_select_related = ["run"]
    search_fields = ["field", "value", "reason"]
