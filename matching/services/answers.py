"""What the two sides say to a match, and the introduction that follows when both are interested."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consortia.disclosure.models import DisclosureGrant, Tier
from consortia.disclosure.services import grant_disclosure
from consortia.disclosure.viewer import Viewer
from matching.models import Introduction, Match, MatchFeedback
from matching.policies import require_side
from ronghe.common.errors import Conflict, InvalidInput
from ronghe.events.services import emit

Answer = Match.Answer

REASON_LENGTH: Final = 500
_NEXT: Final[dict[str, frozenset[str]]] = {
    Answer.NEW: frozenset({Answer.SEEN, Answer.INTERESTED, Answer.DECLINED}),
    Answer.SEEN: frozenset({Answer.INTERESTED, Answer.DECLINED}),
    Answer.INTERESTED: frozenset({Answer.DECLINED, Answer.CONTACTED}),
    # Whoever declined by mistake can come back, on purpose only.
    Answer.DECLINED: frozenset({Answer.INTERESTED}),
    Answer.CONTACTED: frozenset({Answer.DECLINED}),
}
_OUTCOMES: Final = {
    Answer.INTERESTED: MatchFeedback.Outcome.INTERESTED,
    Answer.DECLINED: MatchFeedback.Outcome.DECLINED,
    Answer.CONTACTED: MatchFeedback.Outcome.CONTACTED,
}


@transaction.atomic
def answer_match(*, actor: Viewer, match: Match, answer: Answer, reason: str = "") -> Match:
    """Say what one's side thinks of a match; when both are interested, they are introduced.

    Args:
        actor: an owner or editor of one of the two organizations.
        match: the match.
        answer: the new answer.
        reason: why; required to decline, at most 500 characters.

    Raises:
        NotAllowed: the actor belongs to neither side.
        InvalidInput: a refusal without a reason, or an overlong one.
        Conflict: the answer does not follow from the present one.
    """
    side = require_side(actor, match)
    reason = reason.strip()
    if answer == Answer.DECLINED and not reason:
        raise InvalidInput(
            "Say why you decline: the other side and the matching learn from it.",
            fields={"reason": ["Give a reason."]},
        )
    if len(reason) > REASON_LENGTH:
        raise InvalidInput("The reason is too long.", fields={"reason": [f"Use at most {REASON_LENGTH} characters."]})
    match = Match.objects.select_for_update().select_related("need").get(pk=match.pk)
    present = getattr(match, f"{side}_answer")
    if answer == present:
        return match
    if answer not in _NEXT[present]:
        raise Conflict(
            f"A match that is {present} cannot become {answer}; it can become {', '.join(sorted(_NEXT[present]))}.",
            code="illegal_answer",
            fields={"answer": [f"Choose one of: {', '.join(sorted(_NEXT[present]))}."]},
        )
    setattr(match, f"{side}_answer", answer)
    setattr(match, f"{side}_decline_reason", reason if answer == Answer.DECLINED else "")
    match.save(update_fields=[f"{side}_answer", f"{side}_decline_reason", "updated_at"])
    if answer in _OUTCOMES:
        _remember(match, _OUTCOMES[answer], MatchFeedback.Party(side), reason=reason, user_id=actor.user_id)
        emit(
            kind=f"match.{answer}",
            subject=match,
            payload={"need": match.need_id, "organization": match.organization_id, "side": side},
        )
    if match.need_answer == match.organization_answer == Answer.INTERESTED:
        _introduce(match)
    if answer == Answer.CONTACTED:
        Introduction.objects.filter(match=match, status=Introduction.Status.OPEN).update(
            status=Introduction.Status.ANSWERED, answered_at=timezone.now()
        )
    return match


@transaction.atomic
def mark_contracted(*, actor: Viewer, match: Match) -> MatchFeedback:
    """Record that a contract came of the match: the outcome that weighs most when weights are learned."""
    side = require_side(actor, match)
    locked = Match.objects.select_for_update().get(pk=match.pk)
    known = locked.feedback.filter(outcome=MatchFeedback.Outcome.CONTRACTED).first()
    if known is not None:
        return known
    if not Introduction.objects.filter(match=locked).exists():
        raise Conflict("Only matches that led to an introduction can lead to a contract.", code="not_introduced")
    return _remember(
        locked, MatchFeedback.Outcome.CONTRACTED, MatchFeedback.Party(side), reason="", user_id=actor.user_id
    )


def lapse_introductions() -> int:
    """Close the introductions whose response clock ran out; returns how many."""
    lapsed = 0
    due = Introduction.objects.filter(status=Introduction.Status.OPEN, respond_by__lt=timezone.now())
    for introduction in due.select_related("match__need"):
        with transaction.atomic():
            still_open = Introduction.objects.filter(pk=introduction.pk, status=Introduction.Status.OPEN)
            if still_open.update(status=Introduction.Status.LAPSED):
                emit(kind="introduction.lapsed", subject=introduction, payload=_parties(introduction.match))
                lapsed += 1
    return lapsed


def _introduce(match: Match) -> None:
    introduction, created = Introduction.objects.get_or_create(
        match=match,
        defaults={"respond_by": timezone.now() + timedelta(days=settings.MATCHING_RESPONSE_DAYS)},
    )
    if not created:
        return
    asking, offering = match.need.organization_id, match.organization_id
    for owner, viewer in ((asking, offering), (offering, asking)):
        grant_disclosure(
            owner_id=owner, viewer_id=viewer, tier=Tier.MATCHED, reason=DisclosureGrant.Reason.INTRODUCTION
        )
    _remember(match, MatchFeedback.Outcome.INTRODUCED, MatchFeedback.Party.BOTH, reason="", user_id=None)
    emit(kind="introduction.opened", subject=introduction, payload=_parties(match))


def _parties(match: Match) -> dict[str, int]:
    return {"need": match.need_id, "organization": match.organization_id, "asking": match.need.organization_id}


def _remember(
    match: Match, outcome: MatchFeedback.Outcome, party: MatchFeedback.Party, *, reason: str, user_id: int | None
) -> MatchFeedback:
    return MatchFeedback.objects.create(
        match=match,
        outcome=outcome,
        party=party,
        reason=reason,
        score=match.score,
        contributions=match.contributions,
        given_by_id=user_id,
    )
