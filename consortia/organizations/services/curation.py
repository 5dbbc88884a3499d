"""What curators do with organizations."""

from django.db import transaction
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_curator
from consortia.disclosure.viewer import Viewer
from consortia.organizations.models import Organization
from ronghe.common.errors import Conflict, InvalidInput
from ronghe.events.services import emit


@transaction.atomic
def verify_organization(*, actor: Viewer, organization: Organization, level: int) -> Organization:
    """Say how far an organization's identity was checked; a suspended one is reinstated by it.

    Args:
        actor: a curator.
        organization: any but a merged one.
        level: 1 contact confirmed, 2 identifier checked, 3 checked by a curator.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: there is no such level.
        Conflict: the organization was merged into another.
    """
    require_curator(actor)
    levels = [known for known in Organization.VerificationLevel.values if known > Organization.VerificationLevel.NONE]
    if level not in levels:
        message = _("Choose one of: %(levels)s.") % {"levels": ", ".join(map(str, levels))}
        raise InvalidInput(message, code="unknown_level", fields={"level": [message]})
    _set_status(organization, Organization.Status.VERIFIED, level=level)
    emit(kind="organization.verified", subject=organization, payload={"level": level})
    return organization


@transaction.atomic
def suspend_organization(*, actor: Viewer, organization: Organization, reason: str) -> Organization:
    """Hide an organization and stop it from acting until a curator verifies it again.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: no reason is given.
        Conflict: the organization was merged into another.
    """
    require_curator(actor)
    if not reason.strip():
        message = _("Say why, so that the organization knows what to mend.")
        raise InvalidInput(message, fields={"reason": [message]})
    _set_status(organization, Organization.Status.SUSPENDED, level=organization.verification_level)
    emit(kind="organization.suspended", subject=organization, payload={"reason": reason.strip()})
    return organization


def _set_status(organization: Organization, status: Organization.Status, *, level: int) -> None:
    if organization.status == Organization.Status.MERGED:
        raise Conflict(_("This organization was merged into another. Look after that one."), code="merged")
    organization.claim_edit(expected_version=None)
    organization.status = status
    organization.verification_level = level
    organization.save(update_fields=["status", "verification_level", "updated_at"])
