"""The shape of facilities, slots and bookings in the API. The rules are in the services."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from consortia.disclosure.models import Tier
from consortia.facilities.disclosed import FacilityView, free_units
from consortia.facilities.drafts import FacilityDraft
from consortia.facilities.models import Booking, Slot, VerificationService
from consortia.facilities.services.offering import MOST_CAPACITY
from consortia.listings.drafts import TechnologyUseDraft
from consortia.listings.serializers import NumberField, OrganizationBriefSerializer, TechnologyUseSerializer


class FacilityInputSerializer(serializers.Serializer[Any]):
    """A facility as clients write it."""

    organization = serializers.UUIDField(help_text="Public id of the organization; fixed once written.")
    names = serializers.DictField(child=serializers.CharField(), help_text="By language tag.")
    language = serializers.CharField(required=False, allow_blank=True, help_text="Empty: read from the text.")
    description = serializers.CharField(required=False, allow_blank=True)
    scale = serializers.CharField(required=False, allow_blank=True)
    batch = serializers.CharField(required=False, allow_blank=True)
    throughput = NumberField(required=False, allow_null=True)
    throughput_unit = serializers.CharField(required=False, allow_blank=True)
    precision = serializers.CharField(required=False, allow_blank=True)
    feedstocks = serializers.ListField(child=serializers.CharField(), required=False)
    certificates = serializers.ListField(child=serializers.CharField(), required=False)
    services = serializers.ListField(child=serializers.ChoiceField(choices=VerificationService.choices), required=False)
    trl_in = serializers.IntegerField(required=False, allow_null=True)
    trl_out = serializers.IntegerField(required=False, allow_null=True)
    mrl_in = serializers.IntegerField(required=False, allow_null=True)
    mrl_out = serializers.IntegerField(required=False, allow_null=True)
    access = serializers.CharField(required=False, allow_blank=True)
    price_amount = serializers.DecimalField(max_digits=16, decimal_places=2, required=False, allow_null=True)
    price_unit = serializers.CharField(required=False, allow_blank=True)
    currency = serializers.CharField(required=False, allow_blank=True)
    safety = serializers.CharField(required=False, allow_blank=True)
    ip_terms = serializers.CharField(required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)
    disclosure = serializers.DictField(child=serializers.ChoiceField(choices=Tier.choices), required=False)
    technologies = TechnologyUseSerializer(many=True, required=False)
    source = serializers.CharField(required=False, allow_blank=True)  # type: ignore[assignment]
    source_id = serializers.CharField(required=False, allow_blank=True)


class FacilityRevisionSerializer(FacilityInputSerializer):
    """A facility written over; its organization stays."""

    organization = None  # type: ignore[assignment]
    version = serializers.IntegerField(min_value=1, help_text="The version that was read.")


class ThroughputSerializer(serializers.Serializer[Any]):
    """How much it processes."""

    value = NumberField(allow_null=True)
    unit = serializers.CharField()


class FacilityPriceSerializer(serializers.Serializer[Any]):
    """What its use costs."""

    amount = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    unit = serializers.CharField()
    currency = serializers.CharField()


class FacilitySerializer(serializers.Serializer[Any]):
    """A facility as far as the client may see it; what is hidden is absent and named in `hidden`."""

    public_id = serializers.UUIDField()
    version = serializers.IntegerField()
    organization = OrganizationBriefSerializer()
    names = serializers.DictField(child=serializers.CharField())
    language = serializers.CharField()
    description = serializers.CharField(required=False)
    scale = serializers.CharField()
    batch = serializers.CharField()
    throughput = ThroughputSerializer(required=False)
    precision = serializers.CharField(required=False)
    feedstocks = serializers.ListField(child=serializers.CharField())
    certificates = serializers.ListField(child=serializers.CharField())
    services = serializers.ListField(child=serializers.CharField())
    trl_in = serializers.IntegerField(allow_null=True)
    trl_out = serializers.IntegerField(allow_null=True)
    mrl_in = serializers.IntegerField(allow_null=True)
    mrl_out = serializers.IntegerField(allow_null=True)
    access = serializers.CharField(required=False)
    price = FacilityPriceSerializer(required=False)
    safety = serializers.CharField()
    ip_terms = serializers.CharField(required=False)
    technologies = TechnologyUseSerializer(many=True)
    is_active = serializers.BooleanField()
    is_fictitious = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    hidden = serializers.ListField(child=serializers.CharField())

    def to_representation(self, instance: FacilityView) -> dict[str, Any]:
        """The view as JSON; absent fields stay absent."""
        flat = {
            **instance.facts,
            **instance.fields,
            "technologies": instance.technologies,
            "hidden": list(instance.hidden),
        }
        return super().to_representation(flat)


class MomentField(serializers.DateTimeField):
    """A date and time; one at the edge of the calendar, which has no equal in UTC, is refused."""

    def to_internal_value(self, value: Any) -> datetime:
        """The moment that was sent."""
        try:
            return super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")


class SlotInputSerializer(serializers.Serializer[Any]):
    """A window to be offered."""

    facility = serializers.UUIDField(help_text="Public id of the facility.")
    starts_at = MomentField()
    ends_at = MomentField()
    capacity = serializers.IntegerField(default=1, min_value=1, max_value=MOST_CAPACITY)


class SlotSerializer(serializers.Serializer[Slot]):
    """A window in which a facility can be booked."""

    public_id = serializers.UUIDField()
    facility = serializers.UUIDField(source="facility.public_id")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    capacity = serializers.IntegerField()
    free = serializers.SerializerMethodField(help_text="Units that are free during the whole of the slot.")

    def get_free(self, slot: Slot) -> int:
        """Units that are free during the whole of the slot."""
        return free_units(slot)


class BookingInputSerializer(serializers.Serializer[Any]):
    """A part of a slot that is asked for."""

    slot = serializers.UUIDField(help_text="Public id of the slot.")
    organization = serializers.UUIDField(help_text="Public id of the organization that books.")
    starts_at = MomentField()
    ends_at = MomentField()
    units = serializers.IntegerField(default=1, min_value=1, max_value=MOST_CAPACITY)
    purpose = serializers.CharField(default="", allow_blank=True, max_length=500)


class BookingSerializer(serializers.Serializer[Booking]):
    """A booking, for the people of both sides."""

    public_id = serializers.UUIDField()
    slot = serializers.UUIDField(source="slot.public_id")
    facility = serializers.UUIDField(source="slot.facility.public_id")
    organization = serializers.UUIDField(source="organization.public_id")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    units = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Booking.Status.choices)
    purpose = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def draft_fields(given: dict[str, Any]) -> dict[str, Any]:
    """Validated input as fields of a `FacilityDraft`."""
    fields = {name: value for name, value in given.items() if name in FacilityDraft.__dataclass_fields__}
    if "technologies" in fields:
        fields["technologies"] = [TechnologyUseDraft(**use) for use in fields["technologies"]]
    return fields
