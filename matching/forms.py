"""Forms of the matching pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.viewer import Viewer
from consortia.organizations.models import Organization
from consortia.organizations.selectors import search_organizations
from matching.models import Match
from matching.policies import Side
from matching.services.answers import REASON_LENGTH, next_answers
from matching.services.searching import SEARCH_LENGTH

MOST_FOUND = 20


class DeclineForm(forms.Form):
    """Why a side declines."""

    side = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why it does not fit"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The other side reads it, and the matching learns from it."),
    )

    def __init__(self, *args: Any, side: Side, **kwargs: Any) -> None:
        kwargs["initial"] = {"side": side}
        super().__init__(*args, **kwargs)


class AbsenceForm(forms.Form):
    """Which organization is missed in a list: by its name, then by choosing among those found."""

    name = forms.CharField(label=_("Name of the organization"), max_length=200, required=False)
    organization = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def found(self, viewer: Viewer) -> list[Organization]:
        """Organizations that the viewer may know of and that bear the name typed."""
        name = self.cleaned_data.get("name", "")
        return list(search_organizations(viewer, name)[:MOST_FOUND]) if name else []


class PartnerSearchForm(forms.Form):
    """What somebody looks for, in their own words."""

    text = forms.CharField(
        label=_("What are you looking for?"),
        max_length=SEARCH_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A few words or a whole description, in Chinese or English. Nothing of it is saved."),
    )


def buttons_of(match: Match, side: Side) -> list[tuple[str, str]]:
    """The answers that a side can give with one press: value and label. Declining has a form of its own."""
    possible = next_answers(getattr(match, f"{side}_answer"))
    return [(value, str(label)) for value, label in _BUTTONS if value in possible]


_BUTTONS = (
    (Match.Answer.INTERESTED, _("We are interested")),
    (Match.Answer.CONTACTED, _("We are in contact")),
)
