"""Tags that the shell's components are written with."""

from typing import Any, Final

from django import template
from django.contrib.messages import constants
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.forms.boundfield import BoundWidget
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_SPRITE: Final = "vendor/icons/sprite.svg"
_ALERTS: Final = {
    constants.DEBUG: "info",
    constants.INFO: "info",
    constants.SUCCESS: "success",
    constants.WARNING: "warning",
    constants.ERROR: "danger",
}
_ALERT_ICONS: Final = {"success": "check", "info": "info"}


@register.filter
def styled(field: BoundField) -> SafeString:
    """The field's widget with the classes that its kind has in the shell."""
    widget = field.field.widget
    classes = [str(widget.attrs.get("class", "")), _class_of(widget), "is-invalid" if field.errors else ""]
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


def _class_of(widget: Any) -> str:
    if isinstance(widget, (CheckboxInput, CheckboxSelectMultiple, RadioSelect)):
        return "form-check-input"
    if isinstance(widget, Select):
        return "form-select"
    return "form-control form-control-file" if isinstance(widget, FileInput) else "form-control"


@register.filter
def styled_choice(choice: BoundWidget) -> SafeString:
    """One box of a group with the class that it has in the shell."""
    choice.data["attrs"]["class"] = "form-check-input"
    return choice.tag()


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the label stands behind the box rather than above it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_choice_group(field: BoundField) -> bool:
    """Whether the field is several boxes, which want a fieldset with a legend."""
    return isinstance(field.field.widget, (CheckboxSelectMultiple, RadioSelect))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite. Without a label it is decoration, and hidden from screen readers."""
    address = f"{static(_SPRITE)}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"/></svg>', address)


@register.filter
def alert_class(level: int) -> str:
    """The shell's colour name for a message's level."""
    return _ALERTS.get(level, "info")


@register.filter
def alert_icon(level: int) -> str:
    """The icon that says the same as the colour, for those who do not see it."""
    return _ALERT_ICONS.get(alert_class(level), "alert")
