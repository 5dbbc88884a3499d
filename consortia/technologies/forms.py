"""The form with which anybody proposes a change to the taxonomy."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consortia.technologies.labelling import LONGEST_LABEL
from consortia.technologies.models import TaxonomyProposal
from ronghe.common.text import CHINESE, ENGLISH

Kind = TaxonomyProposal.Kind


class ProposalForm(forms.Form):
    """A technology that is missing."""

    key = forms.CharField(
        label=_("Key"), max_length=80, help_text=_("Lower-case letters, digits and hyphens, such as ene-fuel-cell.")
    )
    label_zh = forms.CharField(label=_("Label in Chinese"), max_length=LONGEST_LABEL, required=False)
    label_en = forms.CharField(label=_("Label in English"), max_length=LONGEST_LABEL, required=False)
    broader = forms.CharField(
        label=_("Under"), max_length=80, required=False, help_text=_("Key of the technology or field it belongs to.")
    )
    reason = forms.CharField(label=_("Why it is needed"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    # Field of the service → field of the form, for its errors.
    service_names = {"labels": "label_en", "content": "label_en"}

    def content(self) -> dict[str, Any]:
        """The proposal's content for an addition."""
        typed = self.cleaned_data
        labels = {CHINESE: typed["label_zh"], ENGLISH: typed["label_en"]}
        return {
            "key": typed["key"],
            "labels": {language: text for language, text in labels.items() if text},
            "broader_keys": [typed["broader"]] if typed["broader"] else [],
        }
