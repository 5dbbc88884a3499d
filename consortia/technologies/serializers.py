"""The shapes in which the API takes and gives technologies."""

from typing import Any

from rest_framework import serializers

from consortia.technologies.models import (
    Interface,
    Route,
    RouteMetric,
    TaxonomyProposal,
    Technology,
    TechnologyLabel,
    TechnologyRelation,
)


class TechnologySummary(serializers.ModelSerializer[Technology]):
    """A technology in a list."""

    replaced_by: "serializers.SlugRelatedField[Technology]" = serializers.SlugRelatedField(
        slug_field="key", read_only=True
    )

    class Meta:
        model = Technology
        fields = [
            "key",
            "labels",
            "status",
            "is_field",
            "is_key_common",
            "replaced_by",
            "scheme",
            "version",
            "updated_at",
        ]


class LabelOutput(serializers.ModelSerializer[TechnologyLabel]):
    """A label in a language."""

    class Meta:
        model = TechnologyLabel
        fields = ["kind", "language", "text"]


class MetricOutput(serializers.ModelSerializer[RouteMetric]):
    """A dated figure of merit."""

    class Meta:
        model = RouteMetric
        fields = ["names", "value", "unit", "date", "source"]


class RouteOutput(serializers.ModelSerializer[Route]):
    """A competing way to realise the technology, newest figures first."""

    metrics = MetricOutput(many=True)

    class Meta:
        model = Route
        fields = ["key", "labels", "aliases", "convergence", "metrics"]


class RelationOutput(serializers.ModelSerializer[TechnologyRelation]):
    """What another technology is to this one."""

    technology: "serializers.SlugRelatedField[Technology]" = serializers.SlugRelatedField(
        source="target", slug_field="key", read_only=True
    )

    class Meta:
        model = TechnologyRelation
        fields = ["kind", "technology"]


class InterfaceOutput(serializers.ModelSerializer[Interface]):
    """A standard that listings conform to or require."""

    class Meta:
        model = Interface
        fields = ["key", "names", "standard"]


class TechnologyOutput(TechnologySummary):
    """A technology with everything that hangs on it."""

    known_labels = LabelOutput(many=True)
    routes = RouteOutput(many=True)
    relations = RelationOutput(many=True)
    interfaces = InterfaceOutput(many=True)

    class Meta(TechnologySummary.Meta):
        fields = [
            *TechnologySummary.Meta.fields,
            "definitions",
            "known_labels",
            "routes",
            "relations",
            "interfaces",
        ]


class TechnologyInput(serializers.Serializer[Any]):
    """A technology to propose; the rules are the service's."""

    key = serializers.CharField(max_length=80)
    labels = serializers.DictField(child=serializers.CharField(), help_text="Preferred label by language tag.")
    aliases = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)
    definitions = serializers.DictField(child=serializers.CharField(), required=False)
    broader_keys = serializers.ListField(child=serializers.CharField(max_length=80), required=False)
    is_field = serializers.BooleanField(required=False)
    is_key_common = serializers.BooleanField(required=False)


class DeprecationInput(serializers.Serializer[Any]):
    """What replaces a technology, if anything does."""

    replaced_by = serializers.CharField(max_length=80, required=False, help_text="Key of the replacement.")


class RelationInput(serializers.Serializer[Any]):
    """An arrow to draw."""

    kind = serializers.ChoiceField(choices=TechnologyRelation.Kind.choices)
    technology = serializers.CharField(max_length=80, help_text="Key of the other technology.")


class ProposalInput(serializers.Serializer[Any]):
    """A change to propose."""

    kind = serializers.ChoiceField(choices=TaxonomyProposal.Kind.choices)
    technology = serializers.CharField(max_length=80, required=False, help_text="Key of what is to change.")
    content = serializers.DictField(required=False, default=dict)
    reason = serializers.CharField(max_length=2000)


class ProposalOutput(serializers.ModelSerializer[TaxonomyProposal]):
    """A proposal and where it stands."""

    technology: "serializers.SlugRelatedField[Technology]" = serializers.SlugRelatedField(
        slug_field="key", read_only=True
    )

    class Meta:
        model = TaxonomyProposal
        fields = ["kind", "technology", "content", "reason", "status", "created_at"]
