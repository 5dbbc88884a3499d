"""“Why is X not in my list?”: the engine's own answer, from the index that made the list."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching import engine, indexes
from matching.loading import load_needs, need_key, open_needs, organization_key
from matching.models import Match, MatchRun
from matching.policies import require_asker
from matching.results import encode_match, encode_reasons
from ronghe.common.errors import Conflict


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
    run = MatchRun.objects.filter(status=MatchRun.Status.DONE).exclude(index_name="").order_by("-id").first()
    if run is None:
        raise _no_index()
    as_of = run.as_of or timezone.localdate()
    encoded = list(load_needs(open_needs(as_of=as_of).filter(pk=need.pk), as_of=as_of))
    if not encoded:
        return Absence(stage="need_not_open", reasons=({"code": "need_not_open", "args": {"need": need_key(need.pk)}},))
    try:
        index = indexes.load(run.index_name)
        answer = index.explain_absence(encoded[0], organization_key(organization.pk))
    except engine.IndexCorruptError as error:
        # A newer run may just have replaced it.
        raise _no_index() from error
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


def _no_index() -> Conflict:
    return Conflict(_("The matches are being computed. Ask again in a minute."), code="no_index")
