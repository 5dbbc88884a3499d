"""What would have to change for an organization to be in a need's list, for the side that asks."""

from consortia.disclosure.policies import hidden_fields, highest_tier, require_person
from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching import engine
from matching.loading import load_documents, load_needs, load_organizations, open_needs
from matching.policies import require_party
from matching.services.budgets import spend_near_miss
from matching.services.newest_index import open_newest_index


def find_near_miss(*, actor: Viewer, need: Need, organization: Organization) -> engine.NearMiss:
    """The smallest changes to the actor's own records, each proved by scoring the changed record.

    The organization is never told of a field of the need that it may not see, nor the need's side of a restricted
    field, a restricted parameter or an undisclosed record of the organization's.

    Args:
        actor: a member of one of the two organizations, or a curator, who looks from the need's side.
        need: the need, which exists for the actor.
        organization: the organization, which exists for the actor.

    Returns:
        How near it is and the ways in; neither when matching never gets to see the pair.

    Raises:
        NotAllowed: the actor belongs to neither side, or nobody signed in.
        TooMany: the person's budget of searches is used up.
        Conflict: no recompute has finished yet, or its index is not on this host.
    """
    side = require_party(actor, need, organization)
    index, as_of = open_newest_index()
    spend_near_miss(user_id=require_person(actor))
    encoded = list(load_needs(open_needs(as_of=as_of).filter(pk=need.pk), as_of=as_of))
    records = list(load_organizations(as_of=as_of, only=[organization.pk]))
    if not encoded or not records:
        return engine.NearMiss(side)
    documents = list(load_documents(as_of=as_of, only=[organization.pk]))
    if side == "need":
        # A step towards a record that does not tell its owner would tell it.
        documents = [document for document in documents if "organization" not in document.restricted]
    hidden = hidden_fields(need, reached=highest_tier(actor, need.organization_id)) if side == "organization" else ()
    try:
        return engine.near_miss(index, encoded[0], records[0], documents, side=side, hidden=hidden)
    except engine.UnknownOrganizationError:
        return engine.NearMiss(side)
