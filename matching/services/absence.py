"""“Why is X not in this list?”: the engine's own answer, stage by stage, from the index that made the list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from consortia.disclosure.policies import highest_tier, may_see_field
from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching import engine
from matching.exposure import in_list
from matching.loading import load_needs, need_key, open_needs, organization_key
from matching.models import Match
from matching.policies import Side, require_party
from matching.results import encode_match, encode_reasons
from matching.services.newest_index import open_newest_index

Stage = Literal["hard_rules", "retrieval", "evidence", "scorecard", "selection"]
Reasons = tuple[dict[str, Any], ...]

STAGES: Final[Sequence[Stage]] = ("hard_rules", "retrieval", "evidence", "scorecard", "selection")
_FAILED_AT: Final[dict[str, Stage]] = {
    "hard_rule": "hard_rules",
    "not_retrieved": "retrieval",
    "below_cut": "selection",
}
_TOLD_BY: Final = {
    "country_not_eligible": "eligible_countries",
    "own_organization": "organization",
    "affiliate": "organization",
    "conflict_of_interest": "organization",
}
"""The field of the need that a hard rule gives away; what it must not reach is for the owner's eyes alone."""
_FOR_OWNERS: Final = frozenset({"export_gate"})
_UNDISCLOSED: Final[dict[str, Any]] = {"code": "undisclosed_rule", "args": {}}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one stage made of the pair. `passed` is None for a stage that was not reached."""

    stage: Stage
    passed: bool | None
    reasons: Reasons = ()


@dataclass(frozen=True, slots=True)
class Absence:
    """Why an organization is not in a need's list, or that it is.

    Attributes:
        side: from which side it is told.
        stage: ``listed`` when it is, ``need_not_open``, ``not_a_candidate``, or the engine's stage that dropped it.
        reasons: codes with arguments, for a template to put into the reader's language.
        verdicts: every stage in order; empty when matching never got to see the pair.
        match: the columns of the match that it would be, when it was scored.
    """

    side: Side
    stage: str
    reasons: Reasons = ()
    verdicts: tuple[Verdict, ...] = ()
    match: dict[str, Any] | None = None


def explain_absence(*, actor: Viewer, need: Need, organization: Organization) -> Absence:
    """Ask the newest index about one pair. Either side may ask; each is told what it may know of the other.

    Args:
        actor: a member of one of the two organizations, or a curator.
        need: the need, which exists for the actor.
        organization: the organization, which exists for the actor.

    Raises:
        NotAllowed: the actor belongs to neither side.
        Conflict: no recompute has finished yet, or its index is not on this host.
    """
    side = require_party(actor, need, organization)
    index, as_of = open_newest_index()
    encoded = list(load_needs(open_needs(as_of=as_of).filter(pk=need.pk), as_of=as_of))
    if not encoded:
        return Absence(side, "need_not_open", (_reason("need_not_open", need=need_key(need.pk)),))
    try:
        answer = index.explain_absence(encoded[0], organization_key(organization.pk))
    except engine.UnknownOrganizationError:
        return Absence(side, "not_a_candidate", (_reason("not_a_candidate"),))
    rank = _listed_rank(need, organization)
    if isinstance(answer, engine.Match) and rank is None and _is_withheld(need, organization):
        withheld: Reasons = (_reason("withheld", rank=answer.rank),)
        return Absence(side, "below_cut", withheld, _verdicts("selection", withheld, answer), encode_match(answer))
    if isinstance(answer, engine.Match):
        listed: Reasons = (_reason("listed", rank=rank or answer.rank),)
        return Absence(side, "listed", listed, _verdicts("", listed, answer), encode_match(answer))
    if rank is not None:
        # A curator pinned it, or the list is just being computed anew.
        return Absence(side, "listed", (_reason("listed", rank=rank),))
    reasons = tuple(encode_reasons(answer))
    if side == "organization":
        reasons = tuple(_disclosed(actor, need, reasons))
    failed = _FAILED_AT[answer.stage]
    return Absence(
        side=side,
        stage=answer.stage,
        reasons=reasons,
        verdicts=_verdicts(failed, reasons, answer.match),
        match=encode_match(answer.match) if answer.match else None,
    )


def _listed_rank(need: Need, organization: Organization) -> int | None:
    """The place in the list that people read now, where a curator's decision may have moved it."""
    listed = Match.objects.filter(in_list(), need=need, organization=organization)
    return listed.values_list("rank", flat=True).first()


def _is_withheld(need: Need, organization: Organization) -> bool:
    """Whether limits on exposure keep it out of the list; otherwise the list is just being computed anew."""
    return Match.objects.filter(need=need, organization=organization, rank__isnull=False).exists()


def _verdicts(failed: Stage | Literal[""], reasons: Reasons, match: engine.Match | None) -> tuple[Verdict, ...]:
    """Every stage in order: passed with its figures, failed with the reasons, or not reached."""
    verdicts = []
    passed: bool | None = True
    for stage in STAGES:
        if stage == failed:
            verdicts.append(Verdict(stage, passed=False, reasons=reasons))
            passed = None
        elif passed is None:
            verdicts.append(Verdict(stage, passed=None))
        else:
            told = reasons if stage == "selection" else _figures(stage, match)
            verdicts.append(Verdict(stage, passed=True, reasons=told))
    return tuple(verdicts)


def _figures(stage: Stage, match: engine.Match | None) -> Reasons:
    """What a stage that was passed counted."""
    if stage == "hard_rules":
        return (_reason("no_rule"),)
    if match is None:
        return ()
    text = next((line for line in match.contributions if line.criterion == "text"), None)
    if stage == "retrieval":
        documents = text.detail.args.get("documents", 0) if text else 0
        return (_reason("came_up", documents=max(int(documents or 0), len(match.supporting))),)
    if stage == "evidence":
        return (_reason("text_evidence", points=float(text.points), available=float(text.available)),) if text else ()
    return (_reason("scored", score=float(match.score), unknown=len(match.unknowns)),)


def _disclosed(actor: Viewer, need: Need, reasons: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The reasons without what they would give away of the need."""
    reached = highest_tier(actor, need.organization_id)
    hidden = False
    for reason in reasons:
        field = _TOLD_BY.get(reason["code"])
        if reason["code"] in _FOR_OWNERS or (field and not may_see_field(need, field, reached=reached)):
            hidden = True
        else:
            yield reason
    if hidden:
        yield _UNDISCLOSED


def _reason(code: str, **args: Any) -> dict[str, Any]:
    return {"code": code, "args": args}
