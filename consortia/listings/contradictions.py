"""What a need says against itself. Nothing of it keeps a need from being published, but its author should know."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from consortia.listings.models import Listing, Need, Parameter

_ROUNDING: Final = 1e-9
"""Relative difference of bounds that comes of converting units, and means nothing."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Fields that cannot all be met.

    Attributes:
        fields: their names as in a draft; rows by place ("parameters.0").
        message: what contradicts what, and what follows, in the reader's language.
    """

    fields: tuple[str, ...]
    message: str


def contradictions_of(listing: Listing) -> tuple[Contradiction, ...]:
    """Everything in a need that excludes something else in it; a capability asks for nothing and has none.

    Reads all parameters of the need, so prefetch them for a list.
    """
    if not isinstance(listing, Need):
        return ()
    return (*_between_parameters(list(listing.parameters.all())), *_between_countries(listing))


def _between_parameters(parameters: Sequence[Parameter]) -> Iterator[Contradiction]:
    for (place, one), (other_place, other) in combinations(enumerate(parameters), 2):
        if one.quantity_id == other.quantity_id and one.conditions == other.conditions and _apart(one, other):
            message = _("%(quantity)s: no value is both “%(one)s” and “%(other)s”. At most one of them can be met.")
            words = {"quantity": one.quantity, "one": one.written, "other": other.written}
            yield Contradiction((f"parameters.{place}", f"parameters.{other_place}"), message % words)


def _between_countries(need: Need) -> Iterator[Contradiction]:
    both = sorted(set(need.eligible_countries) & set(need.blocked_countries))
    if both:
        message = _("Eligible and blocked at once: %(countries)s. Organizations there are never matched.")
        countries = pgettext("between words", ", ").join(both)
        yield Contradiction(("eligible_countries", "blocked_countries"), message % {"countries": countries})
    wished = {region.partition("-")[0] for region in need.regions}
    if wished and need.eligible_countries and wished.isdisjoint(need.eligible_countries):
        message = _("None of the regions lies in an eligible country: whoever may take part is in the wrong place.")
        yield Contradiction(("regions", "eligible_countries"), message)


def _apart(one: Parameter, other: Parameter) -> bool:
    (low, high), (other_low, other_high) = _interval(one), _interval(other)
    start, end = max(low, other_low), min(high, other_high)
    return start > end and not math.isclose(start, end, rel_tol=_ROUNDING)


def _interval(parameter: Parameter) -> tuple[float, float]:
    """The values in base units that meet a parameter, its tolerance included."""
    slack = parameter.base_tolerance or 0.0
    low, high = parameter.base_low, parameter.base_low if parameter.base_high is None else parameter.base_high
    match parameter.operator:
        case Parameter.Operator.AT_LEAST:
            return low - slack, math.inf
        case Parameter.Operator.AT_MOST:
            return -math.inf, high + slack
    return low - slack, high + slack
