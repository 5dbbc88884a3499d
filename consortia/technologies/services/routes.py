"""Routes: the competing ways to realise a technology, and the figures by which they are compared."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_curator
from consortia.disclosure.viewer import Viewer
from consortia.technologies.labelling import LONGEST_LABEL, checked_aliases
from consortia.technologies.models import Route, RouteMetric, Technology
from ronghe.common.errors import InvalidInput
from ronghe.common.units import to_base
from ronghe.common.validation import Faults, check_record, checked_texts, unique_or_conflict
from ronghe.events.services import emit

LONGEST_METRIC_NAME: Final = 120


@transaction.atomic
def add_route(
    *,
    actor: Viewer,
    technology: Technology,
    key: str,
    labels: Mapping[str, str],
    aliases: Mapping[str, Sequence[str]] | None = None,
    convergence: str = Route.Convergence.OPEN,
) -> Route:
    """Add a competing way to realise a technology.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: fields are at fault; all are named.
        Conflict: another route has this key.
    """
    require_curator(actor)
    faults = Faults()
    route = Route(technology=technology, key=key.strip(), convergence=convergence)
    with faults.collecting():
        route.labels = checked_texts(labels, field="labels", longest=LONGEST_LABEL, required=True)
    with faults.collecting():
        route.aliases = checked_aliases(aliases or {})
    with faults.collecting():
        check_record(route, exclude=["labels", "aliases"])
    faults.raise_if_any()
    with unique_or_conflict(_("Another route has this key. Choose another one."), field="key", code="key_taken"):
        route.save()
    emit(kind="technology.route_added", subject=technology, payload={"route": route.pk})
    return route


@transaction.atomic
def set_convergence(*, actor: Viewer, route: Route, convergence: str) -> Route:
    """Say how far the field has agreed on, or turned away from, a route.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: there is no such state.
    """
    require_curator(actor)
    if convergence not in Route.Convergence.values:
        message = _("Choose one of: %(states)s.") % {"states": ", ".join(Route.Convergence.values)}
        raise InvalidInput(message, fields={"convergence": [message]})
    route.claim_edit(expected_version=None)
    route.convergence = convergence
    route.save(update_fields=["convergence", "updated_at"])
    emit(kind="technology.route_changed", subject=route.technology, payload={"route": route.pk})
    return route


@transaction.atomic
def record_route_metric(
    *, actor: Viewer, route: Route, names: Mapping[str, str], value: float, unit: str, date: datetime.date, source: str
) -> RouteMetric:
    """Record a dated figure of merit of a route.

    Args:
        actor: a curator.
        route: the route it was measured on.
        names: what was measured, by language tag.
        value: finite, in `unit`.
        unit: anything pint reads; empty for a pure number.
        date: when it was published; not in the future.
        source: where it can be read.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: fields are at fault; all are named.
    """
    require_curator(actor)
    faults = Faults()
    metric = RouteMetric(route=route, value=value, unit=unit.strip(), date=date, source=source.strip())
    with faults.collecting():
        metric.names = checked_texts(names, field="names", longest=LONGEST_METRIC_NAME, required=True)
    with faults.collecting():
        to_base(value, metric.unit, field="unit")
    with faults.collecting():
        check_record(metric, exclude=["names"])
    if date > timezone.localdate():
        faults.add("date", _("The figure is from the future. Give the day on which it was published."))
    faults.raise_if_any()
    metric.save()
    emit(kind="technology.route_measured", subject=route.technology, payload={"route": route.pk})
    return metric
