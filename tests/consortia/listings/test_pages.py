"""The pages of needs and capabilities, as a browser without scripts sees them."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation

from consortia.disclosure.models import Reveal
from consortia.disclosure.viewer import Viewer
from consortia.listings import services
from consortia.listings.models import Capability, Listing, Need
from consortia.organizations.models import Membership
from consortia.technologies.models import Technology, TechnologyLabel
from ronghe.common.text import fold
from tests.cast import make_organization
from tests.consortia.listings.authoring import BATTERY, SULFIDE, need_draft

NEEDS = "/needs/"
NEW = "/needs/new/"


def rows_of(name: str, *rows: Mapping[str, str]) -> dict[str, str]:
    sent = {f"{name}-TOTAL_FORMS": str(max(1, len(rows))), f"{name}-INITIAL_FORMS": "0"}
    for place, row in enumerate(rows):
        sent.update({f"{name}-{place}-{field}": value for field, value in row.items()})
    return sent


def typed(**changes: Any) -> dict[str, str]:
    """What a browser sends from the page of a need."""
    return {
        "kind": "rnd_problem",
        "title": "Solid electrolyte above 300 Wh/kg",
        "summary": "Sulfide, a thousand cycles.",
        "trl_low": "4",
        "trl_high": "7",
        "budget_max": "2000000",
        "currency": "CNY",
        **rows_of("technologies", {"technology": BATTERY, "route": SULFIDE, "weight": "0.8"}),
        **rows_of("parameters", {"label_en": "Energy density", "operator": "ge", "value": "300", "unit": "Wh/kg"}),
        **rows_of("interfaces"),
        **rows_of("translations"),
        "save": "1",
        **changes,
    }


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def address(need: Listing, *more: str) -> str:
    return f"{NEEDS}{need.public_id}/{''.join(more)}"


@pytest.mark.usefixtures("taxonomy")
def test_need_is_written_on_the_page(alice_client: Client) -> None:
    assert alice_client.get(NEW).status_code == 200
    response = alice_client.post(NEW, typed(tier_budget="members"))
    need = Need.objects.get()
    assert response.url == address(need)
    assert (need.status, need.trl_low, need.budget_max, need.disclosure) == (
        "draft",
        4,
        2_000_000,
        {"budget": "members"},
    )
    assert (need.uses.get().route.key, need.uses.get().weight) == (SULFIDE, 0.8)
    assert need.parameters.get().base_low == pytest.approx(300 * 3600)
    page = text_of(alice_client.get(address(need)))
    for words in ("Solid electrolyte above 300 Wh/kg", "≥ 300 Wh/kg", "2,000,000"):
        assert words in page


@pytest.mark.usefixtures("taxonomy")
def test_technology_may_be_typed_by_label_in_either_language(alice_client: Client) -> None:
    battery = Technology.objects.get(key=BATTERY)
    TechnologyLabel.objects.create(
        technology=battery, kind="preferred", language="zh-Hans", text="固态电池", folded=fold("固态电池")
    )
    alice_client.post(NEW, typed(**rows_of("technologies", {"technology": "固态电池", "route": "", "weight": ""})))
    assert Need.objects.get().uses.get().technology == battery


@pytest.mark.usefixtures("taxonomy")
def test_save_and_publish(alice_client: Client) -> None:
    alice_client.post(NEW, typed(publish="1"))
    assert Need.objects.get().status == "open"


@pytest.mark.usefixtures("taxonomy")
def test_what_cannot_be_published_is_saved_as_a_draft(alice_client: Client) -> None:
    response = alice_client.post(NEW, typed(summary="", publish="1"), follow=True)
    assert Need.objects.get().status == "draft"
    assert "nothing can be matched without text" in text_of(response)


@pytest.mark.usefixtures("taxonomy")
def test_faults_stand_by_their_fields_and_nothing_is_lost(alice_client: Client) -> None:
    second = {"label_en": "Pressure", "operator": "ge", "value": "3", "unit": "furlongz"}
    empty = {"label_en": "", "operator": "ge", "value": "", "unit": ""}
    response = alice_client.post(
        NEW, typed(title="   ", trl_low="8", currency="QQQ", **rows_of("parameters", empty, second))
    )
    page = text_of(response)
    assert response.status_code == 422
    assert not Need.objects.exists()
    assert "furlongz" in page
    assert "Sulfide, a thousand cycles." in page
    assert 'id="id_title_error"' in page
    response = alice_client.post(NEW, typed(trl_low="8", currency="QQQ", **rows_of("parameters", empty, second)))
    page = text_of(response)
    for field in ("id_trl_low_error", "id_currency_error", "id_parameters-1-unit_error"):
        assert f'id="{field}"' in page
    assert 'href="#id_parameters-1-unit"' in page


@pytest.mark.usefixtures("taxonomy")
def test_a_row_is_added_without_scripts(alice_client: Client) -> None:
    response = alice_client.post(NEW, typed(more="parameters"))
    page = text_of(response)
    assert response.status_code == 200
    assert 'name="parameters-1-value"' in page
    assert 'value="Energy density"' in page
    assert not Need.objects.exists()


def test_forged_row_counts_do_no_harm(alice_client: Client, taxonomy: None) -> None:
    for count in ("1e9", "99999999", "many", ""):
        response = alice_client.post(NEW, typed(**{"parameters-TOTAL_FORMS": count}))
        assert response.status_code == 422
    assert not Need.objects.exists()


def test_need_is_changed_on_the_page(bob_client: Client, open_need: Need) -> None:
    page = text_of(bob_client.get(address(open_need, "edit/")))
    assert 'value="Energy density"' in page
    assert 'value="能量密度"' in page
    response = bob_client.post(address(open_need, "edit/"), typed(title="Bob's", version=str(open_need.version)))
    assert response.url == address(open_need)
    assert Need.objects.get().title == "Bob's"
    assert Need.objects.get().status == "open"


def test_two_editors_see_both_versions(alice_client: Client, bob_client: Client, need: Need) -> None:
    alice_client.post(address(need, "edit/"), typed(title="Alice's title", version="1"))
    response = bob_client.post(address(need, "edit/"), typed(title="Bob's title", summary="Bob's text", version="1"))
    page = text_of(response)
    assert response.status_code == 409
    assert Need.objects.get().title == "Alice's title"
    for words in ("Alice&#x27;s title", "Bob&#x27;s title", "Bob&#x27;s text"):
        assert words in page
    assert 'name="version" value="2"' in page
    again = bob_client.post(address(need, "edit/"), typed(title="Bob's title", version="2"))
    assert again.status_code == 302
    assert Need.objects.get().title == "Bob's title"


def test_buttons_move_a_need(alice_client: Client, need: Need) -> None:
    page = text_of(alice_client.get(address(need)))
    assert 'value="publish"' in page
    assert 'value="close"' not in page
    alice_client.post(address(need, "step/"), {"step": "publish", "version": "1"})
    assert Need.objects.get().status == "open"
    stale = alice_client.post(
        address(need, "step/"),
        {"step": "close", "version": "1"},
        headers={"Referer": f"http://testserver{address(need)}"},
    )
    assert stale.status_code == 303
    assert Need.objects.get().status == "open"
    assert alice_client.post(address(need, "step/"), {"step": "expire"}).status_code == 404
    assert alice_client.get(address(need, "step/")).status_code == 405


def test_charlie_and_strangers_see_nothing_of_a_draft(charlie_client: Client, client: Client, need: Need) -> None:
    for outsider in (charlie_client, client):
        assert outsider.get(address(need)).status_code == 404
        assert need.title not in text_of(outsider.get(NEEDS))
    assert charlie_client.get(address(need, "edit/")).status_code == 404
    assert charlie_client.post(address(need, "step/"), {"step": "publish"}).status_code == 404
    for guarded in (address(need, "edit/"), NEW):
        assert client.get(guarded).url.startswith("/accounts/login/")


def test_charlie_reads_an_open_need_but_nothing_restricted(
    charlie_client: Client, client: Client, open_need: Need
) -> None:
    for outsider in (charlie_client, client):
        page = text_of(outsider.get(address(open_need)))
        assert open_need.title in page
        assert "1 parameter is not shown to you" in page
        for secret in ("2,000,000", "500,000", "Energy density", "≥ 300"):
            assert secret not in page
        assert 'name="step"' not in page
        assert "need_matches" not in page
    assert charlie_client.get(address(open_need, "edit/")).status_code == 403
    assert charlie_client.post(address(open_need, "step/"), {"step": "close"}).status_code == 403
    assert not Reveal.objects.exists()


def test_owner_hides_her_name(charlie_client: Client, open_need: Need) -> None:
    Listing.objects.update(disclosure={"organization": "matched"})
    for place in (NEEDS, address(open_need)):
        page = text_of(charlie_client.get(place))
        assert open_need.title in page
        assert "Alice Lab" not in page


def test_page_that_shows_restricted_fields_is_in_the_ledger(charlie_client: Client, open_need: Need) -> None:
    Listing.objects.update(disclosure={"budget": "members"})
    assert "2,000,000" in text_of(charlie_client.get(address(open_need)))
    assert (Reveal.objects.get().fields, Reveal.objects.get().surface) == (["budget"], "page")


def test_without_an_organization_one_is_sent_to_register_it(curator_client: Client) -> None:
    assert curator_client.get(NEW).url == reverse("organizations:new")


@pytest.mark.usefixtures("taxonomy")
def test_who_writes_for_two_organizations_chooses(alice_client: Client, alice: Any) -> None:
    second = make_organization("Alice Works")
    Membership.objects.create(organization=second, user=alice, role="editor")
    read_only = make_organization("Reading Room")
    Membership.objects.create(organization=read_only, user=alice, role="viewer")
    assert alice_client.post(NEW, typed()).status_code == 422
    assert alice_client.post(NEW, typed(organization=str(read_only.public_id))).status_code == 422
    alice_client.post(NEW, typed(organization=str(second.public_id)))
    assert Need.objects.get().organization == second


def test_list_is_filtered_and_paged(client: Client, open_need: Need, alice_viewer: Viewer) -> None:
    for number in range(30):
        need = services.draft_need(
            actor=alice_viewer, organization=open_need.organization, draft=need_draft(title=f"Topic {number:02}")
        )
        services.publish_need(actor=alice_viewer, need=need)
    first = text_of(client.get(NEEDS))
    assert "Topic 29" in first
    assert "Topic 04" not in first
    assert "Topic 04" in text_of(client.get(f"{NEEDS}?page=2"))
    found = text_of(client.get(f"{NEEDS}?q=Topic+04&trl=5"))
    assert "Topic 04" in found
    assert "Topic 05" not in found
    assert client.get(f"{NEEDS}?trl=eleven").status_code == 200
    assert "Nothing fits" in text_of(client.get(f"{NEEDS}?trl=9"))


def test_list_takes_the_same_number_of_queries_however_long(
    charlie_client: Client, open_need: Need, alice_viewer: Viewer, django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        need = services.draft_need(
            actor=alice_viewer, organization=open_need.organization, draft=need_draft(title=f"Topic {number}")
        )
        services.publish_need(actor=alice_viewer, need=need)
    with django_assert_max_num_queries(14):
        charlie_client.get(NEEDS)


def test_technology_options_for_the_field(client: Client, taxonomy: None) -> None:
    battery = Technology.objects.get(key=BATTERY)
    TechnologyLabel.objects.create(
        technology=battery,
        kind="alias",
        language="en",
        text="all-solid-state cell",
        folded=fold("all-solid-state cell"),
    )
    options = text_of(client.get("/listings/technology-options/?technologies-0-technology=solid-state+c"))
    assert BATTERY in options
    assert "ene-electrolyser" not in options


def test_capability_pages(alice_client: Client, charlie_client: Client, open_capability: Capability) -> None:
    page = f"/capabilities/{open_capability.public_id}/"
    assert "8,800" in text_of(alice_client.get(page))
    assert "8,800" not in text_of(charlie_client.get(page))
    assert open_capability.title in text_of(charlie_client.get("/capabilities/"))
    sent = {
        "kind": "service", "title": "Testing", "capacity_en": "Ten cells a day", "price_model": "per_day",
        "version": str(open_capability.version),
    }  # fmt: skip
    for name in ("technologies", "parameters", "interfaces", "translations"):
        sent.update(rows_of(name))
    assert alice_client.post(f"{page}edit/", sent).status_code == 302
    assert Capability.objects.get().capacities == {"en": "Ten cells a day"}
    assert alice_client.get("/capabilities/new/").status_code == 200


def test_pages_speak_chinese(alice_client: Client, open_need: Need) -> None:
    with translation.override("zh-hans"):
        page = text_of(alice_client.get(address(open_need), headers={"Accept-Language": "zh-hans"}))
    assert "能量密度高于300 Wh/kg的固态电解质" in page


@pytest.mark.usefixtures("taxonomy")
def test_lists_are_typed_with_commas_of_either_script(alice_client: Client) -> None:
    alice_client.post(NEW, typed(regions="CN-JS\uff0cCN-ZJ\u3001 CN-SH,,DE-BY "))
    assert Need.objects.get().regions == ["CN-JS", "CN-ZJ", "CN-SH", "DE-BY"]
