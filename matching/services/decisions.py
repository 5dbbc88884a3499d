"""Curators pin, demote or suppress an organization for a need, always with a reason; decisions survive recomputes."""

from django.db import transaction

from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching.models import MatchDecision
from matching.policies import require_curator
from matching.services.runs import request_incremental_run
from ronghe.common.errors import InvalidInput
from ronghe.events.services import emit


@transaction.atomic
def decide_match(
    *, actor: Viewer, need: Need, organization: Organization, kind: MatchDecision.Kind, reason: str
) -> MatchDecision:
    """Steer one organization in one need's list; the list is recomputed at once.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: no reason was given.
    """
    require_curator(actor)
    if not reason.strip():
        raise InvalidInput(
            "Give a reason: both sides may ask why.", fields={"reason": ["Say why the list is steered."]}
        )
    decision, _created = MatchDecision.objects.update_or_create(
        need=need,
        organization=organization,
        defaults={"kind": kind, "reason": reason.strip(), "decided_by_id": actor.user_id},
    )
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
    request_incremental_run(reason=kind, need_ids=[decision.need_id])
