"""Drafting and revising: what is accepted, what is refused and how it is told."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.listings import services
from consortia.listings.drafts import InterfaceUseDraft, TechnologyUseDraft, TranslationDraft
from consortia.listings.models import Listing, Need, QuantityKind
from consortia.organizations.models import Organization
from consortia.technologies.models import Technology, TechnologyRedirect
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound, StaleEdit
from ronghe.events.models import Event
from tests.consortia.listings.authoring import (
    BATTERY,
    ELECTROLYSER,
    ENERGY_DENSITY,
    OXIDE,
    PEM,
    SULFIDE,
    capability_draft,
    need_draft,
)

pytestmark = pytest.mark.usefixtures("taxonomy")


def faults_of(actor: Viewer, organization: Organization, **changes: object) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as caught:
        services.draft_need(actor=actor, organization=organization, draft=need_draft(**changes))
    assert not Listing.objects.exists()
    assert not QuantityKind.objects.exists()
    return caught.value.fields


def test_need_is_stored_whole(need: Need) -> None:
    stored = Need.objects.get(pk=need.pk)
    use = stored.uses.get()
    parameter = stored.parameters.get()
    assert (stored.side, stored.status, stored.language, stored.version) == ("need", "draft", "en", 1)
    assert (use.technology.key, use.route.key, use.weight) == (BATTERY, SULFIDE, 0.8)
    assert parameter.base_low == pytest.approx(300 * 3600)
    assert parameter.tier == "matched"
    assert stored.interface_uses.get().mode == "requires"
    assert stored.translations.get().language == "zh-Hans"
    assert Event.objects.get(kind="listing.drafted").payload == {"side": "need", "organization": need.organization_id}


def test_language_is_read_from_the_text(alice_viewer: Viewer, alice_lab: Organization) -> None:
    capability = services.draft_capability(actor=alice_viewer, organization=alice_lab, draft=capability_draft())
    assert capability.language == "zh-Hans"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "   \n"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "bell\x07"}, "title"),
        ({"summary": "lone \ud800 surrogate"}, "summary"),
        ({"summary": "s" * 501}, "summary"),
        ({"description": "d" * 4001}, "description"),
        ({"kind": "wish"}, "kind"),
        ({"language": "english"}, "language"),
        ({"trl_low": 7, "trl_high": 4}, "trl_low"),
        ({"trl_high": 11}, "trl_high"),
        ({"trl_low": 0}, "trl_low"),
        ({"mrl_low": 9, "mrl_high": 2}, "mrl_low"),
        ({"deadline": timezone.localdate() - timedelta(days=1)}, "deadline"),
        ({"valid_until": timezone.localdate() - timedelta(days=1)}, "valid_until"),
        ({"budget_min": Decimal(-1)}, "budget_min"),
        ({"budget_min": Decimal(10), "budget_max": Decimal(9)}, "budget_min"),
        ({"budget_min": Decimal("NaN")}, "budget_min"),
        ({"budget_max": Decimal("Infinity")}, "budget_max"),
        ({"budget_max": Decimal("1e20")}, "budget_max"),
        ({"currency": "XYZ"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"cooperation_types": ["marriage"]}, "cooperation_types"),
        ({"cooperation_types": ["outsourcing", "outsourcing"]}, "cooperation_types"),
        ({"regions": ["Jiangsu"]}, "regions"),
        ({"eligible_countries": ["China"]}, "eligible_countries"),
        ({"partner_types": ["friend"]}, "partner_types"),
        ({"disclosure": {"title": "public"}}, "disclosure"),
        ({"disclosure": {"budget": "nobody"}}, "disclosure"),
        ({"technologies": [TechnologyUseDraft(technology="no-such")]}, "technologies.0.technology"),
        ({"technologies": [TechnologyUseDraft(technology=BATTERY, route="none")]}, "technologies.0.route"),
        ({"technologies": [TechnologyUseDraft(technology=BATTERY, route=PEM)]}, "technologies.0.route"),
        ({"technologies": [TechnologyUseDraft(technology=BATTERY, weight=0)]}, "technologies.0.weight"),
        ({"technologies": [TechnologyUseDraft(technology=BATTERY, weight=float("nan"))]}, "technologies.0.weight"),
        ({"technologies": [TechnologyUseDraft(technology=BATTERY)] * 2}, "technologies.1.technology"),
        ({"technologies": [TechnologyUseDraft(technology=BATTERY)] * 21}, "technologies"),
        ({"technologies": [TechnologyUseDraft(technology=BATTERY)], "route_locked": True}, "route_locked"),
        ({"interfaces": [InterfaceUseDraft(interface="iface-none", mode="requires")]}, "interfaces.0.interface"),
        ({"interfaces": [InterfaceUseDraft(interface="iface-opc-ua", mode="likes")]}, "interfaces.0.mode"),
        ({"translations": [TranslationDraft(language="en", title="The same")]}, "translations.0.language"),
        ({"translations": [TranslationDraft(language="de", title=" ")]}, "translations.0.title"),
        (
            {"translations": [TranslationDraft(language="de", title="x", description="d" * 4001)]},
            "translations.0.description",
        ),
        ({"parameters": [replace(ENERGY_DENSITY, unit="Wh/horse_of")]}, "parameters.0.unit"),
        ({"parameters": [replace(ENERGY_DENSITY, unit="u" * 41)]}, "parameters.0.unit"),
        ({"parameters": [replace(ENERGY_DENSITY, value=float("nan"))]}, "parameters.0.value"),
        ({"parameters": [replace(ENERGY_DENSITY, value=float("inf"))]}, "parameters.0.value"),
        ({"parameters": [replace(ENERGY_DENSITY, value=10**400)]}, "parameters.0.value"),
        ({"parameters": [replace(ENERGY_DENSITY, value=1e308, unit="TWh/kg")]}, "parameters.0.value"),
        ({"parameters": [replace(ENERGY_DENSITY, operator="about")]}, "parameters.0.operator"),
        ({"parameters": [replace(ENERGY_DENSITY, operator="between")]}, "parameters.0.value_high"),
        ({"parameters": [replace(ENERGY_DENSITY, value_high=400)]}, "parameters.0.value_high"),
        ({"parameters": [replace(ENERGY_DENSITY, operator="between", value_high=200)]}, "parameters.0.value_high"),
        ({"parameters": [replace(ENERGY_DENSITY, tolerance=-1)]}, "parameters.0.tolerance"),
        ({"parameters": [replace(ENERGY_DENSITY, labels={})]}, "parameters.0.labels"),
        ({"parameters": [replace(ENERGY_DENSITY, labels={"en": "…"})]}, "parameters.0.labels"),
        ({"parameters": [replace(ENERGY_DENSITY, tier="friends")]}, "parameters.0.tier"),
        ({"parameters": [ENERGY_DENSITY, replace(ENERGY_DENSITY, unit="MPa")]}, "parameters.1.unit"),
    ],
)
def test_fault_is_named_with_its_field(
    alice_viewer: Viewer, alice_lab: Organization, changes: dict[str, object], field: str
) -> None:
    faults = faults_of(alice_viewer, alice_lab, **changes)
    assert list(faults) == [field]
    assert all(faults[field])


def test_all_faults_are_told_at_once(alice_viewer: Viewer, alice_lab: Organization) -> None:
    faults = faults_of(
        alice_viewer,
        alice_lab,
        title="",
        trl_low=11,
        currency="ABC",
        technologies=[TechnologyUseDraft(technology="no-such")],
        parameters=[replace(ENERGY_DENSITY, unit="bogus_unit", value=5.0)],
    )
    assert set(faults) == {"title", "trl_low", "currency", "technologies.0.technology", "parameters.0.unit"}


def test_quantity_keeps_its_dimension(need: Need, alice_viewer: Viewer, alice_lab: Organization) -> None:
    wrong = replace(ENERGY_DENSITY, labels={"zh-Hans": "能量密度"}, unit="MPa")
    with pytest.raises(InvalidInput) as caught:
        services.draft_need(actor=alice_viewer, organization=alice_lab, draft=need_draft(parameters=[wrong]))
    assert list(caught.value.fields) == ["parameters.0.unit"]


def test_tolerance_on_a_scale_with_an_offset_is_a_difference(alice_viewer: Viewer, alice_lab: Organization) -> None:
    oven = replace(ENERGY_DENSITY, labels={"en": "Temperature"}, operator="eq", value=25, unit="degC", tolerance=5)
    need = services.draft_need(actor=alice_viewer, organization=alice_lab, draft=need_draft(parameters=[oven]))
    parameter = need.parameters.get()
    assert parameter.base_low == pytest.approx(298.15)
    assert parameter.base_tolerance == pytest.approx(5)


def test_retired_key_leads_to_its_heir(alice_viewer: Viewer, alice_lab: Organization) -> None:
    heir = Technology.objects.get(key=BATTERY)
    Technology.objects.create(key="old-battery", labels={}, status="deprecated", replaced_by=heir)
    TechnologyRedirect.objects.create(key="merged-battery", target=heir)
    for key in ("old-battery", "merged-battery"):
        draft = need_draft(technologies=[TechnologyUseDraft(technology=key)])
        need = services.draft_need(actor=alice_viewer, organization=alice_lab, draft=draft)
        assert need.uses.get().technology == heir


def test_technology_out_of_use_is_refused(alice_viewer: Viewer, alice_lab: Organization) -> None:
    Technology.objects.filter(key=ELECTROLYSER).update(status="deprecated")
    faults = faults_of(alice_viewer, alice_lab, technologies=[TechnologyUseDraft(technology=ELECTROLYSER)])
    assert list(faults) == ["technologies.0.technology"]


def test_charlie_and_strangers_write_nothing(charlie_viewer: Viewer, alice_lab: Organization, need: Need) -> None:
    for viewer in (charlie_viewer, STRANGER):
        with pytest.raises(NotAllowed):
            services.draft_need(actor=viewer, organization=alice_lab, draft=need_draft())
        with pytest.raises(NotFound):
            services.revise_listing(actor=viewer, listing=need, draft=need_draft(title="Mine now"))
    assert Need.objects.get().title == need_draft().title


def test_charlie_may_know_of_an_open_need_but_not_change_it(charlie_viewer: Viewer, open_need: Need) -> None:
    with pytest.raises(NotAllowed):
        services.revise_listing(actor=charlie_viewer, listing=open_need, draft=need_draft(title="Mine now"))


def test_revision_replaces_everything_and_counts(bob_viewer: Viewer, open_need: Need) -> None:
    version = open_need.version
    draft = need_draft(
        title="Oxide electrolyte", technologies=[TechnologyUseDraft(technology=BATTERY, route=OXIDE)], parameters=[]
    )
    services.revise_listing(actor=bob_viewer, listing=open_need, draft=draft, expected_version=version)
    stored = Need.objects.get(pk=open_need.pk)
    assert (stored.title, stored.version, stored.status) == ("Oxide electrolyte", version + 1, "open")
    assert stored.valid_until == open_need.valid_until
    assert stored.uses.get().route.key == OXIDE
    assert not stored.parameters.exists()


def test_second_of_two_editors_is_told(alice_viewer: Viewer, bob_viewer: Viewer, need: Need) -> None:
    services.revise_listing(
        actor=alice_viewer, listing=Need.objects.get(), draft=need_draft(title="Alice's"), expected_version=1
    )
    with pytest.raises(StaleEdit):
        services.revise_listing(
            actor=bob_viewer, listing=Need.objects.get(), draft=need_draft(title="Bob's"), expected_version=1
        )
    assert Need.objects.get().title == "Alice's"


def test_deadline_that_has_passed_meanwhile_does_not_block_a_revision(alice_viewer: Viewer, need: Need) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Need.objects.update(deadline=yesterday)
    need.refresh_from_db()
    services.revise_listing(actor=alice_viewer, listing=need, draft=need_draft(deadline=yesterday, title="Same day"))
    assert Need.objects.get().title == "Same day"


def test_side_and_source_are_fixed(alice_viewer: Viewer, need: Need) -> None:
    with pytest.raises(InvalidInput):
        services.revise_listing(actor=alice_viewer, listing=need, draft=capability_draft())
    services.revise_listing(actor=alice_viewer, listing=need, draft=need_draft(source="other", source_id="7"))
    assert Need.objects.get().source == ""


def test_id_of_a_source_is_taken_once(alice_viewer: Viewer, alice_lab: Organization) -> None:
    draft = need_draft(source="calls", source_id="A-1")
    services.draft_need(actor=alice_viewer, organization=alice_lab, draft=draft)
    with pytest.raises(Conflict) as caught:
        services.draft_need(actor=alice_viewer, organization=alice_lab, draft=draft)
    assert list(caught.value.fields) == ["source_id"]


def test_ended_listing_no_longer_changes(alice_viewer: Viewer, open_need: Need) -> None:
    services.close_listing(actor=alice_viewer, listing=open_need)
    with pytest.raises(Conflict):
        services.revise_listing(actor=alice_viewer, listing=open_need, draft=need_draft(title="Too late"))
    assert Need.objects.get().title != "Too late"
