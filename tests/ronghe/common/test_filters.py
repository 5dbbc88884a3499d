"""What a filter shows while it is not set."""

import pytest
from django.utils import translation

from consortia.organizations.filters import OrganizationFilter
from consortia.organizations.models import Organization

pytestmark = pytest.mark.database_free


@pytest.mark.parametrize(("language", "expected"), [("en", "Any"), ("zh-hans", "不限")])
def test_a_filter_that_is_not_set_takes_any(language, expected):
    form = OrganizationFilter({}, queryset=Organization.objects.none()).form
    with translation.override(language):
        first = {name: str(next(iter(form[name].subwidgets)).choice_label) for name in ("verified", "is_sme", "type")}
    assert first == dict.fromkeys(first, expected)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False), ("", None), ("unknown", None)])
def test_yes_no_or_any(text, value):
    filters = OrganizationFilter({"verified": text}, queryset=Organization.objects.none())
    assert filters.form.is_valid()
    assert filters.form.cleaned_data["verified"] is value
