"""The shapes in which the API takes and gives evidence and experience."""

from typing import Any

from rest_framework import serializers

from consortia.evidence.ageing import evidence_strength
from consortia.evidence.models import Evidence, Experience, Participation
from consortia.technologies.models import Technology


class EvidenceOutput(serializers.ModelSerializer[Evidence]):
    """A piece of evidence with its strength today."""

    id = serializers.UUIDField(source="public_id")
    organization = serializers.UUIDField(source="organization.public_id")
    assessor = serializers.UUIDField(source="assessor.public_id", allow_null=True, default=None)
    technologies: "serializers.SlugRelatedField[Technology]" = serializers.SlugRelatedField(
        slug_field="key", many=True, read_only=True
    )
    strength = serializers.SerializerMethodField(help_text="0 to 1; halves with each half-life of its kind.")

    class Meta:
        model = Evidence
        fields = [
            "id",
            "organization",
            "kind",
            "title",
            "reference",
            "issuer",
            "assessor",
            "issued_on",
            "valid_until",
            "link",
            "technologies",
            "status",
            "strength",
        ]

    def get_strength(self, evidence: Evidence) -> float:
        """How strongly it speaks on the day that the view names."""
        return round(evidence_strength(evidence, on=self.context["today"]), 4)


class EvidenceInput(serializers.Serializer[Any]):
    """A piece of evidence to claim; the rules are the service's."""

    organization = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Evidence.Kind.choices)
    title = serializers.CharField()
    issuer = serializers.CharField()
    issued_on = serializers.DateField()
    reference = serializers.CharField(required=False, allow_blank=True)
    valid_until = serializers.DateField(required=False, allow_null=True)
    link = serializers.CharField(required=False, allow_blank=True)
    assessor = serializers.UUIDField(required=False, allow_null=True)
    technologies = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, default=list, help_text="Keys of technologies."
    )


class ParticipationOutput(serializers.ModelSerializer[Participation]):
    """An organization's part in a project."""

    organization = serializers.UUIDField(source="organization.public_id")
    names = serializers.DictField(source="organization.names", child=serializers.CharField())

    class Meta:
        model = Participation
        fields = ["organization", "names", "role"]


class ExperienceOutput(serializers.ModelSerializer[Experience]):
    """A past project with those participants that the client may know of."""

    id = serializers.UUIDField(source="public_id")
    technologies: "serializers.SlugRelatedField[Technology]" = serializers.SlugRelatedField(
        slug_field="key", many=True, read_only=True
    )
    participants = ParticipationOutput(many=True, source="visible_participations")

    class Meta:
        model = Experience
        fields = [
            "id",
            "title",
            "abstract",
            "keywords",
            "language",
            "started_on",
            "ended_on",
            "signed_on",
            "source",
            "call",
            "funding_scheme",
            "technologies",
            "participants",
        ]


class ParticipantInput(serializers.Serializer[Any]):
    """A participant to record."""

    organization = serializers.UUIDField()
    role = serializers.ChoiceField(choices=Participation.Role.choices, default=Participation.Role.PARTICIPANT)


class ExperienceInput(serializers.Serializer[Any]):
    """A past project to record; the first participant is whose experience it is."""

    title = serializers.CharField()
    abstract = serializers.CharField(required=False, allow_blank=True)
    keywords = serializers.CharField(required=False, allow_blank=True)
    language = serializers.CharField(required=False, allow_blank=True)
    started_on = serializers.DateField(required=False, allow_null=True)
    ended_on = serializers.DateField(required=False, allow_null=True)
    participants = ParticipantInput(many=True)
    technologies = serializers.ListField(child=serializers.CharField(max_length=80), required=False, default=list)
