"""Taking over an organization that nobody owns: a person claims it, a curator decides."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_curator, require_person
from consortia.disclosure.viewer import Viewer
from consortia.organizations.models import Claim, Membership, Organization
from consortia.organizations.policies import require_in_good_standing, require_visible
from consortia.organizations.selectors import has_owner
from ronghe.common.errors import Conflict, InvalidInput
from ronghe.common.validation import check_record, unique_or_conflict
from ronghe.events.services import emit


@transaction.atomic
def claim_organization(*, actor: Viewer, organization: Organization, statement: str) -> Claim:
    """Ask to own an organization that nobody owns yet.

    Args:
        actor: the person who claims it.
        organization: one that exists for them, usually imported.
        statement: how a curator can tell that they act for it; at most 2000 characters.

    Raises:
        NotAllowed: nobody signed in.
        NotFound: the organization does not exist for the actor.
        InvalidInput: the statement is empty, too long or no text.
        Conflict: it has an owner, or the actor's claim is open.
    """
    claimant_id = require_person(actor)
    require_visible(actor, organization)
    require_in_good_standing(organization)
    if has_owner(organization):
        raise Conflict(_("This organization has an owner. Ask them for an invitation."), code="has_owner")
    claim = Claim(organization=organization, claimant_id=claimant_id, statement=statement.strip())
    check_record(claim)
    with unique_or_conflict(
        _("Your claim of this organization waits for a curator."), field="statement", code="claim_open"
    ):
        claim.save()
    emit(kind="organization.claimed", subject=organization, payload={"claim": claim.pk})
    return claim


@transaction.atomic
def decide_claim(*, actor: Viewer, claim: Claim, accept: bool, note: str = "") -> Claim:
    """Accept or refuse a claim. The claimant of an accepted one becomes owner, and the other open ones are refused.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: a refusal gives no reason.
        Conflict: the claim was decided, or the organization has an owner by now.
    """
    require_curator(actor)
    if not accept and not note.strip():
        message = _("Say why, so that the claimant knows what is missing.")
        raise InvalidInput(message, fields={"note": [message]})
    organization = Organization.objects.select_for_update().get(pk=claim.organization_id)
    if accept and has_owner(organization):
        raise Conflict(_("This organization has an owner by now. Refuse the claim."), code="has_owner")
    status = Claim.Status.ACCEPTED if accept else Claim.Status.REFUSED
    _close(claim_ids=[claim.pk], actor=actor, status=status, note=note.strip())
    if accept:
        _make_owner(organization, claim)
        rivals = Claim.objects.filter(organization=organization, status=Claim.Status.OPEN).values_list("pk", flat=True)
        _close(
            claim_ids=list(rivals),
            actor=actor,
            status=Claim.Status.REFUSED,
            note=_("Another claim of this organization was accepted."),
        )
    claim.refresh_from_db()
    emit(kind="organization.claim_decided", subject=organization, payload={"claim": claim.pk, "accepted": accept})
    return claim


def _close(*, claim_ids: list[int], actor: Viewer, status: Claim.Status, note: str) -> None:
    closed = Claim.objects.filter(pk__in=claim_ids, status=Claim.Status.OPEN).update(
        status=status,
        decided_by_id=actor.user_id,
        decided_at=timezone.now(),
        decision_note=note,
        updated_at=timezone.now(),
    )
    if closed < len(claim_ids):
        raise Conflict(_("This claim was decided meanwhile."), code="claim_decided")


def _make_owner(organization: Organization, claim: Claim) -> None:
    Membership.objects.update_or_create(
        organization=organization, user_id=claim.claimant_id, defaults={"role": Membership.Role.OWNER}
    )
