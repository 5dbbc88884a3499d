import re

import pytest
from django import forms
from django.template import engines

from ronghe.common.errors import Conflict, InvalidInput
from ronghe.common.pages.forms import add_domain_error


class ThingForm(forms.Form):
    title = forms.CharField(label="Title", help_text="Short.")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")])
    roles = forms.MultipleChoiceField(
        label="Roles", choices=[("x", "X"), ("y", "Y")], widget=forms.CheckboxSelectMultiple, required=False
    )
    agreed = forms.BooleanField(label="Agreed", required=False)
    parameters = forms.CharField(label="Parameters", required=False)


def typed():
    form = ThingForm({"title": "A title", "kind": "a"})
    assert form.is_valid()
    return form


def test_a_fault_of_a_field_comes_back_to_the_field():
    form = typed()

    add_domain_error(form, InvalidInput("Mend it.", fields={"title": ["Too vague."]}))

    assert form.errors == {"title": ["Too vague."]}


def test_a_fault_inside_a_list_comes_back_to_the_list():
    form = typed()

    add_domain_error(form, InvalidInput("Mend it.", fields={"parameters.2.unit": ["Unknown unit."]}))

    assert form.errors == {"parameters": ["Unknown unit."]}


def test_a_field_of_another_name_is_found_through_the_map():
    form = typed()

    add_domain_error(form, InvalidInput("x", fields={"titles": ["Too long."]}), names={"titles": "title"})

    assert form.errors == {"title": ["Too long."]}


def test_what_has_no_field_is_said_on_top_and_nothing_is_lost():
    form = typed()

    add_domain_error(form, Conflict("There is one already.", fields={"identifier": ["Taken."], "title": ["Same."]}))

    assert form.non_field_errors() == ["Taken."]
    assert form.errors["title"] == ["Same."]
    assert form["title"].value() == "A title"


def test_an_error_without_fields_is_said_on_top():
    form = typed()

    add_domain_error(form, Conflict("Closed."))

    assert form.non_field_errors() == ["Closed."]


@pytest.fixture
def refused():
    form = ThingForm({"title": "", "kind": "z"})
    form.is_valid()
    return str(form)


def test_every_widget_has_a_label(refused):
    ids = set(re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', refused))
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', refused))

    wrapped = {"id_agreed", "id_roles_0", "id_roles_1"}
    assert ids == labelled | wrapped
    assert "<legend" in refused


def test_what_describes_a_widget_is_on_the_page(refused):
    described = {one for ids in re.findall(r'aria-describedby="([^"]+)"', refused) for one in ids.split()}

    assert described == {"id_title_helptext", "id_title_error", "id_kind_error"}
    assert described <= set(re.findall(r'id="([^"]+)"', refused))


def test_the_summary_leads_to_each_field(refused):
    summary = refused[: refused.index("</ul>")]

    assert re.findall(r'href="#([^"]+)"', summary) == ["id_title", "id_kind"]
    assert 'role="alert"' in summary


def test_widgets_are_styled_by_kind(refused):
    assert 'class="form-control is-invalid"' in refused
    assert 'class="form-select is-invalid"' in refused
    assert refused.count("form-check-input") == 3


def test_hostile_text_is_escaped():
    form = ThingForm({"title": "<script>alert(1)</script>", "kind": "<b>"})
    form.is_valid()

    page = engines["django"].from_string('{% include "components/form.html" %}').render({"form": form})

    assert "<script>" not in page
    assert "<b>" not in page
