"""How every form looks, and how a broken rule of the domain comes back to the field it is about."""

from django.forms import BaseForm
from django.forms.renderers import TemplatesSetting

from ronghe.common.errors import DomainError


class ShellRenderer(TemplatesSetting):
    """Renders `{{ form }}` and `{{ field.as_field_group }}` with the shell's components."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


def add_domain_error(form: BaseForm, error: DomainError, *, names: dict[str, str] | None = None) -> None:
    """Show an error of a service on the form that caused it; nothing that was typed is lost.

    Args:
        form: bound form that found no fault itself; its fields get the messages that are about them, the summary on
            top gets the rest.
        error: what the service raised.
        names: field of the service → field of the form, where they differ.
    """
    placed = False
    general: list[str] = []
    for path, texts in error.fields.items():
        name = (names or {}).get(path, path.split(".", 1)[0])
        if name in form.fields:
            placed = True
            form.add_error(name, list(texts))
        else:
            general.extend(texts)
    if not placed and error.message not in general:
        general.insert(0, error.message)
    if general:
        form.add_error(None, general)
