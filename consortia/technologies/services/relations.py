"""Arrows between technologies."""

from django.db import transaction
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_curator
from consortia.disclosure.viewer import Viewer
from consortia.technologies.hierarchy import lock_hierarchy, refuse_broader_cycles
from consortia.technologies.models import Technology, TechnologyRelation
from ronghe.common.errors import InvalidInput
from ronghe.events.services import emit


@transaction.atomic
def relate_technologies(*, actor: Viewer, source: Technology, target: Technology, kind: str) -> TechnologyRelation:
    """State what one technology is to another; stating it twice is stating it once.

    Args:
        actor: a curator.
        source: the narrower, the related, or the dependent one.
        target: the broader, the related, or the one that is depended on.
        kind: one of `TechnologyRelation.Kind`.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: the kind is unknown, or both ends are the same.
        Conflict: a technology would become broader than itself; the message names the path.
    """
    require_curator(actor)
    if kind not in TechnologyRelation.Kind.values:
        message = _("Choose one of: %(kinds)s.") % {"kinds": ", ".join(TechnologyRelation.Kind.values)}
        raise InvalidInput(message, fields={"kind": [message]})
    if source.pk == target.pk:
        message = _("A technology is not related to itself. Choose another one.")
        raise InvalidInput(message, fields={"target": [message]})
    if kind == TechnologyRelation.Kind.BROADER:
        lock_hierarchy()
    relation, created = TechnologyRelation.objects.get_or_create(source=source, target=target, kind=kind)
    if created:
        if kind == TechnologyRelation.Kind.BROADER:
            refuse_broader_cycles([source.pk])
        emit(kind="technology.related", subject=source, payload={"target": target.pk, "relation": kind})
    return relation


@transaction.atomic
def unrelate_technologies(*, actor: Viewer, relation: TechnologyRelation) -> None:
    """Take an arrow away.

    Raises:
        NotAllowed: the actor is no curator.
    """
    require_curator(actor)
    source = relation.source
    relation.delete()
    emit(kind="technology.unrelated", subject=source)
