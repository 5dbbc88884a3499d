"""Who acts for an organization: invitations, roles, and leaving. An organization that has an owner keeps one."""

import secrets

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_person
from consortia.disclosure.viewer import Viewer
from consortia.organizations.models import Invitation, Membership, Organization, hash_of_token
from consortia.organizations.policies import require_in_good_standing, require_owner, require_visible
from ronghe.accounts.models import User
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound
from ronghe.common.validation import unique_or_conflict
from ronghe.events.services import emit

TOKEN_BYTES = 32
MAX_OPEN_INVITATIONS = 50


@transaction.atomic
def invite_member(*, actor: Viewer, organization: Organization, email: str, role: str) -> tuple[Invitation, str]:
    """Invite somebody to act for an organization. An invitation of the same address that expired is replaced.

    Returns:
        The invitation, and the secret of its link in the only moment in which it can be read.

    Raises:
        NotFound, NotAllowed: the actor does not own the organization.
        InvalidInput: the address or the role cannot be accepted.
        Conflict: the person is a member, is invited, or too many invitations are open.
    """
    locked = _lock(organization)
    _require_owner_now(actor, locked)
    require_in_good_standing(locked)
    email = _checked_email(email)
    _check_role(role)
    if Membership.objects.filter(organization=locked, user__email__iexact=email).exists():
        message = _("This person is a member. Change their role instead.")
        raise Conflict(message, code="already_member", fields={"email": [message]})
    _make_room_for(locked, email)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        organization=locked,
        email=email,
        role=role,
        token_hash=hash_of_token(token),
        invited_by_id=require_person(actor),
    )
    emit(kind="organization.member_invited", subject=locked, payload={"invitation": invitation.pk})
    return invitation, token


@transaction.atomic
def accept_invitation(*, actor: Viewer, token: str) -> Membership:
    """Become a member by the secret link of an invitation.

    Raises:
        NotAllowed: nobody signed in, or the invitation is for another e-mail address.
        NotFound: no open invitation has this secret.
        Conflict: the invitation has expired, or the organization is suspended.
    """
    user = User.objects.get(pk=require_person(actor))
    invitation = Invitation.objects.select_related("organization").filter(token_hash=hash_of_token(token)).first()
    if invitation is None or invitation.status != Invitation.Status.OPEN:
        raise NotFound(_("This invitation is not open. Ask for a new one."))
    if invitation.expires_at <= timezone.now():
        raise Conflict(_("This invitation has expired. Ask for a new one."), code="invitation_expired")
    if user.email.casefold() != invitation.email.casefold():
        raise NotAllowed(
            _("This invitation is for %(email)s. Sign in with that address.") % {"email": invitation.email}
        )
    organization = _lock(invitation.organization)
    require_in_good_standing(organization)
    # Claimed by one conditional UPDATE: a link that is opened twice at once makes one member.
    taken = Invitation.objects.filter(pk=invitation.pk, status=Invitation.Status.OPEN)
    if not taken.update(status=Invitation.Status.ACCEPTED):
        raise NotFound(_("This invitation is not open. Ask for a new one."))
    with unique_or_conflict(_("You are a member already."), field="email", code="already_member"):
        membership = Membership.objects.create(organization=organization, user=user, role=invitation.role)
    emit(kind="organization.member_joined", subject=organization, payload={"user": user.pk, "role": membership.role})
    return membership


@transaction.atomic
def withdraw_invitation(*, actor: Viewer, invitation: Invitation) -> None:
    """Make the link of an invitation useless.

    Raises:
        NotFound, NotAllowed: the actor does not own the organization.
        Conflict: the invitation is not open.
    """
    require_owner(actor, invitation.organization)
    still_open = Invitation.objects.filter(pk=invitation.pk, status=Invitation.Status.OPEN)
    if not still_open.update(status=Invitation.Status.WITHDRAWN):
        raise Conflict(_("This invitation is not open."), code="invitation_closed")


