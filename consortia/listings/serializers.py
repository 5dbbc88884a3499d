"""The shape of listings in the API. The rules are in the services: here is only what a field may hold at all."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rest_framework import serializers

from consortia.disclosure.models import Tier
from consortia.listings.contradictions import Contradiction
from consortia.listings.disclosed import ListingView
from consortia.listings.drafts import (
    InterfaceUseDraft,
    ListingDraft,
    ParameterDraft,
    TechnologyUseDraft,
    TranslationDraft,
)
from consortia.listings.models import (
    Capability,
    CooperationType,
    IprStatus,
    Listing,
    ListingInterface,
    Need,
    Parameter,
    SupplyRole,
)
from consortia.organizations.models import Organization

_TEXTS = serializers.DictField


class NumberField(serializers.FloatField):
    """A float; an integer too large for one is refused like any other text that is no number."""

    def to_internal_value(self, data: Any) -> float:
        """The number that was sent."""
        try:
            return super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid")


class TranslationSerializer(serializers.Serializer[Any]):
    """The texts in another language."""

    language = serializers.CharField(max_length=16)
    title = serializers.CharField()
    summary = serializers.CharField(default="", allow_blank=True)
    description = serializers.CharField(default="", allow_blank=True)
    is_machine_made = serializers.BooleanField(default=False)


class TechnologyUseSerializer(serializers.Serializer[Any]):
    """A technology by key, on one of its routes or on any."""

    technology = serializers.CharField(max_length=80)
    technology_label = serializers.CharField(read_only=True)
    route = serializers.CharField(max_length=80, allow_null=True, default=None)
    route_label = serializers.CharField(read_only=True)
    weight = NumberField(default=1.0)


class InterfaceUseSerializer(serializers.Serializer[Any]):
    """An interface by key that the listing conforms to or requires."""

    interface = serializers.CharField(max_length=80)
    name = serializers.CharField(read_only=True)
    mode = serializers.ChoiceField(choices=ListingInterface.Mode.choices)


class ParameterSerializer(serializers.Serializer[Any]):
    """A target or measured value in the author's unit; `quantity` is the key of what is measured."""

    quantity = serializers.CharField(read_only=True)
    labels = _TEXTS(child=serializers.CharField(), help_text="What is measured, by language tag.")
    operator = serializers.ChoiceField(choices=Parameter.Operator.choices)
    value = NumberField()
    value_high = NumberField(allow_null=True, default=None)
    unit = serializers.CharField(default="", allow_blank=True)
    tolerance = NumberField(allow_null=True, default=None)
    conditions = _TEXTS(child=serializers.CharField(), default=dict)
    methods = _TEXTS(child=serializers.CharField(), default=dict)
    tier = serializers.ChoiceField(choices=Tier.choices, allow_null=True, default=None)


class OrganizationBriefSerializer(serializers.Serializer[Any]):
    """Whose a listing is."""

    public_id = serializers.UUIDField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=Organization.Type.choices)
    country = serializers.CharField()
    region = serializers.CharField()


class BudgetSerializer(serializers.Serializer[Any]):
    """What may be spent."""

    min = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    max = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    currency = serializers.CharField()


class PriceSerializer(serializers.Serializer[Any]):
    """What is charged."""

    model = serializers.CharField()
    amount = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    currency = serializers.CharField()


def _list_of(child: serializers.Field[Any, Any, Any, Any] | None = None, **kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=child or serializers.CharField(), required=False, **kwargs)


class ListingInputSerializer(serializers.Serializer[Any]):
    """What needs and capabilities have in common, as clients write it."""

    organization = serializers.UUIDField(help_text="Public id of the organization; fixed once written.")
    title = serializers.CharField()
    language = serializers.CharField(required=False, allow_blank=True, help_text="Empty: read from the text.")
    summary = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    supply_role = serializers.ChoiceField(choices=SupplyRole.choices, required=False, allow_blank=True)
    trl_low = serializers.IntegerField(required=False, allow_null=True)
    trl_high = serializers.IntegerField(required=False, allow_null=True)
    mrl_low = serializers.IntegerField(required=False, allow_null=True)
    mrl_high = serializers.IntegerField(required=False, allow_null=True)
    cooperation_types = _list_of(serializers.ChoiceField(choices=CooperationType.choices))
    ipr_status = serializers.ChoiceField(choices=IprStatus.choices, required=False, allow_blank=True)
    regions = _list_of()
    languages_spoken = _list_of()
    blocked_countries = _list_of()
    valid_until = serializers.DateField(required=False, allow_null=True)
    disclosure = serializers.DictField(child=serializers.ChoiceField(choices=Tier.choices), required=False)
    technologies = TechnologyUseSerializer(many=True, required=False)
    parameters = ParameterSerializer(many=True, required=False)
    interfaces = InterfaceUseSerializer(many=True, required=False)
    translations = TranslationSerializer(many=True, required=False)
    source = serializers.CharField(required=False, allow_blank=True)  # type: ignore[assignment]
    source_id = serializers.CharField(required=False, allow_blank=True)


class NeedInputSerializer(ListingInputSerializer):
    """A need as clients write it."""

    kind = serializers.ChoiceField(choices=Need.Kind.choices)
    route_locked = serializers.BooleanField(required=False)
    deadline = serializers.DateField(required=False, allow_null=True)
    budget_min = serializers.DecimalField(max_digits=16, decimal_places=2, required=False, allow_null=True)
    budget_max = serializers.DecimalField(max_digits=16, decimal_places=2, required=False, allow_null=True)
    currency = serializers.CharField(required=False, allow_blank=True)
    partner_types = _list_of(serializers.ChoiceField(choices=Organization.Type.choices))
    eligible_countries = _list_of()
    required_certificates = _list_of()
    process_stage = serializers.ChoiceField(choices=Need.ProcessStage.choices, required=False, allow_blank=True)


