"""Checking parameters: their quantity, their numbers, and the conversion to base units."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from consortia.disclosure.models import Tier
from consortia.listings.drafts import ParameterDraft
from consortia.listings.models import Parameter, QuantityKind
from consortia.listings.services.quantities import LABEL_LENGTH, folded_labels, quantity_of
from ronghe.common.errors import InvalidInput
from ronghe.common.units import BaseQuantity, require_same_dimension, to_base
from ronghe.common.validation import Faults, checked_texts

CONDITION_LENGTH: Final = 500
UNIT_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class Measure:
    """A parameter without faults.

    Attributes:
        labels: what is measured, by language tag.
        base: its value in base units, with the dimension.
        row: the unsaved parameter; its quantity is set when the listing is written.
    """

    labels: Mapping[str, str]
    base: BaseQuantity
    row: Parameter


def checked_measure(draft: ParameterDraft, *, known: Mapping[str, QuantityKind], default_tier: Tier) -> Measure:
    """Check one parameter and convert it to base units.

    Args:
        draft: what the author wrote.
        known: folded label → quantity kind.
        default_tier: who sees it when the draft does not say.

    Raises:
        InvalidInput: naming every fault.
    """
    faults = Faults()
    labels = _checked_labels(draft, faults)
    texts = {name: _checked_texts(draft, name, faults) for name in ("conditions", "methods")}
    tier = draft.tier or default_tier
    if tier not in Tier.values:
        faults.add("tier", _("Choose one of: %(choices)s.") % {"choices": ", ".join(Tier.values)})
    _check_numbers(draft, faults)
    base = None
    if not faults.fields.keys() & {"value", "value_high", "tolerance"}:
        with faults.collecting():
            base = _in_base_units(draft)
            kind = quantity_of(labels, known)
            if kind is not None:
                require_same_dimension(base.low, kind.dimension)
    faults.raise_if_any()
    assert base is not None  # noqa: S101  # narrows the type: without it a fault has been raised above
    row = Parameter(
        operator=draft.operator,
        value=float(draft.value),
        value_high=_float(draft.value_high),
        unit=draft.unit.strip(),
        tolerance=_float(draft.tolerance),
        base_low=base.low.value,
        base_high=base.high,
        base_tolerance=base.tolerance,
        tier=Tier(tier).value,
        **texts,
    )
    return Measure(labels=labels, base=base.low, row=row)


@dataclass(frozen=True, slots=True)
class _InBaseUnits:
    low: BaseQuantity
    high: float | None
    tolerance: float | None


def _in_base_units(draft: ParameterDraft) -> _InBaseUnits:
    unit = draft.unit.strip()
    if len(unit) > UNIT_LENGTH:
        message = _("A unit has at most %(longest)d characters.") % {"longest": UNIT_LENGTH}
        raise InvalidInput(message, fields={"unit": [message]})
    low = to_base(draft.value, unit)
    high = to_base(draft.value_high, unit).value if draft.value_high is not None else None
    # A difference, for on a scale with an offset 5 °C of tolerance are 5 K and not 278 K.
    tolerance = (
        abs(to_base(draft.value + draft.tolerance, unit).value - low.value) if draft.tolerance is not None else None
    )
    if not all(math.isfinite(number) for number in (low.value, high or 0.0, tolerance or 0.0)):
        message = _("In base units this number is too large. Check the value and the unit.")
        raise InvalidInput(message, code="not_finite", fields={"value": [message]})
    return _InBaseUnits(low=low, high=high, tolerance=tolerance)


def _checked_labels(draft: ParameterDraft, faults: Faults) -> Mapping[str, str]:
    labels: Mapping[str, str] = {}
    with faults.collecting():
        labels = checked_texts(draft.labels, field="labels", longest=LABEL_LENGTH, required=True)
    folded = folded_labels(labels.values())
    # Compatibility forms unfold into several letters, so the key may be longer than the label.
    if len(folded) < len(labels) or any(len(key) > LABEL_LENGTH for key in folded):
        faults.add("labels", _("Name what is measured in letters, such as energy density."))
    return labels


def _checked_texts(draft: ParameterDraft, name: str, faults: Faults) -> Mapping[str, str]:
    with faults.collecting():
        return checked_texts(getattr(draft, name), field=name, longest=CONDITION_LENGTH)
    return {}


def _check_numbers(draft: ParameterDraft, faults: Faults) -> None:
    for name in ("value", "value_high", "tolerance"):
        number = getattr(draft, name)
        missing_is_fine = name != "value"
        if number is None and missing_is_fine:
            continue
        if not _is_finite(number):
            faults.add(name, _("Give a finite number."))
    if draft.operator not in Parameter.Operator.values:
        faults.add("operator", _("Choose one of: %(choices)s.") % {"choices": ", ".join(Parameter.Operator.values)})
    if draft.operator == Parameter.Operator.BETWEEN and draft.value_high is None:
        faults.add("value_high", _("“Between” needs an upper value."))
    if draft.operator != Parameter.Operator.BETWEEN and draft.value_high is not None:
        faults.add("value_high", _("Only “between” has an upper value. Leave it empty."))
    if "value" in faults.fields or "value_high" in faults.fields or "tolerance" in faults.fields:
        return
    if draft.value_high is not None and draft.value_high < draft.value:
        faults.add("value_high", _("The upper value is below the lower one."))
    if draft.tolerance is not None and draft.tolerance < 0:
        faults.add("tolerance", _("A tolerance cannot be negative."))


def _is_finite(number: object) -> bool:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _float(number: float | None) -> float | None:
    return None if number is None else float(number)
