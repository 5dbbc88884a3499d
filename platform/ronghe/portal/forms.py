"""The form of the search page."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_QUERY = 200


class SearchForm(forms.Form):
    """Words to look for, in either language."""

    q = forms.CharField(
        label=_("Words"),
        max_length=LONGEST_QUERY,
        help_text=_("Words of a title or a name, in Chinese or English."),
        widget=forms.TextInput(attrs={"type": "search"}),
    )
