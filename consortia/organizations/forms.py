"""Forms of the organization pages. The rules are the services'; a form only turns what is typed into their input."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.models import Tier
from consortia.organizations.models import Identifier, Membership, Organization
from consortia.organizations.naming import LONGEST_NAME
from consortia.organizations.services import OrganizationProfile
from consortia.organizations.services.registration import LONGEST_DESCRIPTION
from ronghe.common.text import CHINESE, ENGLISH

UNKNOWN = ("", _("not stated"))


class ProfileForm(forms.Form):
    """An organization's profile."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=LONGEST_NAME, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=LONGEST_NAME, required=False)
    aliases = forms.CharField(
        label=_("Other names"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Short and former names by which people look for you, one a line."),
    )
    type = forms.ChoiceField(label=_("Type"), choices=[("", _("Choose…")), *Organization.Type.choices])
    is_sme = forms.NullBooleanField(
        label=_("Small or medium-sized"),
        required=False,
        widget=forms.NullBooleanSelect(),
        help_text=_("Fewer than 250 people, and at most 50 million euros turnover."),
    )
    size = forms.ChoiceField(label=_("Staff"), choices=[UNKNOWN, *Organization.Size.choices], required=False)
    ownership = forms.ChoiceField(
        label=_("Ownership"), choices=[UNKNOWN, *Organization.Ownership.choices], required=False
    )
    country = forms.CharField(
        label=_("Country"), max_length=2, help_text=_("Two letters, such as CN or DE."), required=True
    )
    region = forms.CharField(
        label=_("Region"), max_length=6, required=False, help_text=_("ISO 3166-2, such as CN-JS or DE-BY.")
    )
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    latitude = forms.FloatField(label=_("Latitude"), required=False)
    longitude = forms.FloatField(label=_("Longitude"), required=False)
    website = forms.URLField(label=_("Website"), max_length=300, required=False, assume_scheme="https")
    contact_email = forms.EmailField(
        label=_("Contact e-mail"), required=False, help_text=_("Seen by matched partners only.")
    )
    description_zh = forms.CharField(
        label=_("Description in Chinese"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    description_en = forms.CharField(
        label=_("Description in English"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    # Field of the service → field of the form, for its errors.
    service_names = {"names": "name_en", "descriptions": "description_en"}

    def profile(self, stored: OrganizationProfile | None = None) -> OrganizationProfile:
        """The profile as typed.

        Args:
            stored: keeps what the form does not show: names in further languages and the disclosure.
        """
        typed = self.cleaned_data
        return OrganizationProfile(
            names=_merged(stored.names if stored else {}, typed["name_zh"], typed["name_en"]),
            descriptions=_merged(
                stored.descriptions if stored else {}, typed["description_zh"], typed["description_en"]
            ),
            aliases=[line.strip() for line in typed["aliases"].splitlines() if line.strip()],
            country=typed["country"].strip().upper(),
            region=typed["region"].strip().upper(),
            disclosure=stored.disclosure if stored else {},
            **{name: typed[name] for name in _SAME_NAME},
        )


_SAME_NAME = ("type", "is_sme", "size", "ownership", "city", "latitude", "longitude", "website", "contact_email")


def _merged(stored: Any, chinese: str, english: str) -> dict[str, str]:
    return {**stored, CHINESE: chinese, ENGLISH: english}


def typed_from(profile: OrganizationProfile) -> dict[str, Any]:
    """A stored profile as the form's initial values."""
    return {
        "name_zh": profile.names.get(CHINESE, ""),
        "name_en": profile.names.get(ENGLISH, ""),
        "description_zh": profile.descriptions.get(CHINESE, ""),
        "description_en": profile.descriptions.get(ENGLISH, ""),
        "aliases": "\n".join(profile.aliases),
        "country": profile.country,
        "region": profile.region,
        **{name: getattr(profile, name) for name in _SAME_NAME},
    }


class RegistrationForm(ProfileForm):
    """A new organization, with one identifier and the answer to a near-identical name."""

    identifier_scheme = forms.ChoiceField(
        label=_("Register"), choices=[UNKNOWN, *Identifier.Scheme.choices], required=False
    )
    identifier_value = forms.CharField(label=_("Number in the register"), max_length=100, required=False)
    confirm_distinct = forms.BooleanField(
        label=_("Mine is another organization than those of nearly the same name"), required=False
    )
    service_names = {**ProfileForm.service_names, "identifiers": "identifier_value", "value": "identifier_value"}
    field_order = ["name_zh", "name_en", "type", "country", "region", "city", "identifier_scheme", "identifier_value"]

    def clean(self) -> dict[str, Any]:
        """Register and number belong together."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(typed.get("identifier_scheme")) != bool(typed.get("identifier_value")):
            missing = "identifier_value" if typed.get("identifier_scheme") else "identifier_scheme"
            self.add_error(missing, _("Give the register and the number, or neither."))
        return typed

    def identifiers(self) -> list[tuple[str, str]]:
        """Pairs of scheme and value."""
        scheme, value = self.cleaned_data["identifier_scheme"], self.cleaned_data["identifier_value"]
        return [(scheme, value)] if scheme else []


class EditForm(ProfileForm):
    """A change of the profile, with the version that the editor has before their eyes."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class DisclosureForm(forms.Form):
    """Who sees which field of the profile."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in DISCLOSED_FIELDS:
            self.fields[name] = forms.ChoiceField(
                label=label, choices=Tier.choices, initial=organization.tier_of_field(name)
            )

    def disclosure(self) -> dict[str, str]:
        """The tier of each field."""
        return {name: self.cleaned_data[name] for name, _label in DISCLOSED_FIELDS}


DISCLOSED_FIELDS = (
    ("description", _("Description")),
    ("size", _("Staff")),
    ("ownership", _("Ownership")),
    ("website", _("Website")),
    ("place", _("Place on the map")),
    ("contact_email", _("Contact e-mail")),
)


class InvitationForm(forms.Form):
    """Somebody to invite."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.EDITOR)


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)


class IdentifierForm(forms.Form):
    """A number to add."""

    scheme = forms.ChoiceField(label=_("Register"), choices=Identifier.Scheme.choices)
    value = forms.CharField(label=_("Number in the register"), max_length=100)


class ClaimForm(forms.Form):
    """Why the organization is the claimant's."""

    statement = forms.CharField(
        label=_("How can a curator tell that you act for this organization?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For example your position, an address of the organization's domain, or a page that names you."),
    )
