"""Forms of the facility pages. They only read what was typed: what is right is decided by the services."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.models import Tier
from consortia.facilities.drafts import FacilityDraft
from consortia.facilities.models import VerificationService
from consortia.facilities.services.offering import MOST_CAPACITY
from consortia.facilities.services.registering import NAME_LENGTH
from consortia.listings.drafts import TechnologyUseDraft
from consortia.listings.forms import ListField, level_field
from consortia.organizations.models import Organization
from consortia.technologies.labelling import keys_by_label
from ronghe.common.readiness import MRL_HIGHEST, TRL_HIGHEST
from ronghe.common.text import CHINESE, ENGLISH

_AS_TYPED = {"name_zh", "name_en", "technologies", "organization", "version"}


def _organization_field(organizations: Sequence[Organization]) -> forms.ChoiceField:
    choices = [(str(organization.public_id), str(organization)) for organization in organizations]
    return forms.ChoiceField(label=_("Organization"), choices=choices)


def chosen(form: forms.Form, organizations: Sequence[Organization]) -> Organization:
    """The organization that was chosen, or the only one there is."""
    public_id = form.cleaned_data.get("organization")
    return next(one for one in organizations if public_id in {None, str(one.public_id)})


class FacilityForm(forms.Form):
    """A facility as its operator describes it."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=NAME_LENGTH, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=NAME_LENGTH, required=False)
    description = forms.CharField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    technologies = ListField(
        label=_("Technologies"),
        required=False,
        help_text=_("Labels or keys, with commas between; a route after a slash, such as key/route-key."),
    )
    services = forms.MultipleChoiceField(
        label=_("Verification services"),
        choices=VerificationService.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    trl_in = level_field(_("TRL in"), TRL_HIGHEST)
    trl_out = level_field(_("TRL out"), TRL_HIGHEST)
    mrl_in = level_field(_("MRL in"), MRL_HIGHEST)
    mrl_out = level_field(_("MRL out"), MRL_HIGHEST)
    scale = forms.CharField(label=_("Scale"), max_length=120, required=False)
    batch = forms.CharField(label=_("Batch"), max_length=120, required=False)
    throughput = forms.FloatField(label=_("Throughput"), required=False)
    throughput_unit = forms.CharField(
        label=_("Unit of throughput"), max_length=40, required=False, help_text=_("Such as kg/day.")
    )
    precision = forms.CharField(label=_("Precision"), max_length=120, required=False)
    feedstocks = ListField(label=_("Feedstocks"), required=False, help_text=_("With commas between."))
    certificates = ListField(label=_("Certificates"), required=False, help_text=_("With commas between."))
    access = forms.CharField(
        label=_("Access conditions"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    price_amount = forms.DecimalField(label=_("Price"), max_digits=16, decimal_places=2, required=False)
    price_unit = forms.CharField(
        label=_("Price unit"),
        max_length=20,
        required=False,
        help_text=_("Such as per_day or per_batch. Only per_project is compared with budgets."),
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False, help_text=_("Such as CNY or EUR."))
    safety = forms.CharField(
        label=_("Safety and environment"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    ip_terms = forms.CharField(
        label=_("IP terms"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_active = forms.BooleanField(label=_("Offered to others"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    # Field of the service → field of the form, for its errors.
    service_names = {"names": "name_en", "disclosure": "tier_description"}
    disclosed = {
        "description": _("Description"),
        "precision": _("Precision"),
        "throughput": _("Throughput"),
        "slots": _("Slots"),
        "access": _("Access conditions"),
        "price": _("Price"),
        "ip_terms": _("IP terms"),
    }

    def __init__(self, *args: Any, organizations: Sequence[Organization] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Somebody who writes for one organization only is not asked for which.
        if len(organizations) > 1:
            self.fields = {"organization": _organization_field(organizations), **self.fields}
        for name, label in self.disclosed.items():
            self.fields[f"tier_{name}"] = forms.ChoiceField(
                label=format_lazy(_("Who sees it: {field}"), field=label),
                choices=[("", _("as usual")), *Tier.choices],
                required=False,
            )

    def draft(self, before: FacilityDraft | None = None) -> FacilityDraft:
        """The draft that the typed text describes.

        Args:
            before: keeps what the form does not show: names in further languages, weights and where it came from.
        """
        typed = self.cleaned_data
        columns = {
            name: value
            for name, value in typed.items()
            if name not in _AS_TYPED and not name.startswith("tier_") and value is not None
        }
        names = {**(before.names if before else {}), CHINESE: typed["name_zh"], ENGLISH: typed["name_en"]}
        kept = {name: getattr(before, name) for name in ("source", "source_id", "is_fictitious")} if before else {}
        return FacilityDraft(
            **{
                **kept,
                **columns,
                "names": {tag: name for tag, name in names.items() if name},
                "disclosure": {name: typed[f"tier_{name}"] for name in self.disclosed if typed[f"tier_{name}"]},
                "technologies": _uses(typed["technologies"], before),
            }
        )


def typed_from(draft: FacilityDraft) -> dict[str, Any]:
    """A draft as it stands in the form."""
    typed = {name: getattr(draft, name) for name in FacilityForm.base_fields if hasattr(draft, name)}
    typed["name_zh"] = draft.names.get(CHINESE, "")
    typed["name_en"] = draft.names.get(ENGLISH, "")
    typed["technologies"] = [
        f"{use.technology}/{use.route}" if use.route else use.technology for use in draft.technologies
    ]
    typed.update({f"tier_{name}": tier for name, tier in draft.disclosure.items()})
    return typed


def _uses(texts: Sequence[str], before: FacilityDraft | None) -> list[TechnologyUseDraft]:
    weights = {(use.technology, use.route): use.weight for use in before.technologies} if before else {}
    pairs = [text.partition("/") for text in texts]
    keys = keys_by_label(label.strip() for label, _slash, _route in pairs)
    uses = [(keys.get(label.strip(), label.strip()), route.strip() or None) for label, _slash, route in pairs]
    return [
        TechnologyUseDraft(technology=key, route=route, weight=weights.get((key, route), 1.0)) for key, route in uses
    ]


class _MomentField(forms.DateTimeField):
    """A date and time in the reader's time zone, to choose or to type."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class SlotForm(forms.Form):
    """A window to be offered."""

    starts_at = _MomentField(label=_("Starts"))
    ends_at = _MomentField(label=_("Ends"))
    capacity = forms.IntegerField(
        label=_("Capacity"),
        min_value=1,
        max_value=MOST_CAPACITY,
        initial=1,
        help_text=_("Units that can be in use at once."),
    )


class BookingForm(forms.Form):
    """A part of a slot that is asked for."""

    starts_at = _MomentField(label=_("Starts"))
    ends_at = _MomentField(label=_("Ends"))
    units = forms.IntegerField(label=_("Units"), min_value=1, initial=1)
    purpose = forms.CharField(label=_("Purpose"), max_length=500, required=False)

    def __init__(self, *args: Any, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(organizations) > 1:
            self.fields = {"organization": _organization_field(organizations), **self.fields}
