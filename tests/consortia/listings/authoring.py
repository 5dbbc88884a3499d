"""Drafts as an author would write them, and a small taxonomy to write them in."""

from decimal import Decimal

from consortia.listings.drafts import (
    CapabilityDraft,
    InterfaceUseDraft,
    NeedDraft,
    ParameterDraft,
    TechnologyUseDraft,
    TranslationDraft,
)
from consortia.technologies.models import Interface, Route, Technology

BATTERY = "ene-solid-state-battery"
SULFIDE = "ene-solid-state-battery-sulfide"
OXIDE = "ene-solid-state-battery-oxide"
ELECTROLYSER = "ene-electrolyser"
PEM = "ene-electrolyser-pem"
OPC_UA = "iface-opc-ua"

ENERGY_DENSITY = ParameterDraft(
    labels={"en": "Energy density", "zh-Hans": "能量密度"}, operator="ge", value=300, unit="Wh/kg"
)


def make_taxonomy() -> None:
    """Two technologies with routes, and an interface."""
    for key, routes in ((BATTERY, (SULFIDE, OXIDE)), (ELECTROLYSER, (PEM,))):
        technology = Technology.objects.create(key=key, labels={"en": key}, status=Technology.Status.ACTIVE)
        for route in routes:
            Route.objects.create(technology=technology, key=route, labels={"en": route})
    Interface.objects.create(key=OPC_UA, names={"en": "OPC UA"}, standard="IEC 62541")


def need_draft(**changes: object) -> NeedDraft:
    """A need with something in every part of it."""
    draft: dict[str, object] = {
        "kind": "rnd_problem",
        "title": "Solid electrolyte above 300 Wh/kg",
        "summary": "We look for a sulfide electrolyte that survives a thousand cycles.",
        "trl_low": 4,
        "trl_high": 7,
        "technologies": [TechnologyUseDraft(technology=BATTERY, route=SULFIDE, weight=0.8)],
        "parameters": [ENERGY_DENSITY],
        "interfaces": [InterfaceUseDraft(interface=OPC_UA, mode="requires")],
        "translations": [TranslationDraft(language="zh-Hans", title="能量密度高于300 Wh/kg的固态电解质")],
        "budget_min": Decimal(500_000),
        "budget_max": Decimal(2_000_000),
        "currency": "CNY",
        "cooperation_types": ["rnd_cooperation"],
    }
    return NeedDraft(**{**draft, **changes})


def capability_draft(**changes: object) -> CapabilityDraft:
    """A capability with a price."""
    draft: dict[str, object] = {
        "kind": "product",
        "title": "硫化物固态电解质粉体",
        "summary": "离子电导率达到10 mS/cm的硫化物电解质,可吨级供货。",
        "technologies": [TechnologyUseDraft(technology=BATTERY, route=SULFIDE)],
        "price_model": "per_unit",
        "price_amount": Decimal("8800.00"),
        "currency": "CNY",
        "capacities": {"zh-Hans": "年产50吨"},
    }
    return CapabilityDraft(**{**draft, **changes})