class CapabilityInputSerializer(ListingInputSerializer):
    """A capability as clients write it."""

    kind = serializers.ChoiceField(choices=Capability.Kind.choices)
    price_model = serializers.ChoiceField(choices=Capability.PriceModel.choices, required=False, allow_blank=True)
    price_amount = serializers.DecimalField(max_digits=16, decimal_places=2, required=False, allow_null=True)
    currency = serializers.CharField(required=False, allow_blank=True)
    capacities = _TEXTS(child=serializers.CharField(), required=False)


class NeedRevisionSerializer(NeedInputSerializer):
    """A need written over; its organization stays."""

    organization = None  # type: ignore[assignment]
    version = serializers.IntegerField(min_value=1, help_text="The version that was read.")


class CapabilityRevisionSerializer(CapabilityInputSerializer):
    """A capability written over; its organization stays."""

    organization = None  # type: ignore[assignment]
    version = serializers.IntegerField(min_value=1, help_text="The version that was read.")


class StepSerializer(serializers.Serializer[Any]):
    """A step may name the version it was decided on."""

    version = serializers.IntegerField(min_value=1, required=False)


class ListingOutputSerializer(serializers.Serializer[Any]):
    """A listing as far as the client may see it; what is hidden is absent and named in `hidden`."""

    public_id = serializers.UUIDField()
    side = serializers.ChoiceField(choices=Listing.Side.choices)
    version = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Listing.Status.choices)
    steps = serializers.ListField(child=serializers.CharField(), help_text="What the client may do with it now.")
    language = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField(required=False)
    description = serializers.CharField(required=False)
    translations = TranslationSerializer(many=True)
    organization = OrganizationBriefSerializer(required=False)
    supply_role = serializers.CharField()
    trl_low = serializers.IntegerField(allow_null=True)
    trl_high = serializers.IntegerField(allow_null=True)
    mrl_low = serializers.IntegerField(allow_null=True)
    mrl_high = serializers.IntegerField(allow_null=True)
    cooperation_types = serializers.ListField(child=serializers.CharField())
    ipr_status = serializers.CharField(required=False)
    regions = serializers.ListField(child=serializers.CharField(), required=False)
    languages_spoken = serializers.ListField(child=serializers.CharField())
    technologies = TechnologyUseSerializer(many=True)
    interfaces = InterfaceUseSerializer(many=True)
    parameters = ParameterSerializer(many=True)
    published_at = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    is_fictitious = serializers.BooleanField()
    blocked_countries = serializers.ListField(child=serializers.CharField(), required=False)
    disclosure = serializers.DictField(child=serializers.CharField(), required=False)
    source = serializers.CharField(required=False)  # type: ignore[assignment]
    source_id = serializers.CharField(required=False)
    hidden = serializers.ListField(child=serializers.CharField())
    hidden_parameters = serializers.IntegerField()

    def to_representation(self, instance: ListingView) -> dict[str, Any]:
        """The view as JSON; absent fields stay absent."""
        return super().to_representation(_flat(instance))


class ContradictionSerializer(serializers.Serializer[Contradiction]):
    """Fields of a need that cannot all be met."""

    fields = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]
    message = serializers.CharField()


class NeedSerializer(ListingOutputSerializer):
    """A need as far as the client may see it."""

    contradictions = ContradictionSerializer(
        many=True, help_text="What the need says against itself. Told only to who may change it; hinders nothing."
    )
    kind = serializers.ChoiceField(choices=Need.Kind.choices)
    route_locked = serializers.BooleanField()
    deadline = serializers.DateField(allow_null=True, required=False)
    budget = BudgetSerializer(required=False)
    partner_types = serializers.ListField(child=serializers.CharField())
    eligible_countries = serializers.ListField(child=serializers.CharField(), required=False)
    required_certificates = serializers.ListField(child=serializers.CharField())
    process_stage = serializers.CharField()


class CapabilitySerializer(ListingOutputSerializer):
    """A capability as far as the client may see it."""

    kind = serializers.ChoiceField(choices=Capability.Kind.choices)
    price = PriceSerializer(required=False)
    capacities = serializers.DictField(child=serializers.CharField(), required=False)


def _flat(view: ListingView) -> dict[str, Any]:
    language = view.facts["language"]
    translations = [
        {"language": tag, **texts, "is_machine_made": tag in view.machine_made}
        for tag, texts in view.texts.items()
        if tag != language
    ]
    return {
        **view.facts,
        **view.texts[language],
        **view.fields,
        "translations": translations,
        "technologies": view.technologies,
        "interfaces": view.interfaces,
        "parameters": view.parameters,
        "steps": list(view.steps),
        "hidden": list(view.hidden),
        "hidden_parameters": view.hidden_parameters,
        "contradictions": view.contradictions,
    }


def new_draft(model: type[ListingDraft], given: Mapping[str, Any]) -> ListingDraft:
    """The draft that validated input describes."""
    return model(**_draft_fields(given))


def changed_draft(draft: ListingDraft, given: Mapping[str, Any]) -> ListingDraft:
    """A draft with those fields replaced that the input gives."""
    return replace(draft, **_draft_fields(given))


_PARTS = {
    "technologies": TechnologyUseDraft,
    "parameters": ParameterDraft,
    "interfaces": InterfaceUseDraft,
    "translations": TranslationDraft,
}


def _draft_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in given.items() if name not in {"organization", "version"}}
    for name, part in _PARTS.items():
        if name in fields:
            fields[name] = [part(**item) for item in fields[name]]
    return fields
