"""What a viewer is shown of a facility: the one shape that pages and API are made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consortia.disclosure.models import Reveal, Tier
from consortia.disclosure.policies import EVERYTHING, hidden_fields, highest_tiers
from consortia.disclosure.services import record_reveals
from consortia.disclosure.viewer import Viewer
from consortia.facilities.models import Facility, Slot
from consortia.facilities.occupancy import Occupation, peak_units
from consortia.facilities.policies import can_edit_facility

# Names of the fields of a group that is disclosed as one.
_GROUPS: Final[Mapping[str, Mapping[str, str]]] = {
    "price": {"price_amount": "amount", "price_unit": "unit", "currency": "currency"},
    "throughput": {"throughput": "value", "throughput_unit": "unit"},
}
_SINGLE: Final = (
    "names",
    "language",
    "description",
    "scale",
    "batch",
    "precision",
    "feedstocks",
    "certificates",
    "services",
    "trl_in",
    "trl_out",
    "mrl_in",
    "mrl_out",
    "access",
    "safety",
    "ip_terms",
)


@dataclass(frozen=True, slots=True)
class FacilityView:
    """A facility as one viewer may see it. What is hidden is not in it at all, only its name in `hidden`.

    Attributes:
        name: in the reader's language.
        facts: what everybody who may know of it sees: ids, state, organization.
        fields: everything else that is shown, by name; price and throughput are one group each.
        technologies: keys, labels, routes and weights.
        hidden: names of fields that the viewer may not see.
        shows_slots: whether the viewer may see its slots.
        may_edit: whether the viewer may change it.
    """

    name: str
    facts: Mapping[str, Any]
    fields: Mapping[str, Any]
    technologies: Sequence[Mapping[str, Any]]
    hidden: tuple[str, ...]
    shows_slots: bool
    may_edit: bool


def facility_view_of(viewer: Viewer, facility: Facility, *, surface: Reveal.Surface) -> FacilityView:
    """What the viewer may see of a facility; restricted fields that are shown go into the ledger."""
    return facility_views_of(viewer, [facility], surface=surface)[0]


def facility_views_of(viewer: Viewer, facilities: Sequence[Facility], *, surface: Reveal.Surface) -> list[FacilityView]:
    """The same for many, in their order; one query for all tiers and one for the ledger."""
    tiers = highest_tiers(viewer, (facility.organization_id for facility in facilities))
    reached = [(facility, tiers[facility.organization_id]) for facility in facilities]
    record_reveals(viewer=viewer, shown=reached, surface=surface)
    return [_view(viewer, facility, tier) for facility, tier in reached]


def cards_of(viewer: Viewer, facilities: Sequence[Facility]) -> list[FacilityView]:
    """What a list of facilities shows: what everybody may see, and everything of one's own. Nothing for the ledger."""
    return [
        _view(viewer, facility, EVERYTHING if facility.organization_id in viewer.organization_ids else Tier.PUBLIC)
        for facility in facilities
    ]


def free_units(slot: Slot) -> int:
    """How many units are free during the whole of a slot, from a selector that fetched what is held."""
    held = (Occupation(booking.starts_at, booking.ends_at, booking.units) for booking in slot.held)  # type: ignore[attr-defined]
    return slot.capacity - peak_units(held, starts_at=slot.starts_at, ends_at=slot.ends_at)


def _view(viewer: Viewer, facility: Facility, reached: Tier) -> FacilityView:
    hidden = hidden_fields(facility, reached=reached)
    fields = {name: getattr(facility, name) for name in _SINGLE if name not in hidden}
    for group, names in _GROUPS.items():
        if group not in hidden:
            fields[group] = {short: getattr(facility, name) for name, short in names.items()}
    return FacilityView(
        name=str(facility),
        facts=_facts(facility),
        fields=fields,
        technologies=[
            {
                "technology": use.technology.key,
                "technology_label": str(use.technology),
                "route": use.route.key if use.route else None,
                "route_label": str(use.route) if use.route else "",
                "weight": use.weight,
            }
            for use in facility.uses.all()
        ],
        hidden=tuple(sorted(hidden)),
        shows_slots="slots" not in hidden,
        may_edit=can_edit_facility(viewer, facility),
    )


def _facts(facility: Facility) -> dict[str, Any]:
    organization = facility.organization
    return {
        "public_id": facility.public_id,
        "version": facility.version,
        "is_active": facility.is_active,
        "is_fictitious": facility.is_fictitious,
        "organization": {
            "public_id": organization.public_id,
            "name": str(organization),
            "type": organization.type,
            "country": organization.country,
            "region": organization.region,
        },
        "created_at": facility.created_at,
        "updated_at": facility.updated_at,
    }
