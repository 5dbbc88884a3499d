"""Registering organizations and keeping their profiles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_person
from consortia.disclosure.viewer import Viewer
from consortia.organizations.identifiers import compact_identifier
from consortia.organizations.models import Membership, Organization, OrganizationName
from consortia.organizations.naming import (
    LONGEST_NAME,
    display_name_of,
    name_rows,
    similarity,
    similarity_key,
)
from consortia.organizations.policies import can_see_organization, require_editor, require_in_good_standing
from consortia.organizations.services.identification import attach_identifier
from ronghe.common.errors import Conflict
from ronghe.common.text import fold, validate_clean_text
from ronghe.common.validation import Faults, check_record, checked_texts
from ronghe.events.services import emit

LONGEST_DESCRIPTION = 4000
MAX_ALIASES = 20
# Ratio of common characters above which two names of one country are put before a person.
NEAR_IDENTICAL = 0.9
MAX_NAMESAKES_COMPARED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationProfile:
    """What an organization says about itself.

    Attributes:
        names: official name by language tag, at least one.
        aliases: short and other names by which people look for it.
        descriptions: text by language tag, each at most 4000 characters.
        country: ISO 3166-1 alpha-2; `region` is ISO 3166-2 within it.
        latitude: degrees north, given together with `longitude` in degrees east.
        disclosure: for size, ownership, website, place, description or contact_email, the tier that may see it.
    """

    names: Mapping[str, str]
    type: str
    country: str = ""
    region: str = ""
    city: str = ""
    aliases: Sequence[str] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict)
    is_sme: bool | None = None
    size: str = ""
    ownership: str = ""
    latitude: float | None = None
    longitude: float | None = None
    website: str = ""
    contact_email: str = ""
    disclosure: Mapping[str, str] = field(default_factory=dict)


def profile_of(organization: Organization) -> OrganizationProfile:
    """The profile as it is stored, to change a part of it with `dataclasses.replace`."""
    aliases = organization.known_names.filter(kind=OrganizationName.Kind.ALIAS).order_by("id")
    stored = {name: getattr(organization, name) for name in _PLAIN_FIELDS}
    return OrganizationProfile(
        names=organization.names,
        descriptions=organization.descriptions,
        disclosure=organization.disclosure,
        aliases=tuple(aliases.values_list("text", flat=True)),
        **stored,
    )


@transaction.atomic
def register_organization(
    *,
    actor: Viewer,
    profile: OrganizationProfile,
    identifiers: Sequence[tuple[str, str]] = (),
    confirm_distinct: bool = False,
    is_fictitious: bool = False,
) -> Organization:
    """Register an organization; whoever does it becomes its owner, and a curator verifies it later.

    Args:
        actor: the person who registers it.
        profile: what it says about itself.
        identifiers: pairs of scheme and value, such as ("uscc", "91110000600037341L").
        confirm_distinct: the person has seen the near-identical names and says it is another organization.
        is_fictitious: it belongs to a demonstration.

    Raises:
        NotAllowed: nobody signed in.
        InvalidInput: fields of the profile or identifiers are at fault; all are named.
        Conflict: an identifier belongs to another organization (`identifier_taken`), or a near-identical name is
            known in the country (`possible_duplicate`).
    """
    owner_id = require_person(actor)
    organization = Organization(is_fictitious=is_fictitious)
    aliases = _fill(organization, profile, identifiers=identifiers)
    organization.save()
    # Before the names: who shares an identifier is the same organization and is sent to claim it.
    for scheme, value in identifiers:
        attach_identifier(organization=organization, scheme=scheme, value=value, actor=actor)
    if not confirm_distinct:
        _refuse_namesakes(actor, organization)
    OrganizationName.objects.bulk_create(name_rows(organization, aliases))
    Membership.objects.create(organization=organization, user_id=owner_id, role=Membership.Role.OWNER)
    emit(kind="organization.registered", subject=organization)
    return organization


@transaction.atomic
def update_organization(
    *, actor: Viewer, organization: Organization, expected_version: int, profile: OrganizationProfile
) -> Organization:
    """Replace an organization's profile.

    Args:
        actor: an owner, an editor or a curator.
        organization: the record as it was read.
        expected_version: the version that the editor had before their eyes.
        profile: the whole new profile.

    Raises:
        NotFound, NotAllowed: the actor does not write for it.
        InvalidInput: fields are at fault; all are named.
        StaleEdit: somebody else saved it meanwhile.
    """
    require_editor(actor, organization)
    require_in_good_standing(organization)
    aliases = _fill(organization, profile)
    organization.claim_edit(expected_version=expected_version)
    organization.save()
    mirrored = (OrganizationName.Kind.OFFICIAL, OrganizationName.Kind.ALIAS)
    OrganizationName.objects.filter(organization=organization, kind__in=mirrored).delete()
    OrganizationName.objects.bulk_create(name_rows(organization, aliases))
    emit(kind="organization.updated", subject=organization)
    return organization


_PLAIN_FIELDS = (
    "type",
    "country",
    "region",
    "city",
    "is_sme",
    "size",
    "ownership",
    "latitude",
    "longitude",
    "website",
    "contact_email",
)


def _fill(
    organization: Organization, profile: OrganizationProfile, *, identifiers: Sequence[tuple[str, str]] = ()
) -> list[str]:
    """Put a checked profile into the record, and return the aliases; every fault is reported at once."""
    faults = Faults()
    for name in _PLAIN_FIELDS:
        given: Any = getattr(profile, name)
        setattr(organization, name, given.strip() if isinstance(given, str) else given)
    organization.disclosure = dict(profile.disclosure)
    with faults.collecting():
        organization.names = checked_texts(profile.names, field="names", longest=LONGEST_NAME, required=True)
        organization.display_name = display_name_of(organization.names)
    with faults.collecting():
        organization.descriptions = checked_texts(
            profile.descriptions, field="descriptions", longest=LONGEST_DESCRIPTION
        )
    with faults.collecting():
        check_record(organization, exclude=["names", "display_name", "descriptions"])
    for scheme, value in identifiers:
        with faults.collecting():
            compact_identifier(scheme, value, field="identifiers")
    _check_where(organization, faults)
    aliases = _checked_aliases(profile.aliases, faults)
    faults.raise_if_any()
    return aliases


def _check_where(organization: Organization, faults: Faults) -> None:
    if (organization.latitude is None) != (organization.longitude is None):
        missing = "latitude" if organization.latitude is None else "longitude"
        faults.add(missing, _("Give latitude and longitude together, or neither."))
    if organization.region and not organization.region.startswith(f"{organization.country}-"):
        faults.add("region", _("The region does not lie in the country. Give one that begins with the country's code."))


def _checked_aliases(given: Iterable[str], faults: Faults) -> list[str]:
    aliases = list(dict.fromkeys(alias.strip() for alias in given if alias.strip()))
    if len(aliases) > MAX_ALIASES:
        faults.add("aliases", _("Give at most %(most)d other names.") % {"most": MAX_ALIASES})
    for alias in aliases:
        if len(alias) > LONGEST_NAME:
            faults.add("aliases", _("Shorten the other name to %(longest)d characters.") % {"longest": LONGEST_NAME})
        try:
            validate_clean_text(alias)
        except ValidationError as error:
            faults.add("aliases", error.messages[0])
    return aliases


def _refuse_namesakes(actor: Viewer, organization: Organization) -> None:
    namesakes = find_namesakes(organization)
    if not namesakes:
        return
    known = next((one for one in namesakes if can_see_organization(actor, one)), None)
    if known is not None:
        message = _(
            "“%(name)s” is already known. Claim it if it is yours; if yours is another one, confirm that they are "
            "distinct."
        ) % {"name": known}
    else:
        message = _(
            "An organization of nearly this name waits for verification. If yours is another one, confirm that they "
            "are distinct."
        )
    raise Conflict(message, code="possible_duplicate", fields={"names": [message]})


def find_namesakes(organization: Organization) -> list[Organization]:
    """Other organizations of the country whose names are near-identical, the nearest first."""
    nearest: dict[Organization, float] = {}
    for text in organization.names.values():
        key = similarity_key(text)
        for known in _names_beginning_alike(text, organization):
            alike = similarity(key, similarity_key(known.text))
            if alike >= NEAR_IDENTICAL:
                nearest[known.organization] = max(alike, nearest.get(known.organization, 0.0))
    return sorted(nearest, key=lambda known: (-nearest[known], known.pk))


def _names_beginning_alike(text: str, organization: Organization) -> "models.QuerySet[OrganizationName]":
    # Comparing with every name of a country is too slow; a common beginning is what near-identical names have.
    folded = fold(text)
    beginning = folded[:4] if folded.isascii() else folded[:2]
    return (
        OrganizationName.objects.filter(folded__startswith=beginning, organization__country=organization.country)
        .exclude(organization__status=Organization.Status.MERGED)
        .exclude(organization_id=organization.pk)
        .select_related("organization")
        .order_by("folded", "id")[:MAX_NAMESAKES_COMPARED]
    )