@transaction.atomic
def change_role(*, actor: Viewer, membership: Membership, role: str) -> Membership:
    """Give a member another role.

    Raises:
        NotFound, NotAllowed: the actor does not own the organization, or the person has left.
        InvalidInput: there is no such role.
        Conflict: it would take the last owner away.
    """
    organization = _lock(membership.organization)
    _require_owner_now(actor, organization)
    _check_role(role)
    current = _current(membership)
    if current.role == Membership.Role.OWNER and role != Membership.Role.OWNER:
        _require_another_owner(current)
    current.role = role
    current.save(update_fields=["role", "updated_at"])
    emit(kind="organization.role_changed", subject=organization, payload={"user": current.user_id, "role": role})
    return current


@transaction.atomic
def remove_member(*, actor: Viewer, membership: Membership) -> None:
    """End somebody's membership.

    Raises:
        NotFound, NotAllowed: the actor does not own the organization, or the person has left.
        Conflict: they are the last owner.
    """
    organization = _lock(membership.organization)
    _require_owner_now(actor, organization)
    _end(_current(membership))


@transaction.atomic
def leave_organization(*, actor: Viewer, organization: Organization) -> None:
    """End one's own membership.

    Raises:
        NotFound: the actor is no member.
        Conflict: they are the last owner.
    """
    locked = _lock(organization)
    own = Membership.objects.filter(organization=locked, user_id=require_person(actor)).first()
    if own is None:
        raise NotFound(_("You are no member of this organization."))
    _end(own)


def _end(membership: Membership) -> None:
    if membership.role == Membership.Role.OWNER:
        _require_another_owner(membership)
    membership.delete()
    emit(kind="organization.member_left", subject=membership.organization, payload={"user": membership.user_id})


def _lock(organization: Organization) -> Organization:
    """Hold the organization's row: changes of its people go one after the other."""
    return Organization.objects.select_for_update().get(pk=organization.pk)


def _require_owner_now(actor: Viewer, organization: Organization) -> None:
    # The actor's rights were read before the lock; they may have been taken away since.
    require_visible(actor, organization)
    owns = Membership.objects.filter(
        organization=organization, user_id=require_person(actor), role=Membership.Role.OWNER
    ).exists()
    if not owns and not actor.is_curator:
        raise NotAllowed(_("Only owners of this organization do this. Ask one of them."))


def _current(membership: Membership) -> Membership:
    current = Membership.objects.select_related("organization").filter(pk=membership.pk).first()
    if current is None:
        raise NotFound(_("This person has left the organization."))
    return current


def _require_another_owner(membership: Membership) -> None:
    owners = Membership.objects.filter(organization_id=membership.organization_id, role=Membership.Role.OWNER)
    if not owners.exclude(pk=membership.pk).exists():
        message = _("The last owner stays. Make somebody else an owner first.")
        raise Conflict(message, code="last_owner", fields={"role": [message]})


def _make_room_for(organization: Organization, email: str) -> None:
    open_ones = Invitation.objects.filter(organization=organization, status=Invitation.Status.OPEN)
    open_ones.filter(expires_at__lte=timezone.now()).update(status=Invitation.Status.WITHDRAWN)
    if open_ones.filter(email__iexact=email).exists():
        message = _("This address is invited. Withdraw that invitation to send a new link.")
        raise Conflict(message, code="already_invited", fields={"email": [message]})
    if open_ones.count() >= MAX_OPEN_INVITATIONS:
        message = _("%(most)d invitations are open. Withdraw some first.") % {"most": MAX_OPEN_INVITATIONS}
        raise Conflict(message, code="too_many_invitations", fields={"email": [message]})


def _checked_email(email: str) -> str:
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise InvalidInput(error.messages[0], fields={"email": error.messages}) from error
    return email.strip()


def _check_role(role: str) -> None:
    if role not in Membership.Role.values:
        message = _("Choose one of: %(roles)s.") % {"roles": ", ".join(Membership.Role.values)}
        raise InvalidInput(message, code="unknown_role", fields={"role": [message]})
