"""Who may write listings."""

from django.utils.translation import gettext as _

from consortia.disclosure.policies import visible
from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Listing
from consortia.organizations.models import Organization
from ronghe.common.errors import NotAllowed, NotFound


def can_write_for(viewer: Viewer, organization: Organization) -> bool:
    """Owners and editors write for their organization, curators for every one."""
    return viewer.is_curator or organization.pk in viewer.editable_ids


def can_edit_listing(viewer: Viewer, listing: Listing) -> bool:
    """Whoever may write for its organization may edit a listing."""
    return viewer.is_curator or listing.organization_id in viewer.editable_ids


def require_can_write_for(viewer: Viewer, organization: Organization) -> None:
    """End here when the viewer may not write for the organization.

    Raises:
        NotFound: the viewer may not know that it exists.
        NotAllowed: they may, but do not write for it.
    """
    if can_write_for(viewer, organization):
        return
    if not visible(viewer, Organization.objects.filter(pk=organization.pk)).exists():
        raise NotFound(_("There is no such organization."))
    raise NotAllowed(_("Only owners and editors of %(name)s may do this.") % {"name": organization})


def require_can_edit(viewer: Viewer, listing: Listing) -> None:
    """End here when the viewer may not edit the listing.

    Raises:
        NotFound: the viewer may not know that it exists.
        NotAllowed: they may see it, but it is another organization's.
    """
    if can_edit_listing(viewer, listing):
        return
    if not visible(viewer, Listing.objects.filter(pk=listing.pk)).exists():
        raise NotFound(_("There is no such listing."))
    raise NotAllowed(_("Only owners and editors of the organization that published it may change this listing."))
