"""What can be read about organizations, on behalf of a viewer."""

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.policies import visible
from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.organizations.models import (
    Affiliation,
    Identifier,
    Invitation,
    Membership,
    Organization,
    OrganizationName,
    hash_of_token,
)
from consortia.organizations.policies import require_owner
from ronghe.common.errors import NotAllowed
from ronghe.common.lookups import first_or_not_found
from ronghe.common.text import fold

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ronghe.accounts.models import User

WRITING_ROLES = frozenset({Membership.Role.OWNER, Membership.Role.EDITOR})


def viewer_of(user: "User | AnonymousUser") -> Viewer:
    """Who is looking, with the organizations they act for; one query, none for strangers."""
    if not user.is_authenticated:
        return STRANGER
    rows = list(
        Membership.objects.filter(user_id=user.pk).values_list("organization_id", "role", "organization__status")
    )
    return Viewer(
        user_id=user.pk,
        organization_ids=frozenset(pk for pk, _role, _status in rows),
        editable_ids=frozenset(pk for pk, role, _status in rows if role in WRITING_ROLES),
        owned_ids=frozenset(pk for pk, role, _status in rows if role == Membership.Role.OWNER),
        is_member=any(status == Organization.Status.VERIFIED for _pk, _role, status in rows),
        is_curator=user.is_curator,
    )


def visible_organizations(viewer: Viewer) -> "models.QuerySet[Organization]":
    """Every organization that exists for the viewer and was not merged away, by name."""
    return visible(viewer, Organization.objects.exclude(status=Organization.Status.MERGED))


def organization_ids_by_identifier(*, scheme: str, values: Collection[str]) -> dict[str, int]:
    """Primary key of the organization that holds each of these identifiers; for importers, so for no viewer.

    Args:
        scheme: one of `Identifier.Scheme`.
        values: in the register's compact form.
    """
    held = Identifier.objects.filter(scheme=scheme, value__in=values)
    return dict(held.values_list("value", "organization_id"))


def search_organizations(viewer: Viewer, text: str) -> "models.QuerySet[Organization]":
    """Those whose known names contain the text, whatever the case, accents and punctuation."""
    return visible_organizations(viewer).filter(named_like(text))


def named_like(text: str) -> models.Q:
    """The condition that a known name contains the text; every organization meets an empty one."""
    folded = fold(text)
    if not folded:
        return models.Q()
    # A subquery, not a join: an organization with two fitting names stands in the list once.
    named = OrganizationName.objects.filter(folded__contains=folded)
    return models.Q(pk__in=named.values("organization_id"))


def organization_for(viewer: Viewer, public_id: UUID) -> Organization:
    """One organization by its public id.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    found = visible_organizations(viewer).prefetch_related("identifiers", "known_names").filter(public_id=public_id)
    return first_or_not_found(found, _("There is no such organization."))


def identifier_of(organization: Organization, *, scheme: str, value: str) -> Identifier:
    """One identifier of an organization, by its compact form.

    Raises:
        NotFound: the organization has no such identifier.
    """
    return first_or_not_found(
        organization.identifiers.select_related("organization").filter(scheme=scheme, value=value),
        _("The organization has no such identifier."),
    )


def own_organizations(viewer: Viewer) -> "models.QuerySet[Organization]":
    """The organizations that the viewer belongs to."""
    return Organization.objects.filter(pk__in=viewer.organization_ids)


def members_of(viewer: Viewer, organization: Organization) -> "models.QuerySet[Membership]":
    """The people of an organization, for those who belong to it.

    Raises:
        NotAllowed: the viewer does not belong to it.
    """
    if not viewer.is_curator and organization.pk not in viewer.organization_ids:
        raise NotAllowed(_("Only members see who belongs to this organization."))
    return Membership.objects.filter(organization=organization).select_related("user").order_by("created_at", "id")


def open_invitations_of(viewer: Viewer, organization: Organization) -> "models.QuerySet[Invitation]":
    """Who is invited to an organization, for its owners.

    Raises:
        NotAllowed: the viewer does not own it.
    """
    require_owner(viewer, organization)
    return Invitation.objects.filter(organization=organization, status=Invitation.Status.OPEN).order_by("-id")


def membership_for(viewer: Viewer, organization: Organization, person: UUID) -> Membership:
    """One person's membership, for those who belong to the organization.

    Raises:
        NotAllowed: the viewer does not belong to it.
        NotFound: the person does not.
    """
    return first_or_not_found(
        members_of(viewer, organization).select_related("organization").filter(user__public_id=person),
        _("This person has left the organization."),
    )


def invitation_for(viewer: Viewer, organization: Organization, public_id: UUID) -> Invitation:
    """One open invitation, for the organization's owners.

    Raises:
        NotAllowed: the viewer does not own it.
        NotFound: there is no such open invitation.
    """
    open_ones = open_invitations_of(viewer, organization).select_related("organization")
    return first_or_not_found(open_ones.filter(public_id=public_id), _("This invitation is not open."))


def invitation_by_token(token: str) -> Invitation:
    """The open invitation of a secret link; whoever holds the secret may read it.

    Raises:
        NotFound: no open invitation has this secret, or it has expired.
    """
    open_ones = Invitation.objects.filter(status=Invitation.Status.OPEN, expires_at__gt=timezone.now())
    return first_or_not_found(
        open_ones.select_related("organization", "invited_by").filter(token_hash=hash_of_token(token)),
        _("This invitation is not open. Ask for a new one."),
    )


def affiliations_of(viewer: Viewer, organization: Organization) -> "models.QuerySet[Affiliation]":
    """How an organization belongs together with others that exist for the viewer, in either direction."""
    others = visible_organizations(viewer).values("pk")
    outward = models.Q(organization=organization, other__in=others)
    inward = models.Q(other=organization, organization__in=others)
    return Affiliation.objects.filter(outward | inward).select_related("organization", "other").order_by("id")


def affiliate_pairs(organization_ids: Collection[int] | None = None) -> set[tuple[int, int]]:
    """Pairs of affiliated organizations, each in both directions; for the engine, so regardless of viewers.

    Args:
        organization_ids: only pairs that touch one of these; None takes all.
    """
    rows = Affiliation.objects.all()
    if organization_ids is not None:
        rows = rows.filter(models.Q(organization__in=organization_ids) | models.Q(other__in=organization_ids))
    pairs = set(rows.values_list("organization_id", "other_id"))
    return pairs | {(other, one) for one, other in pairs}


def has_owner(organization: Organization) -> bool:
    """Whether somebody owns the organization; what nobody owns can be claimed."""
    return Membership.objects.filter(organization=organization, role=Membership.Role.OWNER).exists()
