"""Finding what a parameter measures by its label in any language, and adding what nobody measured before."""

from collections.abc import Iterable, Mapping

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from consortia.listings.models import QuantityKind, QuantityLabel
from ronghe.common.errors import InvalidInput
from ronghe.common.text import ENGLISH, fold
from ronghe.common.units import BaseQuantity, require_same_dimension
from ronghe.common.validation import is_unique_violation

LABEL_LENGTH = 120
_KEY_LENGTH = 120
_MOST_NAMESAKES = 50


def folded_labels(labels: Iterable[str]) -> list[str]:
    """The keys under which these labels are looked up."""
    return [folded for label in labels if (folded := fold(label))]


def known_quantities(labels: Iterable[str]) -> dict[str, QuantityKind]:
    """Folded label → quantity kind, for those of the labels that are known; one query."""
    rows = QuantityLabel.objects.filter(folded__in=set(folded_labels(labels))).select_related("quantity")
    return {row.folded: row.quantity for row in rows}


def quantity_of(labels: Mapping[str, str], known: Mapping[str, QuantityKind]) -> QuantityKind | None:
    """The one quantity kind that these labels name, or None when none of them is known.

    Raises:
        InvalidInput: the labels name different quantity kinds.
    """
    found = {known[folded].pk: known[folded] for folded in folded_labels(labels.values()) if folded in known}
    if len(found) > 1:
        names = ", ".join(str(kind) for kind in found.values())
        message = _("These labels name different quantities: %(names)s. Keep those of one.") % {"names": names}
        raise InvalidInput(message, code="ambiguous_quantity", fields={"labels": [message]})
    return next(iter(found.values()), None)


def obtain_quantity_kind(*, labels: Mapping[str, str], measured: BaseQuantity) -> QuantityKind:
    """Find the quantity kind of these labels, or add it; labels it did not have yet are added to it.

    Safe against others who add the same one at the same time: the unique folded label decides who was first.

    Args:
        labels: language tag → label, at least one of which has letters or digits.
        measured: a value of it, which fixes the dimension of a new kind.

    Raises:
        InvalidInput: the labels name different kinds, or the value has another dimension than the kind.
    """
    kind = quantity_of(labels, known_quantities(labels.values())) or _add_kind(labels, measured.dimension)
    require_same_dimension(measured, kind.dimension)
    _add_labels(kind, labels)
    return kind


def _add_kind(labels: Mapping[str, str], dimension: str) -> QuantityKind:
    slug = slugify(labels.get(ENGLISH) or next(iter(labels.values())), allow_unicode=True) or "quantity"
    for namesake in range(1, _MOST_NAMESAKES):
        suffix = f"-{namesake}" if namesake > 1 else ""
        key = f"{slug[: _KEY_LENGTH - len(suffix)]}{suffix}"
        try:
            with transaction.atomic():
                kind = QuantityKind.objects.create(key=key, labels=dict(labels), dimension=dimension)
                _insert_labels(kind, labels)
        except IntegrityError as error:
            if not is_unique_violation(error):
                raise
            first = quantity_of(labels, known_quantities(labels.values()))
            if first is not None:
                return first
        else:
            return kind
    message = _("Too many quantities are called %(key)s. Give a more exact name.") % {"key": slug}
    raise InvalidInput(message, fields={"labels": [message]})


def _add_labels(kind: QuantityKind, labels: Mapping[str, str]) -> None:
    known = known_quantities(labels.values())
    missing = {tag: label for tag, label in labels.items() if fold(label) and fold(label) not in known}
    for tag, label in missing.items():
        try:
            with transaction.atomic():
                _insert_labels(kind, {tag: label})
        except IntegrityError as error:
            # Somebody added the same label a moment ago; it is known now, which is all that was wanted.
            if not is_unique_violation(error):
                raise
    new_tags = {tag: label for tag, label in missing.items() if tag not in kind.labels}
    if new_tags:
        kind.labels = {**kind.labels, **new_tags}
        kind.save(update_fields=["labels", "updated_at"])


def _insert_labels(kind: QuantityKind, labels: Mapping[str, str]) -> None:
    # The same word in two languages is one label.
    rows = {fold(label): QuantityLabel(quantity=kind, language=tag, text=label) for tag, label in labels.items()}
    for folded, row in rows.items():
        row.folded = folded
    QuantityLabel.objects.bulk_create(row for folded, row in rows.items() if folded)
