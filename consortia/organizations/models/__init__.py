"""Organizations with their names, identifiers, people and affiliations."""

from consortia.organizations.models.affiliations import Affiliation
from consortia.organizations.models.naming import Identifier, OrganizationName
from consortia.organizations.models.organization import Organization
from consortia.organizations.models.people import (
    Claim,
    Invitation,
    Membership,
    hash_of_token,
    invitation_expiry,
)

__all__ = [
    "Affiliation",
    "Claim",
    "Identifier",
    "Invitation",
    "Membership",
    "Organization",
    "OrganizationName",
    "hash_of_token",
    "invitation_expiry",
]
