"""Reading the ledger."""

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
