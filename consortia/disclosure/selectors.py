"""Reading the ledger and the grants."""

from django.db import models
from django.utils.translation import gettext as _

from consortia.disclosure.models import DisclosureGrant, Reveal
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


def grants_of(viewer: Viewer, owner_id: int) -> "models.QuerySet[DisclosureGrant]":
    """To whom an organization has opened a tier, and still has; for its members and curators.

    Raises:
        NotAllowed: the viewer does not belong to the organization.
    """
    if owner_id not in viewer.organization_ids and not viewer.is_curator:
        raise NotAllowed(_("Only members see to whom their organization has opened itself."))
    standing = DisclosureGrant.objects.filter(owner_id=owner_id, revoked_at__isnull=True)
    return standing.select_related("viewer").order_by("-id")
