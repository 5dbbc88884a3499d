"""The order that *broader* gives the taxonomy: a hierarchy with several parents and no circles."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from consortia.technologies.models import Technology, TechnologyRelation
from ronghe.common.errors import Conflict


def lock_hierarchy() -> None:
    """Draw broader arrows one after the other: two at once could close a circle that neither transaction sees.

    The oldest technology's row stands for the whole.
    """
    Technology.objects.select_for_update().order_by("pk").first()


def refuse_broader_cycles(technology_ids: Iterable[int]) -> None:
    """Refuse the state of the taxonomy in which a technology is broader than itself; call it inside the transaction.

    Args:
        technology_ids: primary keys of those from which new arrows were drawn.

    Raises:
        Conflict: one of them is; the message names the path.
    """
    broader: dict[int, list[int]] = defaultdict(list)
    arrows = TechnologyRelation.objects.filter(kind=TechnologyRelation.Kind.BROADER).order_by("id")
    for source, target in arrows.values_list("source_id", "target_id"):
        broader[source].append(target)
    for start in technology_ids:
        path = _way_back_to(start, broader)
        if path is not None:
            keys = dict(Technology.objects.filter(pk__in=path).values_list("pk", "key"))
            message = _("“Broader” would go round in a circle: %(path)s.") % {
                "path": " → ".join(keys[pk] for pk in path)
            }
            raise Conflict(message, code="broader_cycle", fields={"target": [message]})


def _way_back_to(start: int, broader: Mapping[int, list[int]]) -> list[int] | None:
    """The shortest path of broader arrows from a technology back to itself, or None; breadth first."""
    came_from: dict[int, int] = {}
    waiting = deque([start])
    while waiting:
        current = waiting.popleft()
        for parent in broader.get(current, ()):
            if parent == start:
                return _path(came_from, start, current)
            if parent not in came_from:
                came_from[parent] = current
                waiting.append(parent)
    return None


def _path(came_from: dict[int, int], start: int, last: int) -> list[int]:
    backwards = [start]
    current = last
    while current != start:
        backwards.append(current)
        current = came_from[current]
    return [start, *reversed(backwards)]
