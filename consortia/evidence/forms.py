"""The form with which an organization claims evidence."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from consortia.evidence.models import Evidence
from consortia.evidence.services import EvidenceDraft
from consortia.organizations.models import Organization
from consortia.technologies.models import Technology


class EvidenceForm(forms.Form):
    """A document that speaks for the organization."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Evidence.Kind.choices)
    title = forms.CharField(label=_("Title"), max_length=300)
    issuer = forms.CharField(label=_("Issuer"), max_length=200)
    reference = forms.CharField(
        label=_("Reference"),
        max_length=120,
        required=False,
        help_text=_("Patent number, DOI, certificate number."),
    )
    issued_on = forms.DateField(label=_("Issued"), widget=forms.DateInput(attrs={"type": "date"}))
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    link = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https")
    technologies = forms.ModelMultipleChoiceField(
        label=_("Technologies"),
        queryset=Technology.objects.none(),
        required=False,
        help_text=_("What it is about; none for the organization as a whole."),
    )
    assessor = forms.ModelChoiceField(
        label=_("Assessing service institution"),
        queryset=Organization.objects.none(),
        required=False,
        to_field_name="public_id",
    )

    def __init__(
        self,
        *args: Any,
        technologies: "models.QuerySet[Technology]",
        assessors: "models.QuerySet[Organization]",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelMultipleChoiceField[Technology]", self.fields["technologies"]).queryset = technologies
        cast("forms.ModelChoiceField[Organization]", self.fields["assessor"]).queryset = assessors

    def draft(self) -> EvidenceDraft:
        """The evidence as typed."""
        technologies: Sequence[Technology] = list(self.cleaned_data["technologies"])
        return EvidenceDraft(**{**self.cleaned_data, "technologies": technologies})
