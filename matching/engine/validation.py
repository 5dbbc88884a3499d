"""The boundary: a record with an unusable value is named and reported, never half used."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from matching.engine.types import Document, Need, Organization, Parameter, Span, TechnologyUse, Text

MAX_ID = 200
TRL_LEVELS = (1, 9)
MRL_LEVELS = (1, 10)

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")
_KINDS = frozenset({"capability", "facility", "experience"})
_ROLES = frozenset({None, "coordinator", "participant", "partner"})
_REACHES = frozenset({"everybody", "needs", "searches"})
_OPERATORS = {"ge": ("low",), "le": ("high",), "eq": ("low",), "between": ("low", "high")}


def document_faults(document: Document) -> list[str]:
    """Return what is wrong with a document, empty when it can be used."""
    faults = [*_id_faults("id", document.id), *_id_faults("organization", document.organization)]
    if document.kind not in _KINDS:
        faults.append(f"kind is {document.kind!r}; use capability, facility or experience")
    if document.reach not in _REACHES:
        faults.append(f"reach is {document.reach!r}; use everybody, needs or searches")
    if document.role not in _ROLES:
        faults.append(f"role is {document.role!r}; use coordinator, participant, partner or None")
    faults += _shared_faults(document.texts, document.technologies, document.parameters, document.trl, document.mrl)
    faults += _span_faults("price", document.price)
    faults += _span_faults("available", document.available)
    faults += _share_faults("capacity", document.capacity)
    faults += _share_faults("verified", document.verified)
    faults += _number_faults("day", document.day)
    faults += _number_faults("valid_until", document.valid_until)
    return faults


def organization_faults(organization: Organization) -> list[str]:
    """Return what is wrong with an organization, empty when it can be used."""
    faults = [*_id_faults("id", organization.id), *_place_faults(organization.place)]
    faults += _share_faults("verification", organization.verification)
    faults += _number_faults("day", organization.day)
    for partner, weight in organization.partners:
        if not math.isfinite(weight) or weight <= 0:
            faults.append(f"partners gives {partner} the weight {weight}; give a number above 0")
    return faults


def need_faults(need: Need) -> list[str]:
    """Return what is wrong with a need, empty when it can be matched."""
    faults = [*_id_faults("id", need.id), *_place_faults(need.place)]
    faults += _shared_faults(need.texts, need.technologies, need.parameters, need.trl, need.mrl)
    faults += _span_faults("budget", need.budget)
    faults += _number_faults("deadline", need.deadline)
    faults += _number_faults("as_of", need.as_of)
    return faults


def _shared_faults(
    texts: Iterable[Text],
    technologies: Iterable[TechnologyUse],
    parameters: Iterable[Parameter],
    trl: Span | None,
    mrl: Span | None,
) -> Iterator[str]:
    for text in texts:
        if not isinstance(text.title, str) or not isinstance(text.body, str) or not isinstance(text.lang, str):
            yield "texts holds something that is not text"
    for use in technologies:
        if not use.technology or not math.isfinite(use.weight) or not 0 < use.weight <= 1:
            yield f"the weight of technology {use.technology!r} is {use.weight}; give a number above 0 and up to 1"
    for parameter in parameters:
        yield from _parameter_faults(parameter)
    yield from _span_faults("trl", trl, TRL_LEVELS)
    yield from _span_faults("mrl", mrl, MRL_LEVELS)


def _parameter_faults(parameter: Parameter) -> Iterator[str]:
    name = f"parameter {parameter.quantity!r}"
    if parameter.operator not in _OPERATORS:
        yield f"{name} has the operator {parameter.operator!r}; use ge, le, between or eq"
        return
    for bound in _OPERATORS[parameter.operator]:
        value = getattr(parameter, bound)
        if value is None or not math.isfinite(value):
            yield f"{name} has {value} as {bound}; give a finite number"
            return
    if not math.isfinite(parameter.tolerance) or parameter.tolerance < 0:
        yield f"{name} has the tolerance {parameter.tolerance}; give a number of 0 or more"
    if parameter.operator == "between" and (parameter.low or 0.0) > (parameter.high or 0.0):
        yield f"{name} asks for between {parameter.low} and {parameter.high}; put the lower bound first"


def _span_faults(name: str, span: Span | None, levels: tuple[int, int] | None = None) -> Iterator[str]:
    if span is None:
        return
    low, high = span
    if not (math.isfinite(low) and math.isfinite(high)):
        yield f"{name} is {low} to {high}; give finite numbers"
    elif low > high:
        yield f"{name} is {low} to {high}; put the lower bound first"
    elif levels and not (levels[0] <= low and high <= levels[1]):
        yield f"{name} is {low} to {high}; levels run from {levels[0]} to {levels[1]}"


def _place_faults(place: tuple[float, float] | None) -> Iterator[str]:
    if place is None:
        return
    latitude, longitude = place
    # Written so that NaN, which compares false with everything, is refused too.
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        yield f"place is {latitude}, {longitude}; give degrees of latitude and longitude"


def _share_faults(name: str, value: float | None) -> Iterator[str]:
    if value is not None and not 0 <= value <= 1:
        yield f"{name} is {value}; give a number from 0 to 1"


def _number_faults(name: str, value: float | None) -> Iterator[str]:
    if value is not None and not math.isfinite(value):
        yield f"{name} is {value}; give a finite number"


def _id_faults(name: str, value: str) -> Iterator[str]:
    if not isinstance(value, str) or not value or len(value) > MAX_ID or _CONTROL.search(value):
        yield f"{name} is {str(value)[:MAX_ID]!r}; give 1 to {MAX_ID} characters without control characters"
