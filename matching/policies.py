"""Who may answer and steer matches."""

from typing import Literal

from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_curator
from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching.models import Match
from ronghe.common.errors import InvalidInput, NotAllowed, NotFound

__all__ = ["Side", "is_on_asking_side", "require_curator", "require_party", "require_side", "sides_of"]

Side = Literal["need", "organization"]


def sides_of(viewer: Viewer, match: Match) -> tuple[Side, ...]:
    """The sides of a match that the viewer may answer for, the need's first."""
    sides: list[Side] = []
    if match.need.organization_id in viewer.editable_ids:
        sides.append("need")
    if match.organization_id in viewer.editable_ids:
        sides.append("organization")
    return tuple(sides)


def require_side(viewer: Viewer, match: Match, side: str = "") -> Side:
    """The side for which the viewer answers.

    Args:
        viewer: who answers.
        match: the match.
        side: ``need`` or ``organization``, for somebody who may answer for both; empty takes the only one.

    Raises:
        NotFound: the viewer belongs to neither side.
        NotAllowed: they do, but may not write for it.
        InvalidInput: they may answer for both and did not say for which.
    """
    sides = sides_of(viewer, match)
    if len(sides) > 1 and not side:
        message = _("You belong to both organizations. Say for which side you answer: need or organization.")
        raise InvalidInput(message, fields={"side": [message]})
    for own in sides:
        if side in {"", own}:
            return own
    belongs = {match.need.organization_id, match.organization_id} & viewer.organization_ids
    if not belongs and not viewer.is_curator:
        raise NotFound(_("There is no such match."))
    raise NotAllowed(_("Only owners and editors of the two organizations answer a match."))


def require_party(viewer: Viewer, need: Need, organization: Organization) -> Side:
    """The side of a pair, matched or not, on which the viewer is; whoever curates looks from the need's.

    Raises:
        NotAllowed: the viewer belongs to neither.
    """
    if is_on_asking_side(viewer, need):
        return "need"
    if organization.pk in viewer.organization_ids:
        return "organization"
    raise NotAllowed(_("Only the two organizations themselves ask why they are not matched."))


def is_on_asking_side(viewer: Viewer, need: Need) -> bool:
    """Whether the viewer belongs to the need's organization, or curates."""
    return viewer.is_curator or need.organization_id in viewer.organization_ids
