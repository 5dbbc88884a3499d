"""Who may do what for an organization."""

from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.organizations.models import Organization
from ronghe.common.errors import Conflict, NotAllowed, NotFound


def can_see_organization(viewer: Viewer, organization: Organization) -> bool:
    """Whether the organization exists for the viewer; the same rule as `Organization.visibility`."""
    if viewer.is_curator or organization.pk in viewer.organization_ids:
        return True
    imported = organization.status == Organization.Status.PENDING and bool(organization.source)
    return imported or organization.status == Organization.Status.VERIFIED


def can_edit_organization(viewer: Viewer, organization: Organization) -> bool:
    """Owners, editors and curators write for an organization."""
    return viewer.is_curator or organization.pk in viewer.editable_ids


def can_administer_organization(viewer: Viewer, organization: Organization) -> bool:
    """Owners and curators look after an organization's people."""
    return viewer.is_curator or organization.pk in viewer.owned_ids


def require_visible(viewer: Viewer, organization: Organization) -> None:
    """Refuse whoever may not know that the organization exists.

    Raises:
        NotFound: they may not.
    """
    if not can_see_organization(viewer, organization):
        raise NotFound(_("There is no such organization."))


def require_editor(viewer: Viewer, organization: Organization) -> None:
    """Refuse whoever does not write for the organization.

    Raises:
        NotFound: the viewer may not know that it exists.
        NotAllowed: the viewer sees it but does not write for it.
    """
    require_visible(viewer, organization)
    if not can_edit_organization(viewer, organization):
        raise NotAllowed(_("Only owners and editors of this organization do this. Ask one of its owners."))


def require_owner(viewer: Viewer, organization: Organization) -> None:
    """Refuse whoever does not administer the organization.

    Raises:
        NotFound: the viewer may not know that it exists.
        NotAllowed: the viewer sees it but does not own it.
    """
    require_visible(viewer, organization)
    if not can_administer_organization(viewer, organization):
        raise NotAllowed(_("Only owners of this organization do this. Ask one of them."))


def require_in_good_standing(organization: Organization) -> None:
    """Refuse to act for an organization that is suspended or was merged into another.

    Raises:
        Conflict: it is.
    """
    if organization.status in {Organization.Status.SUSPENDED, Organization.Status.MERGED}:
        message = _("This organization is %(status)s. Ask a curator.") % {"status": organization.get_status_display()}
        raise Conflict(message, code="organization_inactive")
