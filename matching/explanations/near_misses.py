"""What would lift an organization into a list, in sentences to the side that can do it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from consortia.disclosure.viewer import Viewer
from matching import engine
from matching.explanations.labels import Labels, load_labels_of, split
from matching.explanations.records import Records, load_records

_NEED: Final[Mapping[str, str | Promise]] = {
    "trl": gettext_lazy("ask for TRL %(to)g"),
    "mrl": gettext_lazy("ask for MRL %(to)g"),
    "technologies": gettext_lazy("accept the route %(route)s too"),
    "route_locked": gettext_lazy("unlock the routes"),
    "eligible_countries": gettext_lazy("let organizations from %(country)s take part"),
    "partner_types": gettext_lazy("accept this type of partner too: %(type)s"),
    "cooperation_types": gettext_lazy("accept this kind of cooperation too: %(key)s"),
    "languages": gettext_lazy("accept this working language too: %(key)s"),
    "regions": gettext_lazy("accept this region too: %(key)s"),
    "interfaces": gettext_lazy("do without these interfaces: %(keys)s"),
    "parameters": gettext_lazy("give up these parameters: %(keys)s"),
    "budget": gettext_lazy("raise the budget to its price"),
    "deadline": gettext_lazy("move the deadline to %(day)s"),
}
_ORGANIZATION: Final[Mapping[str, str | Promise]] = {
    "trl.stated": gettext_lazy("reach TRL %(to)g"),
    "trl.unstated": gettext_lazy("state TRL %(to)g, where it has been reached"),
    "trl.below": gettext_lazy("offer it from TRL %(from)g"),
    "mrl.stated": gettext_lazy("reach MRL %(to)g"),
    "mrl.unstated": gettext_lazy("state MRL %(to)g, where it has been reached"),
    "mrl.below": gettext_lazy("offer it from MRL %(from)g"),
    "technologies": gettext_lazy("name the technology %(technology)s, where it is about it"),
    "technologies.route": gettext_lazy("name the route %(route)s of %(technology)s, where it takes it"),
    "supply_role": gettext_lazy("state the supply role, where it is this one: %(role)s"),
    "cooperation_types": gettext_lazy("offer this kind of cooperation too: %(key)s"),
    "languages": gettext_lazy("state this working language: %(key)s"),
    "regions": gettext_lazy("offer it in this region too: %(key)s"),
    "interfaces": gettext_lazy("conform to these interfaces: %(keys)s"),
    "parameters": gettext_lazy("measure and meet these parameters: %(keys)s"),
    "price.stated": gettext_lazy("offer a price within the budget"),
    "price.unstated": gettext_lazy("state a price for the whole work, where it lies within the budget"),
    "available": gettext_lazy("offer slots before %(day)s"),
    "day": gettext_lazy("confirm that the record is up to date"),
    "verified": gettext_lazy("have evidence for it verified"),
}


@dataclass(frozen=True, slots=True)
class WayView:
    """One way into the list: what to do, and the score and place that follow."""

    steps: tuple[str, ...]
    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class NearMissView:
    """How near an organization is to a list.

    Attributes:
        side: ``need`` or ``organization``: whose records would change.
        needed: points that are missing; None when it was not scored or is in the list.
        ways: ways in, the smallest first.
    """

    side: str
    needed: float | None
    ways: tuple[WayView, ...]


def explain_near_miss(viewer: Viewer, near_miss: engine.NearMiss) -> NearMissView:
    """Put a near miss into words, naming no record that the viewer may not know of."""
    changes = [change for way in near_miss.ways for change in way.changes]
    labels = load_labels_of({key for change in changes for key in _keys_of(change)})
    records = load_records(viewer, {change.document for change in changes if change.document})
    needed = None
    if near_miss.score is not None and near_miss.cut is not None:
        needed = float(near_miss.cut - near_miss.score)
    ways = tuple(
        WayView(
            steps=tuple(_step(change, near_miss.side, labels, records) for change in way.changes),
            score=float(way.score),
            rank=way.rank,
        )
        for way in near_miss.ways
    )
    return NearMissView(near_miss.side, needed, ways)


def code_of(change: engine.Change, side: str) -> str:
    """The code under which a change has its sentence."""
    if side == "need":
        return change.name
    if change.name == "technologies" and change.args.get("route"):
        return "technologies.route"
    if "from" in change.args:
        return f"{change.name}.below"
    if "stated" in change.args:
        return f"{change.name}.{'stated' if change.args['stated'] else 'unstated'}"
    return change.name


def _step(change: engine.Change, side: str, labels: Labels, records: Records) -> str:
    templates = _NEED if side == "need" else _ORGANIZATION
    text = str(templates[code_of(change, side)]) % _values(change.args, labels)
    if not change.document:
        return text
    return _("%(change)s (%(record)s)") % {"change": text, "record": records.of(change.document).title}


def _values(args: Mapping[str, Any], labels: Labels) -> dict[str, Any]:
    put: Mapping[str, Callable[[Any], str]] = {
        "day": lambda day: date_format(date.fromordinal(int(day)), "DATE_FORMAT"),
        "keys": lambda keys: pgettext("between words", ", ").join(map(labels.of, split(keys))),
    }
    return {
        name: put[name](value) if name in put else labels.of(value) if isinstance(value, str) else value
        for name, value in args.items()
    }


def _keys_of(change: engine.Change) -> Iterable[str]:
    for name, value in change.args.items():
        if isinstance(value, str):
            yield from split(value) if name == "keys" else [value]
