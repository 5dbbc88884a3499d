"""Imports of foreign archives as rows: how far each came, what it counted, and what it could not take."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from ronghe.common.models import Dated

VALUE_LENGTH = 120
# Every import begins by reading its archive to the end; the later stages are named by what they write.
READING = "reading"


class ImportRun(Dated):
    """One import of one archive. A run that broke off is continued by the next import of the same archive."""

    class Status(models.TextChoices):
        """Where a run stands."""

        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    source = models.CharField(_("source"), max_length=40, help_text=_("What imported rows carry as their source."))
    archive = models.CharField(_("archive"), max_length=255, help_text=_("Name of the file."))
    checksum = models.CharField(_("SHA-256"), max_length=64)
    options = models.JSONField(_("options"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RUNNING)
    stage = models.CharField(_("stage"), max_length=20, default=READING)
    position = models.PositiveBigIntegerField(_("position"), default=0, help_text=_("Rows done within the stage."))
    counts = models.JSONField(_("counts"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    error = models.TextField(_("error"), blank=True)
    claim = models.UUIDField(
        _("claim"),
        default=uuid.uuid4,
        editable=False,
        help_text=_("Whoever holds it may go on; a new import takes it."),
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "checksum"], condition=~models.Q(status="done"), name="imports_run_one_unfinished"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["running", "done", "failed", "cancelled"]), name="imports_run_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.archive} ({self.get_status_display()})"


class ImportProblem(models.Model):
    """Something in an archive that could not be taken as it stands. Of each kind only the first ones are kept."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems", verbose_name=_("import"))
    stage = models.CharField(_("stage"), max_length=20)
    kind = models.CharField(_("kind"), max_length=40)
    file = models.CharField(_("file"), max_length=255)
    row = models.PositiveBigIntegerField(
        _("row"), null=True, blank=True, help_text=_("As a spreadsheet counts: the header is row 1.")
    )
    field = models.CharField(_("field"), max_length=60, blank=True)
    value = models.CharField(_("value"), max_length=VALUE_LENGTH, blank=True)
    reason = models.TextField(_("reason"))
    is_refused = models.BooleanField(_("row left out"), default=False)

    class Meta:
        verbose_name = _("import problem")
        verbose_name_plural = _("import problems")
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "kind"], name="imports_problem_run_kind")]

    def __str__(self) -> str:
        return f"{self.file}:{self.row or ''} {self.field}: {self.reason}"
