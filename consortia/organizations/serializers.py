"""The shapes in which the API takes and gives organizations."""

from dataclasses import replace
from typing import Any

from rest_framework import serializers

from consortia.disclosure.models import Reveal, Tier
from consortia.organizations.disclosed import ProfileView
from consortia.organizations.models import Claim, Identifier, Membership, Organization
from consortia.organizations.services import OrganizationProfile


class OrganizationSummary(serializers.ModelSerializer[Organization]):
    """An organization in a list: what is never hidden."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = Organization
        fields = [
            "id",
            "names",
            "type",
            "is_sme",
            "country",
            "region",
            "city",
            "status",
            "verification_level",
            "is_fictitious",
            "updated_at",
        ]


class IdentifierOutput(serializers.ModelSerializer[Identifier]):
    """A number in a public register."""

    class Meta:
        model = Identifier
        fields = ["scheme", "value", "is_verified"]


class OrganizationOutput(serializers.Serializer[ProfileView]):
    """An organization's profile; fields that the client may not see are absent and named in `hidden`."""

    aliases = serializers.ListField(child=serializers.CharField())
    identifiers = IdentifierOutput(many=True)
    size = serializers.CharField(required=False)
    ownership = serializers.CharField(required=False)
    website = serializers.CharField(required=False)
    contact_email = serializers.CharField(required=False)
    latitude = serializers.FloatField(required=False, allow_null=True)
    longitude = serializers.FloatField(required=False, allow_null=True)
    descriptions = serializers.DictField(child=serializers.CharField(), required=False)
    hidden = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> dict[str, Any]:
        """The summary's fields, the version, then the profile's."""
        summary = {name: _of_record(name, field) for name, field in OrganizationSummary().get_fields().items()}
        version = serializers.IntegerField(source="organization.version")
        return {**summary, "version": version, **super().get_fields()}

    def to_representation(self, instance: ProfileView) -> dict[str, Any]:
        """The profile without what is hidden."""
        shown: dict[str, Any] = super().to_representation(instance)
        absent = {"place": ("latitude", "longitude"), "description": ("descriptions",)}
        for name in instance.hidden:
            for column in absent.get(name, (name,)):
                del shown[column]
        return shown


def _of_record(name: str, field: Any) -> Any:
    field.source = f"organization.{field.source or name}"
    return field


class IdentifierInput(serializers.Serializer[Any]):
    """A number to add."""

    scheme = serializers.ChoiceField(choices=Identifier.Scheme.choices)
    value = serializers.CharField(max_length=100)


class ProfileInput(serializers.Serializer[Any]):
    """What an organization says about itself; the rules are the service's."""

    names = serializers.DictField(child=serializers.CharField(), help_text="Official name by language tag.")
    aliases = serializers.ListField(child=serializers.CharField(), required=False)
    descriptions = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    type = serializers.ChoiceField(choices=Organization.Type.choices)
    is_sme = serializers.BooleanField(required=False, allow_null=True)
    size = serializers.ChoiceField(choices=Organization.Size.choices, required=False, allow_blank=True)
    ownership = serializers.ChoiceField(choices=Organization.Ownership.choices, required=False, allow_blank=True)
    country = serializers.CharField(required=False, allow_blank=True)
    region = serializers.CharField(required=False, allow_blank=True)
    city = serializers.CharField(required=False, allow_blank=True)
    latitude = serializers.FloatField(required=False, allow_null=True)
    longitude = serializers.FloatField(required=False, allow_null=True)
    website = serializers.CharField(required=False, allow_blank=True)
    contact_email = serializers.CharField(required=False, allow_blank=True)
    disclosure = serializers.DictField(child=serializers.ChoiceField(choices=Tier.choices), required=False)


class RegistrationInput(ProfileInput):
    """A new organization."""

    identifiers = IdentifierInput(many=True, required=False)
    confirm_distinct = serializers.BooleanField(
        default=False, help_text="True after an error `possible_duplicate`, when it really is another organization."
    )

    def profile(self) -> OrganizationProfile:
        """The profile out of the validated input."""
        given = dict(self.validated_data)
        return OrganizationProfile(
            **{key: value for key, value in given.items() if key not in {"identifiers", "confirm_distinct"}}
        )

    def identifier_pairs(self) -> list[tuple[str, str]]:
        """Pairs of scheme and value."""
        return [(one["scheme"], one["value"]) for one in self.validated_data.get("identifiers", [])]


class UpdateInput(ProfileInput):
    """Changes of an organization: only what is given changes."""

    version = serializers.IntegerField(min_value=1, help_text="The version that was read.")

    def changed(self, profile: OrganizationProfile) -> OrganizationProfile:
        """The stored profile with the given changes."""
        given = {key: value for key, value in self.validated_data.items() if key != "version"}
        return replace(profile, **given)


class MembershipOutput(serializers.ModelSerializer[Membership]):
    """A person who acts for an organization."""

    person = serializers.UUIDField(source="user.public_id")
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")

    class Meta:
        model = Membership
        fields = ["person", "name", "email", "role", "created_at"]


class RevealOutput(serializers.ModelSerializer[Reveal]):
    """A line of the ledger: who saw which restricted fields, where and when."""

    viewer = serializers.UUIDField(source="viewer.public_id", allow_null=True, default=None)

    class Meta:
        model = Reveal
        fields = ["viewer", "record_type", "fields", "tier", "surface", "day", "first_at"]


class ClaimInput(serializers.Serializer[Any]):
    """Why the organization is the client's."""

    statement = serializers.CharField(max_length=2000)


class ClaimOutput(serializers.ModelSerializer[Claim]):
    """A claim and where it stands."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = Claim
        fields = ["id", "status", "statement", "created_at"]
