"""Who may answer and steer matches."""

from consortia.disclosure.viewer import Viewer
from matching.models import Match
from ronghe.common.errors import NotAllowed


def sides_of(viewer: Viewer, match: Match) -> frozenset[str]:
    """The sides of a match that the viewer may answer for: ``need``, ``organization``, both or none."""
    sides = {
        "need": match.need.organization_id in viewer.editable_ids,
        "organization": match.organization_id in viewer.editable_ids,
    }
    return frozenset(side for side, allowed in sides.items() if allowed)


def require_side(viewer: Viewer, match: Match) -> str:
    """The side for which the viewer answers.

    Raises:
        NotAllowed: the viewer may write for neither.
    """
    sides = sides_of(viewer, match)
    if not sides:
        raise NotAllowed("Only owners and editors of the two organizations answer a match.")
    return min(sides)


def require_curator(viewer: Viewer) -> None:
    """Raise NotAllowed unless the viewer curates."""
    if not viewer.is_curator:
        raise NotAllowed("Only curators steer matches.")
