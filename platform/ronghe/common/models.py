"""Base models that every room builds on."""

import uuid

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ronghe.common.errors import StaleEdit


class Dated(models.Model):
    """When the row came to be and when it last changed, in UTC."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True, editable=False)

    class Meta:
        abstract = True


class PubliclyNamed(models.Model):
    """A random public identifier for addresses and the API; the primary key stays inside."""

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


class Versioned(models.Model):
    """A counter of edits, so that two people editing at once never overwrite each other."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True

    def claim_edit(self, *, expected_version: int | None) -> None:
        """Take the right to write the next version of this row, inside the caller's transaction.

        Args:
            expected_version: the version the editor had read; None takes the version of this instance.

        Raises:
            StaleEdit: the row is at another version, or gone.
        """
        expected = self.version if expected_version is None else expected_version
        # Compare and increment are one statement, for reading first would leave a race. It must run on the model that
        # holds the column: on a child of it, Django reads the ids first and then updates without comparing again.
        holder = self._meta.get_field("version").model
        if not holder._base_manager.filter(pk=self.pk, version=expected).update(version=expected + 1):
            raise StaleEdit(
                gettext(
                    "Somebody else changed this record since you opened it. "
                    "Reload it, look at the change, and save again."
                ),
                fields={"version": [gettext("This is no longer the newest version.")]},
            )
        self.version = expected + 1
