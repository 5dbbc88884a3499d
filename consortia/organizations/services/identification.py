"""Giving identifiers to organizations and taking them away."""

from django.db import transaction
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.organizations.identifiers import compact_identifier
from consortia.organizations.models import Identifier, Organization
from consortia.organizations.policies import can_see_organization, require_editor, require_in_good_standing
from ronghe.common.errors import Conflict, NotAllowed
from ronghe.common.validation import unique_or_conflict
from ronghe.events.services import emit


@transaction.atomic
def add_identifier(*, actor: Viewer, organization: Organization, scheme: str, value: str) -> Identifier:
    """Give an organization an identifier from a public register, in its compact form.

    Raises:
        NotFound, NotAllowed: the actor does not write for the organization.
        InvalidInput: the scheme is unknown or the checksum is wrong.
        Conflict: it belongs to another organization (`identifier_taken`), or this one has another of the scheme.
    """
    require_editor(actor, organization)
    require_in_good_standing(organization)
    identifier = attach_identifier(organization=organization, scheme=scheme, value=value, actor=actor)
    emit(kind="organization.updated", subject=organization)
    return identifier


@transaction.atomic
def remove_identifier(*, actor: Viewer, identifier: Identifier) -> None:
    """Take an identifier away; one that a curator has verified only a curator removes.

    Raises:
        NotFound, NotAllowed: the actor does not write for the organization, or the identifier is verified.
    """
    require_editor(actor, identifier.organization)
    if identifier.is_verified and not actor.is_curator:
        raise NotAllowed(_("A verified identifier is removed by a curator only. Ask one."))
    identifier.delete()
    emit(kind="organization.updated", subject=identifier.organization)


def attach_identifier(*, organization: Organization, scheme: str, value: str, actor: Viewer) -> Identifier:
    """Write one identifier inside the caller's transaction; giving the same twice is giving it once."""
    compact = compact_identifier(scheme, value)
    held = Identifier.objects.filter(scheme=scheme, value=compact).select_related("organization").first()
    if held is not None and held.organization_id == organization.pk:
        return held
    if held is not None:
        raise taken_identifier(actor, held.organization)
    message = _("The organization has another identifier of this register. Remove that one first.")
    if scheme != Identifier.Scheme.VAT and organization.identifiers.filter(scheme=scheme).exists():
        raise Conflict(message, code="one_per_scheme", fields={"scheme": [message]})
    message = _("Somebody gave this identifier to an organization just now. Look again.")
    with unique_or_conflict(message, field="value", code="identifier_taken"):
        return Identifier.objects.create(organization=organization, scheme=scheme, value=compact)


def taken_identifier(actor: Viewer, holder: Organization) -> Conflict:
    """The error for an identifier that another organization holds; it is named where the actor may know it."""
    if can_see_organization(actor, holder):
        message = _("This identifier belongs to “%(name)s”. Claim that organization instead.") % {"name": holder}
    else:
        message = _("This identifier belongs to an organization that waits for verification. Ask a curator.")
    return Conflict(message, code="identifier_taken", fields={"identifiers": [message]})
