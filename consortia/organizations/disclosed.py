"""An organization's profile as far as a viewer may see it: the one shape that pages and API show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from consortia.disclosure.models import Reveal, Tier
from consortia.disclosure.policies import hidden_fields, highest_tier, restricted_fields
from consortia.disclosure.services import record_reveals
from consortia.disclosure.viewer import Viewer
from consortia.organizations.models import Identifier, Organization, OrganizationName

# What a disclosed field stands for in the record.
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "size": ("size",),
    "ownership": ("ownership",),
    "website": ("website",),
    "contact_email": ("contact_email",),
    "place": ("latitude", "longitude"),
    "description": ("descriptions",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """What one viewer sees of an organization.

    Attributes:
        organization: the record, for what is never hidden: names, type, country, region, city, status.
        identifiers: its numbers in public registers.
        aliases: other names by which it is found.
        hidden: names of the fields that this viewer does not see; they are None here.
        reached: the tier the viewer reached with the organization.
    """

    organization: Organization
    identifiers: tuple[Identifier, ...]
    aliases: tuple[str, ...]
    hidden: tuple[str, ...]
    reached: Tier
    size: str | None
    ownership: str | None
    website: str | None
    contact_email: str | None
    latitude: float | None
    longitude: float | None
    descriptions: Mapping[str, str] | None


def profile_view(viewer: Viewer, organization: Organization, *, surface: Reveal.Surface) -> ProfileView:
    """What the viewer sees of an organization; restricted fields that they see are written to the ledger.

    Args:
        viewer: who looks.
        organization: one that exists for the viewer, with identifiers and names prefetched.
        surface: where it is shown.
    """
    reached = highest_tier(viewer, organization.pk)
    hidden = hidden_fields(organization, reached=reached)
    shown = restricted_fields(organization) - hidden
    if any(_is_filled(organization, name) for name in shown):
        record_reveals(viewer=viewer, shown=[(organization, reached)], surface=surface)
    concealed = {column for name in hidden for column in _COLUMNS[name]}
    columns = {
        column: None if column in concealed else getattr(organization, column)
        for group in _COLUMNS.values()
        for column in group
    }
    official = OrganizationName.Kind.OFFICIAL
    names = [name.text for name in organization.known_names.all() if name.kind != official]
    return ProfileView(
        organization=organization,
        identifiers=tuple(sorted(organization.identifiers.all(), key=lambda one: (one.scheme, one.value))),
        aliases=tuple(dict.fromkeys(names)),
        hidden=tuple(sorted(hidden)),
        reached=reached,
        **columns,
    )


def _is_filled(organization: Organization, name: str) -> bool:
    return any(getattr(organization, column) not in (None, "", {}) for column in _COLUMNS[name])
