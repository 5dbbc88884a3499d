"""What the archive of CORDIS looks like, and what its codes stand for here."""

from collections.abc import Mapping
from typing import Final

from consortia.evidence.models import Participation
from consortia.imports.archives.tables import Column
from consortia.organizations.models import Organization

SOURCE: Final = "cordis"
SCHEME: Final = "euroscivoc"
LANGUAGE: Final = "en"
CURRENCY: Final = "EUR"

PROJECTS: Final = "project.csv"
ORGANIZATIONS: Final = "organization.csv"
TOPICS: Final = "euroSciVoc.csv"
MEMBERS: Final = (PROJECTS, ORGANIZATIONS, TOPICS)

# Editions differ in what they publish: `keywords`, for one, came late. Only what gives a row its meaning is needed.
COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    PROJECTS: (
        Column("id", is_needed=True),
        Column("acronym"),
        Column("title", is_needed=True),
        Column("objective"),
        Column("keywords"),
        Column("startDate"),
        Column("endDate"),
        Column("ecSignatureDate"),
        Column("totalCost"),
        Column("ecMaxContribution"),
        Column("topics"),
        Column("masterCall"),
        Column("fundingScheme"),
    ),
    ORGANIZATIONS: (
        Column("projectID", is_needed=True),
        Column("organisationID", is_needed=True),
        Column("name", is_needed=True),
        Column("shortName"),
        Column("vatNumber"),
        Column("activityType", is_needed=True),
        Column("SME"),
        Column("country"),
        Column("nutsCode"),
        Column("city"),
        Column("geolocation"),
        Column("organizationURL"),
        Column("role", is_needed=True),
        Column("ecContribution"),
        Column("netEcContribution"),
    ),
    TOPICS: (
        Column("projectID", is_needed=True),
        Column("euroSciVocCode", is_needed=True),
        Column("euroSciVocPath", is_needed=True),
    ),
}

_Type = Organization.Type
# https://cordis.europa.eu/about/dictionary: higher or secondary education, research organisation, private for-profit,
# public body, other. *Other* is mostly associations, networks, clusters and foundations.
ORGANIZATION_TYPES: Final[Mapping[str, str]] = {
    "HES": _Type.UNIVERSITY,
    "REC": _Type.RESEARCH_INSTITUTE,
    "PRC": _Type.FIRM,
    "PUB": _Type.PUBLIC_BODY,
    "OTH": _Type.INDUSTRY_ASSOCIATION,
}

_Role = Participation.Role
# The strongest part first: of two rows of one organization in one project, the stronger part is kept.
ROLES: Final[Mapping[str, str]] = {
    "coordinator": _Role.COORDINATOR,
    "participant": _Role.PARTICIPANT,
    "partner": _Role.PARTICIPANT,
    "associatedPartner": _Role.ASSOCIATED,
    "internationalPartner": _Role.ASSOCIATED,
    "thirdParty": _Role.THIRD_PARTY,
}
ROLE_STRENGTH: Final[tuple[str, ...]] = (
    _Role.COORDINATOR,
    _Role.PARTICIPANT,
    _Role.ASSOCIATED,
    _Role.THIRD_PARTY,
)

# The European institutions write these two otherwise than ISO 3166-1.
COUNTRIES: Final[Mapping[str, str]] = {"EL": "GR", "UK": "GB"}
