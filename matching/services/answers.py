"""What the two sides say to a match, and the introduction that follows when both are interested."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.models import DisclosureGrant, Tier
from consortia.disclosure.services import grant_disclosure
from consortia.disclosure.viewer import Viewer
from matching.models import Introduction, Match, MatchFeedback
from matching.policies import require_side, sides_of
from ronghe.common.errors import Conflict, NotFound
from ronghe.common.text import validate_clean_text
from ronghe.common.validation import Faults
from ronghe.events.services import emit

Answer = Match.Answer

REASON_LENGTH: Final = 500
_NEXT: Final[Mapping[str, frozenset[str]]] = {
    Answer.NEW: frozenset({Answer.SEEN, Answer.INTERESTED, Answer.DECLINED}),
    Answer.SEEN: frozenset({Answer.INTERESTED, Answer.DECLINED}),
    Answer.INTERESTED: frozenset({Answer.DECLINED, Answer.CONTACTED}),
    # Whoever declined by mistake can come back, on purpose only.
    Answer.DECLINED: frozenset({Answer.INTERESTED}),
    Answer.CONTACTED: frozenset({Answer.DECLINED}),
}
_OUTCOMES: Final[Mapping[str, MatchFeedback.Outcome]] = {
    Answer.INTERESTED: MatchFeedback.Outcome.INTERESTED,
    Answer.DECLINED: MatchFeedback.Outcome.DECLINED,
    Answer.CONTACTED: MatchFeedback.Outcome.CONTACTED,
}


@transaction.atomic
def answer_match(*, actor: Viewer, match: Match, answer: str, reason: str = "", side: str = "") -> Match:
    """Say what one's side thinks of a match; when both are interested, they are introduced.

    Args:
        actor: an owner or editor of one of the two organizations.
        match: the match.
        answer: the new answer, a value of `Match.Answer`.
        reason: why; required to decline, at most 500 characters.
        side: ``need`` or ``organization``, for somebody who belongs to both.

    Raises:
        NotFound, NotAllowed: the actor may answer for neither side.
        InvalidInput: an unknown answer, a refusal without a reason, or an overlong one.
        Conflict: the answer does not follow from the present one.
    """
    own = require_side(actor, match, side)
    reason = reason.strip()
    _check(answer, reason)
    match = _locked(match)
    present = getattr(match, f"{own}_answer")
    if answer == present:
        return match
    if answer not in _NEXT[present]:
        raise _illegal(present, answer)
    setattr(match, f"{own}_answer", answer)
    setattr(match, f"{own}_decline_reason", reason if answer == Answer.DECLINED else "")
    match.save(update_fields=[f"{own}_answer", f"{own}_decline_reason", "updated_at"])
    if answer in _OUTCOMES:
        _remember(match, _OUTCOMES[answer], MatchFeedback.Party(own), reason=reason, user_id=actor.user_id)
        emit(kind=f"match.{answer}", subject=match, payload={**_parties(match), "side": own, "was": present})
    if match.need_answer == match.organization_answer == Answer.INTERESTED:
        _introduce(match)
    if answer in {Answer.CONTACTED, Answer.DECLINED}:
        Introduction.objects.filter(match=match, status=Introduction.Status.OPEN).update(
            status=Introduction.Status.ANSWERED, answered_at=timezone.now()
        )
    return match


def mark_seen(*, viewer: Viewer, match: Match) -> None:
    """Note that a side has opened a new match; whoever may not answer for it leaves no trace."""
    for side in sides_of(viewer, match):
        new = Match.objects.filter(pk=match.pk, **{f"{side}_answer": Answer.NEW})
        if new.update(**{f"{side}_answer": Answer.SEEN}):
            setattr(match, f"{side}_answer", Answer.SEEN)


@transaction.atomic
def mark_contracted(*, actor: Viewer, match: Match, side: str = "") -> MatchFeedback:
    """Record that a contract came of the match: the outcome that weighs most when weights are learned.

    Raises:
        NotFound, NotAllowed: the actor may answer for neither side.
        Conflict: the two were never introduced.
    """
    own = require_side(actor, match, side)
    locked = _locked(match)
    known = locked.feedback.filter(outcome=MatchFeedback.Outcome.CONTRACTED).first()
    if known is not None:
        return known
    if not Introduction.objects.filter(match=locked).exists():
        raise Conflict(_("Only a match that led to an introduction can lead to a contract."), code="not_introduced")
    emit(kind="match.contracted", subject=locked, payload={**_parties(locked), "side": own})
    return _remember(
        locked, MatchFeedback.Outcome.CONTRACTED, MatchFeedback.Party(own), reason="", user_id=actor.user_id
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


def next_answers(present: str) -> frozenset[str]:
    """The answers that may follow the present one."""
    return _NEXT[present]


def _check(answer: str, reason: str) -> None:
    faults = Faults()
    if answer not in Answer.values:
        faults.add("answer", _("Choose one of: %(answers)s.") % {"answers": ", ".join(sorted(Answer.values))})
    if answer == Answer.DECLINED and not reason:
        faults.add("reason", _("Say why you decline: the other side and the matching learn from it."))
    if len(reason) > REASON_LENGTH:
        faults.add("reason", _("Use at most %(most)d characters.") % {"most": REASON_LENGTH})
    try:
        validate_clean_text(reason)
    except ValidationError as error:
        faults.add("reason", error.messages[0])
    faults.raise_if_any()


def _locked(match: Match) -> Match:
    """The newest state of a match, held for this transaction; an unanswered one may have left the list meanwhile."""
    rows = Match.objects.select_for_update(of=("self",)).select_related("need")
    current = rows.filter(pk=match.pk).first()
    if current is None:
        raise NotFound(_("There is no such match any more: the list was computed anew."))
    return current


def _illegal(present: str, answer: str) -> Conflict:
    possible = ", ".join(str(Answer(choice).label) for choice in sorted(_NEXT[present]))
    message = _("The answer is “%(present)s” and cannot become “%(answer)s” now. Possible: %(possible)s.") % {
        "present": Answer(present).label,
        "answer": Answer(answer).label,
        "possible": possible,
    }
    return Conflict(message, code="illegal_answer", fields={"answer": [message]})


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
