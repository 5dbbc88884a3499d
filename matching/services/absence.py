"""“Why is X not in my list?”: the engine's own answer, from the index that made the list."""

from dataclasses import dataclass
from typing import Any

from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching import engine
from matching.loading import load_needs, need_key, open_needs, organization_key
from matching.models import Match
from matching.policies import require_asker
from matching.results import encode_match, encode_reasons
from matching.services.newest_index import open_newest_index


@dataclass(frozen=True, slots=True)
class Absence:
    """Why an organization is not in a need's list, or that it is.

    Attributes:
        stage: ``listed`` when it is, ``need_not_open``, ``not_a_candidate``, or the engine's stage that dropped it.
        reasons: codes with arguments, for a template to put into the reader's language.
        match: the columns of the match that it would be, when it was scored.
    """

    stage: str
    reasons: tuple[dict[str, Any], ...] = ()
    match: dict[str, Any] | None = None


def explain_absence(*, actor: Viewer, need: Need, organization: Organization) -> Absence:
    """Ask the newest index about one pair.

    Raises:
        NotAllowed: the actor does not belong to the need's organization.
        Conflict: no recompute has finished yet, or its index is not on this host.
    """
    require_asker(actor, need)
    listed = Match.objects.filter(need=need, organization=organization, rank__isnull=False).first()
    if listed is not None:
        return Absence(stage="listed", reasons=({"code": "listed", "args": {"rank": listed.rank}},))
    index, as_of = open_newest_index()
    encoded = list(load_needs(open_needs(as_of=as_of).filter(pk=need.pk), as_of=as_of))
    if not encoded:
        return Absence(stage="need_not_open", reasons=({"code": "need_not_open", "args": {"need": need_key(need.pk)}},))
    try:
        answer = index.explain_absence(encoded[0], organization_key(organization.pk))
    except engine.UnknownOrganizationError:
        return Absence(stage="not_a_candidate", reasons=({"code": "not_a_candidate", "args": {}},))
    if isinstance(answer, engine.Match):
        # It would be listed by the newest index; the list itself is being recomputed.
        return Absence(stage="listed", reasons=({"code": "listed", "args": {"rank": answer.rank}},))
    return Absence(
        stage=answer.stage,
        reasons=tuple(encode_reasons(answer)),
        match=encode_match(answer.match) if answer.match else None,
    )
