"""What an organization could state, have confirmed or reach."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from matching.engine.near_miss.changes import Change, Ladder, levels_between, meets
from matching.engine.types import Document, JsonValue, Need, Parameter, TechnologyUse

_FIELDS_OF_KIND: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "capability": frozenset(
            {
                "trl", "mrl", "supply_role", "parameters", "cooperation_types", "interfaces", "languages", "regions",
                "price", "technologies", "day", "verified",
            }
        ),
        "facility": frozenset({"trl", "mrl", "price", "available", "technologies", "day", "verified"}),
        "experience": frozenset(),
    }
)  # fmt: skip
"""What an owner can change of each kind of document. The past is as it was."""
_NEED_FIELD: Mapping[str, str] = MappingProxyType({"price": "budget", "available": "deadline"})
"""The field of the need that gives away what a document should say, where the two are not spelt alike."""


def document_ladders(need: Need, document: Document, hidden: Collection[str]) -> list[Ladder]:
    """Return what the owner of a document could state, have confirmed or reach so that it fits the need better.

    Args:
        need: the need.
        document: one of the owner's documents.
        hidden: fields of the need that the owner may not know; what would tell them is left out.
    """
    allowed = [
        name
        for name in _DOCUMENT_STEPS
        if name in _FIELDS_OF_KIND[document.kind] and _NEED_FIELD.get(name, name) not in hidden
    ]
    return [ladder for name in allowed if (ladder := _DOCUMENT_STEPS[name](need, document))]


def _reached_steps(name: str) -> Callable[[Need, Document], Ladder]:
    """Reach one level more at a time until the span covers the target; without a span, state one that ends there."""

    def steps(need: Need, document: Document) -> Ladder:
        wanted, found = getattr(need, name), getattr(document, name)
        if wanted is None:
            return ()
        target = wanted[1]
        if found is None:
            return (Change(name, (target, target), {"to": target, "stated": False}, document.id),)
        low, high = found
        if high < target:
            levels = levels_between(high, target)
            return tuple(Change(name, (low, level), {"to": level, "stated": True}, document.id) for level in levels)
        levels = levels_between(low, min(low, target))
        return tuple(Change(name, (level, high), {"from": level, "stated": True}, document.id) for level in levels)

    return steps


def _role_sought(need: Need, document: Document) -> Ladder:
    """State the role sought where none is stated; one that is stated is what the document is."""
    if need.supply_role is None or document.supply_role is not None:
        return ()
    return (Change("supply_role", need.supply_role, {"role": need.supply_role}, document.id),)


def _declare_one(name: str) -> Callable[[Need, Document], Ladder]:
    """Declare one of the things wanted, where any one will do and none is declared."""

    def steps(need: Need, document: Document) -> Ladder:
        wanted, declared = getattr(need, name), getattr(document, name)
        if not wanted or wanted & declared:
            return ()
        first = min(wanted)
        return (Change(name, declared | {first}, {"key": first}, document.id),)

    return steps


def _declare_interfaces(need: Need, document: Document) -> Ladder:
    missing = sorted(need.interfaces - document.interfaces)
    return tuple(
        Change(
            "interfaces",
            document.interfaces | set(missing[:count]),
            {"keys": ", ".join(missing[:count])},
            document.id,
        )
        for count in range(1, len(missing) + 1)
    )


def _meet_parameters(need: Need, document: Document) -> Ladder:
    """Meet one more of the wanted parameters at a time; one that the need restricts is never named."""
    missed = [
        parameter
        for parameter in need.parameters
        if not parameter.restricted and not any(meets(item, parameter) for item in document.parameters)
    ]
    return tuple(
        Change(
            "parameters",
            (*document.parameters, *(_met(item) for item in missed[:count])),
            {"keys": ", ".join(item.quantity for item in missed[:count])},
            document.id,
        )
        for count in range(1, len(missed) + 1)
    )


def _price_in_budget(need: Need, document: Document) -> Ladder:
    if need.budget is None or (document.price is not None and document.price[0] <= need.budget[1]):
        return ()
    top = max(need.budget[1], 0.0)
    return (Change("price", (top, top), {"stated": document.price is not None}, document.id),)


def _slots_in_time(need: Need, document: Document) -> Ladder:
    if need.deadline is None or (document.available is not None and document.available[0] <= need.deadline):
        return ()
    first = float(need.deadline if need.as_of is None else min(need.as_of, need.deadline))
    return (Change("available", (first, float(need.deadline)), {"day": need.deadline}, document.id),)


def _name_technology(need: Need, document: Document) -> Ladder:
    """Name the first wanted technology where the document names none, or its route where it names that alone."""
    routes = {use.technology: use.route for use in document.technologies}
    missing = [
        use
        for use in need.technologies
        if not routes or (use.route is not None and use.technology in routes and routes[use.technology] is None)
    ]
    if not missing:
        return ()
    use = missing[0]
    kept = tuple(other for other in document.technologies if other.technology != use.technology)
    args: dict[str, JsonValue] = {"technology": use.technology, "route": use.route}
    return (Change("technologies", (*kept, TechnologyUse(use.technology, use.route)), args, document.id),)


def _confirm_today(need: Need, document: Document) -> Ladder:
    if need.as_of is None or (document.day is not None and document.day >= need.as_of):
        return ()
    return (Change("day", need.as_of, {}, document.id),)


def _have_verified(_need: Need, document: Document) -> Ladder:
    if document.verified is not None and document.verified >= 1:
        return ()
    return (Change("verified", 1.0, {}, document.id),)


_DOCUMENT_STEPS: Mapping[str, Callable[[Need, Document], Ladder]] = MappingProxyType(
    {
        "day": _confirm_today,
        "technologies": _name_technology,
        "trl": _reached_steps("trl"),
        "mrl": _reached_steps("mrl"),
        "supply_role": _role_sought,
        "cooperation_types": _declare_one("cooperation_types"),
        "languages": _declare_one("languages"),
        "regions": _declare_one("regions"),
        "interfaces": _declare_interfaces,
        "parameters": _meet_parameters,
        "verified": _have_verified,
        "available": _slots_in_time,
        "price": _price_in_budget,
    }
)
"""The least effort first: what only has to be said comes before what has to be done."""


def _met(wanted: Parameter) -> Parameter:
    """Return a measurement that meets a wish."""
    low, high = wanted.low, wanted.high
    value = high if wanted.operator == "le" else low
    return Parameter(wanted.quantity, "eq", low=value, dimension=wanted.dimension)
