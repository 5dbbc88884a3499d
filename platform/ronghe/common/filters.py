"""Filters that several rooms share, and how a list page arranges them."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.forms import Form, NullBooleanSelect
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


def filter_groups(form: Form, *, usual: Sequence[str]) -> dict[str, Any]:
    """The fields of a filter form as a list page shows them: the usual ones, and the others behind a click."""
    others = [form[name] for name in form.fields if name not in usual]
    return {
        "filters": form,
        "main_filters": [form[name] for name in usual],
        "more_filters": others,
        "more_filters_used": any(field.value() for field in others),
    }
