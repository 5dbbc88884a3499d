"""What can be done with organizations: registering, curating, staffing, claiming, importing."""

from consortia.organizations.services.affiliations import affiliate, unaffiliate
from consortia.organizations.services.claims import claim_organization, decide_claim
from consortia.organizations.services.curation import suspend_organization, verify_organization
from consortia.organizations.services.identification import add_identifier, remove_identifier
from consortia.organizations.services.imported import (
    ImportedOrganization,
    ImportedOrganizations,
    record_imported_organizations,
)
from consortia.organizations.services.people import (
    accept_invitation,
    change_role,
    invite_member,
    leave_organization,
    remove_member,
    withdraw_invitation,
)
from consortia.organizations.services.registration import (
    OrganizationProfile,
    profile_of,
    register_organization,
    update_organization,
)

__all__ = [
    "ImportedOrganization",
    "ImportedOrganizations",
    "OrganizationProfile",
    "accept_invitation",
    "add_identifier",
    "affiliate",
    "change_role",
    "claim_organization",
    "decide_claim",
    "invite_member",
    "leave_organization",
    "profile_of",
    "record_imported_organizations",
    "register_organization",
    "remove_identifier",
    "remove_member",
    "suspend_organization",
    "unaffiliate",
    "update_organization",
    "verify_organization",
    "withdraw_invitation",
]
