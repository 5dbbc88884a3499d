"""Which organizations belong together."""

from django.db import transaction
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.organizations.models import Affiliation, Organization
from consortia.organizations.policies import require_editor, require_visible
from ronghe.common.errors import InvalidInput
from ronghe.events.services import emit_many


@transaction.atomic
def affiliate(*, actor: Viewer, organization: Organization, other: Organization, kind: str) -> Affiliation:
    """State that two organizations belong together, which keeps them out of each other's matches.

    Args:
        actor: an owner or editor of `organization`, or a curator.
        organization: whose affiliation it is.
        other: an organization that exists for the actor.
        kind: what `organization` is to `other`; stating the same twice is stating it once.

    Raises:
        NotFound, NotAllowed: the actor does not write for the organization, or may not know the other.
        InvalidInput: the kind is unknown, or both are the same organization.
    """
    require_editor(actor, organization)
    require_visible(actor, other)
    if kind not in Affiliation.Kind.values:
        message = _("Choose one of: %(kinds)s.") % {"kinds": ", ".join(Affiliation.Kind.values)}
        raise InvalidInput(message, fields={"kind": [message]})
    if organization.pk == other.pk:
        message = _("An organization is not affiliated with itself. Choose another one.")
        raise InvalidInput(message, fields={"other": [message]})
    affiliation, created = Affiliation.objects.get_or_create(organization=organization, other=other, kind=kind)
    if created:
        emit_many(kind="organization.affiliated", subjects=[organization, other])
    return affiliation


@transaction.atomic
def unaffiliate(*, actor: Viewer, affiliation: Affiliation) -> None:
    """Take back that two organizations belong together.

    Raises:
        NotFound, NotAllowed: the actor does not write for the organization that stated it.
    """
    require_editor(actor, affiliation.organization)
    affiliation.delete()
    emit_many(kind="organization.unaffiliated", subjects=[affiliation.organization, affiliation.other])
