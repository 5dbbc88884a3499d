"""The technologies, routes, interfaces and quantities that drafts name by key, looked up for many drafts at once."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from consortia.listings.drafts import ListingDraft, TechnologyUseDraft
from consortia.listings.models import QuantityKind
from consortia.listings.services.quantities import known_quantities
from consortia.technologies.models import Interface, Route, Technology
from consortia.technologies.selectors import resolve_key
from ronghe.common.errors import NotFound


@dataclass(frozen=True, slots=True)
class References:
    """What the keys in a set of drafts stand for.

    Attributes:
        technologies: key → technology; a key that was merged or replaced leads to what took its place.
        routes: key → route.
        interfaces: key → interface.
        quantities: folded label → quantity kind.
    """

    technologies: Mapping[str, Technology]
    routes: Mapping[str, Route]
    interfaces: Mapping[str, Interface]
    quantities: Mapping[str, QuantityKind]


def references_of(drafts: Sequence[ListingDraft]) -> References:
    """Look up everything that the drafts name: four queries for all drafts, and more for keys out of use."""
    uses = [use for draft in drafts for use in draft.technologies]
    labels = [label for draft in drafts for parameter in draft.parameters for label in _texts(parameter.labels)]
    return References(
        technologies=_technologies_by_key(use.technology for use in uses),
        routes=_routes_by_key(use.route for use in uses if use.route),
        interfaces=_interfaces_by_key(use.interface for draft in drafts for use in draft.interfaces),
        quantities=known_quantities(labels) if labels else {},
    )


def references_of_uses(uses: Sequence[TechnologyUseDraft]) -> References:
    """Look up the technologies and routes of something that has no other references."""
    return References(
        technologies=_technologies_by_key(use.technology for use in uses),
        routes=_routes_by_key(use.route for use in uses if use.route),
        interfaces={},
        quantities={},
    )


def _technologies_by_key(keys: Iterable[str]) -> dict[str, Technology]:
    wanted = {key for key in keys if isinstance(key, str)}
    found = {technology.key: technology for technology in Technology.objects.filter(key__in=wanted)} if wanted else {}
    retired = {key for key in wanted if key not in found or found[key].status == Technology.Status.DEPRECATED}
    for key in retired:
        # What was replaced or merged is rare enough to be followed one by one.
        with suppress(NotFound):
            found[key] = resolve_key(key)
    return found


def _routes_by_key(keys: Iterable[str]) -> dict[str, Route]:
    """Key → route."""
    wanted = set(keys)
    return {route.key: route for route in Route.objects.filter(key__in=wanted)} if wanted else {}


def _interfaces_by_key(keys: Iterable[str]) -> dict[str, Interface]:
    wanted = {key for key in keys if isinstance(key, str)}
    return {interface.key: interface for interface in Interface.objects.filter(key__in=wanted)} if wanted else {}


def _texts(labels: object) -> list[str]:
    return [label for label in labels.values() if isinstance(label, str)] if isinstance(labels, Mapping) else []
