"""Forms in which listings are written. They only read what was typed: what is right is decided by the services."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.models import Tier
from consortia.listings.models import (
    DESCRIPTION_LENGTH,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
    Capability,
    CooperationType,
    IprStatus,
    ListingInterface,
    Need,
    Parameter,
    SupplyRole,
)
from consortia.organizations.models import Organization
from consortia.technologies.models import Interface, Route
from ronghe.common.readiness import MRL_HIGHEST, TRL_HIGHEST
from ronghe.common.text import CHINESE, ENGLISH

Choices = list[tuple[Any, Any]]

# Latin, full-width and enumeration comma.
_COMMAS: Final = re.compile("[,\uff0c\u3001]")
_NOT_STATED: Final = ("", _("not stated"))
_LANGUAGES: Final = [("", _("read it from the text")), (CHINESE, "中文"), (ENGLISH, "English")]


class ListField(forms.CharField):
    """Several short texts in one line, with commas between."""

    def clean(self, value: Any) -> list[str]:
        """The texts, without blanks."""
        return [item.strip() for item in _COMMAS.split(super().clean(value)) if item.strip()]

    def prepare_value(self, value: Any) -> Any:
        """A list as it is typed."""
        return ", ".join(value) if isinstance(value, list | tuple) else value


def _levels(highest: int) -> Choices:
    return [_NOT_STATED, *((level, str(level)) for level in range(1, highest + 1))]


def level_field(label: Any, highest: int) -> forms.TypedChoiceField:
    """A readiness level to choose."""
    return forms.TypedChoiceField(
        label=label, choices=lambda: _levels(highest), coerce=int, empty_value=None, required=False
    )


def _date_field(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=widget, required=False)


class ListingForm(forms.Form):
    """What needs and capabilities have in common: the text first."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    summary = forms.CharField(
        label=_("Summary"),
        max_length=SUMMARY_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In your own words, Chinese or English. Matches are found in this text."),
    )
    description = forms.CharField(
        label=_("Description"), max_length=DESCRIPTION_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 8})
    )
    language = forms.ChoiceField(label=_("Language of the text"), choices=_LANGUAGES, required=False)
    supply_role = forms.ChoiceField(label=_("Supply role"), choices=[_NOT_STATED, *SupplyRole.choices], required=False)
    trl_low = level_field(_("TRL from"), TRL_HIGHEST)
    trl_high = level_field(_("TRL to"), TRL_HIGHEST)
    mrl_low = level_field(_("MRL from"), MRL_HIGHEST)
    mrl_high = level_field(_("MRL to"), MRL_HIGHEST)
    cooperation_types = forms.MultipleChoiceField(
        label=_("Cooperation"),
        choices=CooperationType.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    ipr_status = forms.ChoiceField(label=_("IPR status"), choices=[_NOT_STATED, *IprStatus.choices], required=False)
    regions = ListField(
        label=_("Regions"), required=False, help_text=_("ISO 3166-2, with commas between, such as CN-JS, DE-BY.")
    )
    languages_spoken = ListField(label=_("Languages spoken"), required=False, help_text=_("Such as zh-Hans, en."))
    blocked_countries = ListField(
        label=_("Countries it must not reach"), required=False, help_text=_("Two letters each, with commas between.")
    )
    valid_until = _date_field(_("Valid until"), _("Empty: 365 days from publication."))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    # Fields whose readers the author chooses, in the order of the form.
    disclosed: Mapping[str, Any] = {
        "summary": _("Summary"),
        "description": _("Description"),
        "organization": _("Organization"),
        "regions": _("Regions"),
        "ipr_status": _("IPR status"),
        "parameters": _("Parameters"),
    }

    def __init__(self, *args: Any, organizations: Sequence[Organization] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Somebody who writes for one organization only is not asked for which.
        if len(organizations) > 1:
            choices = [(str(organization.public_id), str(organization)) for organization in organizations]
            field = forms.ChoiceField(label=_("Organization"), choices=choices)
            self.fields = {"organization": field, **self.fields}
        for name, label in self.disclosed.items():
            self.fields[f"tier_{name}"] = forms.ChoiceField(
                label=label, choices=[("", _("as usual")), *Tier.choices], required=False
            )

    def columns(self) -> dict[str, Any]:
        """What was typed, as fields of a draft."""
        typed = self.cleaned_data
        tiers = {name: typed[f"tier_{name}"] for name in self.disclosed if typed[f"tier_{name}"]}
        columns = {
            name: value
            for name, value in typed.items()
            if name not in {"organization", "version"} and not name.startswith("tier_")
        }
        return {**columns, "disclosure": tiers}


class NeedForm(ListingForm):
    """A need."""

    kind = forms.ChoiceField(label=_("What is sought"), choices=Need.Kind.choices)
    route_locked = forms.BooleanField(
        label=_("Only the routes named will do"), required=False, help_text=_("Other routes are not matched.")
    )
    deadline = _date_field(_("Deadline"))
    budget_min = forms.DecimalField(label=_("Budget from"), max_digits=16, decimal_places=2, required=False)
    budget_max = forms.DecimalField(label=_("Budget to"), max_digits=16, decimal_places=2, required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False, help_text=_("Such as CNY or EUR."))
    partner_types = forms.MultipleChoiceField(
        label=_("Partners sought"),
        choices=Organization.Type.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    eligible_countries = ListField(
        label=_("Eligible countries"), required=False, help_text=_("Two letters each; empty: all.")
    )
    required_certificates = ListField(
        label=_("Required certificates"), required=False, help_text=_("With commas between, such as ISO 9001, CNAS.")
    )
    process_stage = forms.ChoiceField(
        label=_("Process stage"), choices=[_NOT_STATED, *Need.ProcessStage.choices], required=False
    )

    disclosed = {
        **ListingForm.disclosed,
        "deadline": _("Deadline"),
        "eligible_countries": _("Eligible countries"),
        "budget": _("Budget"),
    }


class CapabilityForm(ListingForm):
    """A capability."""

    kind = forms.ChoiceField(label=_("What is offered"), choices=Capability.Kind.choices)
    price_model = forms.ChoiceField(
        label=_("Price model"),
        choices=[_NOT_STATED, *Capability.PriceModel.choices],
        required=False,
        help_text=_("Only a price per project or for a licence is compared with budgets."),
    )
    price_amount = forms.DecimalField(label=_("Price"), max_digits=16, decimal_places=2, required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False, help_text=_("Such as CNY or EUR."))
    capacity_zh = forms.CharField(label=_("Capacity in Chinese"), max_length=500, required=False)
    capacity_en = forms.CharField(label=_("Capacity in English"), max_length=500, required=False)

    disclosed = {**ListingForm.disclosed, "capacities": _("Capacity"), "price": _("Price")}

    def columns(self) -> dict[str, Any]:
        """What was typed, as fields of a draft."""
        columns = super().columns()
        texts = {CHINESE: columns.pop("capacity_zh"), ENGLISH: columns.pop("capacity_en")}
        return {**columns, "capacities": {tag: text for tag, text in texts.items() if text}}


class TechnologyRow(forms.Form):
    """A technology the listing is about."""

    technology = forms.CharField(
        label=_("Technology"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "technology-options", "autocomplete": "off"}),
    )
    route = forms.ChoiceField(label=_("Route"), required=False)
    weight = forms.FloatField(label=_("Weight"), required=False)

    def __init__(self, *args: Any, routes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        route = self.fields["route"]
        assert isinstance(route, forms.ChoiceField)  # noqa: S101  # narrows the type
        route.choices = [("", _("any route")), *routes]


class ParameterRow(forms.Form):
    """A parameter with its unit."""

    label_zh = forms.CharField(label=_("Quantity in Chinese"), max_length=120, required=False)
    label_en = forms.CharField(label=_("Quantity in English"), max_length=120, required=False)
    operator = forms.ChoiceField(label=_("Operator"), choices=Parameter.Operator.choices, required=False)
    value = forms.FloatField(label=_("Value"), required=False)
    value_high = forms.FloatField(label=_("Upper value"), required=False)
    unit = forms.CharField(label=_("Unit"), max_length=40, required=False)
    tolerance = forms.FloatField(label=_("Tolerance ±"), required=False)
    condition_zh = forms.CharField(label=_("Test condition in Chinese"), max_length=500, required=False)
    condition_en = forms.CharField(label=_("Test condition in English"), max_length=500, required=False)
    method_zh = forms.CharField(label=_("Method in Chinese"), max_length=500, required=False)
    method_en = forms.CharField(label=_("Method in English"), max_length=500, required=False)
    tier = forms.ChoiceField(label=_("Who sees it"), choices=[("", _("as usual")), *Tier.choices], required=False)


class InterfaceRow(forms.Form):
    """An interface the listing conforms to or requires."""

    interface = forms.ChoiceField(label=_("Interface"), required=False)
    mode = forms.ChoiceField(label=_("How"), choices=ListingInterface.Mode.choices, required=False)

    def __init__(self, *args: Any, interfaces: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        interface = self.fields["interface"]
        assert isinstance(interface, forms.ChoiceField)  # noqa: S101  # narrows the type
        interface.choices = [("", _("none")), *interfaces]


class TranslationRow(forms.Form):
    """The texts in another language."""

    language = forms.CharField(label=_("Language"), max_length=16, required=False, help_text=_("Such as zh-Hans, en."))
    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH, required=False)
    summary = forms.CharField(
        label=_("Summary"), max_length=SUMMARY_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=DESCRIPTION_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    is_machine_made = forms.BooleanField(label=_("Machine translation"), required=False)


def route_choices() -> Choices:
    """Every route, grouped by its technology."""
    groups: dict[str, Choices] = {}
    for route in Route.objects.select_related("technology").order_by("technology__key", "key"):
        groups.setdefault(str(route.technology), []).append((route.key, str(route)))
    return list(groups.items())


def interface_choices() -> Choices:
    """Every interface."""
    return [(interface.key, str(interface)) for interface in Interface.objects.order_by("key")]
