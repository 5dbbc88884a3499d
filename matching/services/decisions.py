"""Curators pin, demote or suppress an organization for a need, always with a reason; decisions survive recomputes."""

from django.db import transaction
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching.models import MatchDecision
from matching.policies import require_curator
from ronghe.common.errors import InvalidInput
from ronghe.common.validation import check_record, unique_or_conflict
from ronghe.events.services import emit


@transaction.atomic
def decide_match(*, actor: Viewer, need: Need, organization: Organization, kind: str, reason: str) -> MatchDecision:
    """Steer one organization in one need's list; the event that tells of it has the list recomputed.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: no reason was given, or it is no clean text.
    """
    require_curator(actor)
    if not reason.strip():
        message = _("Say why the list is steered: both sides may ask.")
        raise InvalidInput(message, fields={"reason": [message]})
    decision = MatchDecision.objects.filter(need=need, organization=organization).first()
    decision = decision or MatchDecision(need=need, organization=organization)
    decision.kind, decision.reason, decision.decided_by_id = kind, reason.strip(), actor.user_id
    check_record(decision)
    with unique_or_conflict(_("Somebody else has just decided on this pair. Look at it again."), field="organization"):
        decision.save()
    _announce(decision, f"match.{kind}", reason=decision.reason)
    return decision


@transaction.atomic
def withdraw_decision(*, actor: Viewer, decision: MatchDecision) -> None:
    """Let the engine's order stand again."""
    require_curator(actor)
    _announce(decision, "match.decision_withdrawn", reason=decision.reason)
    decision.delete()


def _announce(decision: MatchDecision, kind: str, *, reason: str) -> None:
    emit(
        kind=kind,
        subject=decision,
        payload={"need": decision.need_id, "organization": decision.organization_id, "reason": reason},
    )
