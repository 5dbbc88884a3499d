"""What a need could ask for instead."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from matching.engine.near_miss.changes import Change, Ladder, is_about, levels_between, meets
from matching.engine.types import Document, Need, Organization, Reason, TechnologyUse


def need_ladders(
    need: Need,
    organization: Organization,
    documents: Sequence[Document],
    reasons: Sequence[Reason],
    hidden: Collection[str],
) -> list[Ladder]:
    """Return what the asker could ask for instead so that the organization fits better.

    A hard rule that bars the organization comes alone: nothing else helps. Fields that a document restricts are never
    met half way, for the step would tell their value.
    """
    barred = [ladder for ladder in _rule_ladders(need, organization, reasons) if ladder]
    if barred:
        return barred
    ladders: list[Ladder] = []
    for document in documents:
        closed = document.restricted | frozenset(hidden)
        for name, ladder in _NEED_STEPS.items():
            if name not in closed:
                ladders.append(ladder(need, document))
    if organization.type is not None and need.partner_types and organization.type not in need.partner_types:
        args = {"type": organization.type}
        ladders.append((Change("partner_types", need.partner_types | {organization.type}, args),))
    return _first_of_each_field(ladders)


def _rule_ladders(need: Need, organization: Organization, reasons: Sequence[Reason]) -> list[Ladder]:
    codes = {reason.code for reason in reasons}
    ladders: list[Ladder] = []
    if "country_not_eligible" in codes and organization.country is not None:
        countries = need.eligible_countries | {organization.country}
        ladders.append((Change("eligible_countries", countries, {"country": organization.country}),))
    if "route_locked" in codes:
        ladders.append((Change("route_locked", value=False),))
    return ladders


def _target_steps(name: str) -> Callable[[Need, Document], Ladder]:
    """Move the target level towards the span that the document covers, a level at a time."""

    def steps(need: Need, document: Document) -> Ladder:
        wanted, found = getattr(need, name), getattr(document, name)
        if wanted is None or found is None:
            return ()
        low, target = wanted
        levels = levels_between(target, min(max(target, found[0]), found[1]))
        return tuple(Change(name, (min(low, level), level), {"to": level}) for level in levels)

    return steps


def _one_more(name: str) -> Callable[[Need, Document], Ladder]:
    """Accept one of the things that the document declares, where none of them is accepted yet."""

    def steps(need: Need, document: Document) -> Ladder:
        wanted, declared = getattr(need, name), getattr(document, name)
        if not wanted or wanted & declared or not declared:
            return ()
        first = min(declared)
        return (Change(name, wanted | {first}, {"key": first}),)

    return steps


def _fewer_interfaces(need: Need, document: Document) -> Ladder:
    missing = sorted(need.interfaces - document.interfaces) if document.interfaces else []
    return tuple(
        Change("interfaces", need.interfaces - set(missing[:count]), {"keys": ", ".join(missing[:count])})
        for count in range(1, len(missing) + 1)
    )


def _fewer_parameters(need: Need, document: Document) -> Ladder:
    """Give up wanted parameters that the document measures and misses; one that it restricts is not told."""
    missed = [
        parameter
        for parameter in need.parameters
        if any(is_about(item, parameter) for item in document.parameters)
        and not any(meets(item, parameter) for item in document.parameters)
        and not any(item.restricted for item in document.parameters if is_about(item, parameter))
    ]
    return tuple(
        Change(
            "parameters",
            tuple(item for item in need.parameters if item not in missed[:count]),
            {"keys": ", ".join(item.quantity for item in missed[:count])},
        )
        for count in range(1, len(missed) + 1)
    )


def _higher_budget(need: Need, document: Document) -> Ladder:
    if need.budget is None or document.price is None or document.price[0] <= need.budget[1]:
        return ()
    return (Change("budget", (need.budget[0], document.price[0])),)


def _later_deadline(need: Need, document: Document) -> Ladder:
    if need.deadline is None or document.available is None or document.available[0] <= need.deadline:
        return ()
    day = int(document.available[0])
    return (Change("deadline", day, {"day": day}),)


def _route_too(need: Need, document: Document) -> Ladder:
    """Accept the document's route beside those that the need names for the same technology."""
    wanted = {(use.technology, use.route) for use in need.technologies if use.route is not None}
    technologies = {technology for technology, _ in wanted}
    others = [
        use
        for use in document.technologies
        if use.route is not None and use.technology in technologies and (use.technology, use.route) not in wanted
    ]
    if not others:
        return ()
    route = others[0]
    value = (*need.technologies, TechnologyUse(route.technology, route.route))
    return (Change("technologies", value, {"route": route.route}),)


_NEED_STEPS: Mapping[str, Callable[[Need, Document], Ladder]] = MappingProxyType(
    {
        "trl": _target_steps("trl"),
        "mrl": _target_steps("mrl"),
        "technologies": _route_too,
        "cooperation_types": _one_more("cooperation_types"),
        "languages": _one_more("languages"),
        "regions": _one_more("regions"),
        "interfaces": _fewer_interfaces,
        "parameters": _fewer_parameters,
        "price": _higher_budget,
        "available": _later_deadline,
    }
)
"""By the field of the document that the step gives away."""


def _first_of_each_field(ladders: Iterable[Ladder]) -> list[Ladder]:
    """Keep one ladder per field: the strongest document's comes first."""
    kept: dict[str, Ladder] = {}
    for ladder in ladders:
        if ladder:
            kept.setdefault(ladder[0].name, ladder)
    return list(kept.values())
