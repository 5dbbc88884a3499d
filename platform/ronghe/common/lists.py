"""JSON lists as model fields, each item checked."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

MAX_ITEMS = 100


@deconstructible
class EachItem:
    """Every item of a list is one of the choices, or passes the validator, and none stands twice."""

    def __init__(self, choices: Iterable[str] | None = None, validator: Callable[[str], None] | None = None) -> None:
        self.choices = sorted(choices) if choices is not None else None
        self.validator = validator

    def __call__(self, value: Any) -> None:
        """Raise ValidationError that names the first item at fault."""
        if not isinstance(value, list):
            raise ValidationError(_("Give a list."), code="not_a_list")
        if len(value) > MAX_ITEMS:
            raise ValidationError(_("Give at most %(most)d items."), code="too_many_items", params={"most": MAX_ITEMS})
        for item in value:
            self._check(item)
        if len(set(value)) != len(value):
            raise ValidationError(_("An item stands twice. Give each once."), code="duplicate_item")

    def _check(self, item: Any) -> None:
        if not isinstance(item, str):
            raise ValidationError(_("Every item is a text."), code="not_text")
        if self.choices is not None and item not in self.choices:
            raise ValidationError(
                _("“%(item)s” is not one of: %(choices)s."),
                code="unknown_item",
                params={"item": item[:60], "choices": ", ".join(self.choices)},
            )
        if self.validator is not None:
            self.validator(item)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EachItem) and (self.choices, self.validator) == (other.choices, other.validator)

    def __hash__(self) -> int:
        return hash((tuple(self.choices or ()), self.validator))
