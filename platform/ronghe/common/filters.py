"""Filters that several rooms share."""

from typing import Any

import django_filters
from django.forms import NullBooleanSelect
from django.utils.translation import gettext_lazy as _


class YesNoAnySelect(NullBooleanSelect):
    """A choice of yes, no, or whatever it is; the last where nothing was chosen."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        # Of a record one may not know a fact; of a filter one always knows that it is not set.
        self.choices = [("unknown", _("Any")), ("true", _("Yes")), ("false", _("No"))]


class YesNoFilter(django_filters.BooleanFilter):
    """Keeps what is so, or what is not so; in a query ``true`` or ``false``."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"widget": YesNoAnySelect, **options})
