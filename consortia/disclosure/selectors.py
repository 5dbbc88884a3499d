"""Reading the ledger."""

from collections.abc import Iterable
from itertools import groupby

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from consortia.disclosure.models import Reveal
from consortia.disclosure.viewer import Viewer
from ronghe.common.errors import NotAllowed


def ledger_of(viewer: Viewer, owner_id: int) -> "models.QuerySet[Reveal]":
    """Who was shown restricted fields of an organization's records, newest first; for its owners and curators.

    Raises:
        NotAllowed: the viewer does not own the organization.
    """
    if owner_id not in viewer.owned_ids and not viewer.is_curator:
        raise NotAllowed(_("Only owners read who saw what of their organization."))
    return Reveal.objects.filter(owner_id=owner_id).select_related("viewer").order_by("-id")


def titles_of(reveals: Iterable[Reveal]) -> dict[tuple[str, int], str]:
    """What the records in these lines are called, by their type and id; one query per type, none for records gone."""
    named = sorted({(reveal.record_type, reveal.record_id) for reveal in reveals})
    titles = {}
    for record_type, pairs in groupby(named, key=lambda pair: pair[0]):
        model = apps.get_model(record_type)
        for record in model._default_manager.filter(pk__in=[record_id for _type, record_id in pairs]):
            titles[record_type, record.pk] = f"{model._meta.verbose_name}: {record}"
    return titles
