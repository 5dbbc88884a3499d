"""The pages of facilities, as a browser without scripts sees them."""

from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consortia.disclosure.models import Reveal
from consortia.facilities import services
from consortia.facilities.models import Booking, Facility, Slot
from consortia.organizations.models import Organization
from tests.cast import viewer_of
from tests.consortia.facilities.conftest import hour
from tests.consortia.listings.authoring import BATTERY, SULFIDE, make_taxonomy

LIST = "/facilities/"
NEW = "/facilities/new/"


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def local(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "name_en": "Dry room",
        "description": "Dew point -60 °C.",
        "technologies": f"{BATTERY}/{SULFIDE}",
        "services": ["process"],
        "trl_in": "4",
        "trl_out": "6",
        "is_active": "on",
        **changes,
    }


def test_facility_is_written_on_the_page(alice_client: Client) -> None:
    make_taxonomy()
    assert alice_client.get(NEW).status_code == 200
    response = alice_client.post(NEW, typed(tier_slots="members"))
    facility = Facility.objects.get()
    assert response.url == f"{LIST}{facility.public_id}/"
    assert (facility.names, facility.trl_in, facility.disclosure) == ({"en": "Dry room"}, 4, {"slots": "members"})
    assert facility.uses.get().route.key == SULFIDE
    assert "Dew point" in text_of(alice_client.get(response.url))


def test_faults_stand_by_their_fields_and_nothing_is_lost(alice_client: Client) -> None:
    make_taxonomy()
    page = text_of(
        alice_client.post(NEW, typed(name_en="", trl_in="8", throughput="5", throughput_unit="sacks", technologies="x"))
    )
    for field in ("name_en", "trl_in", "throughput_unit", "technologies"):
        assert f'id="id_{field}_error"' in page
    assert "Dew point -60" in page
    assert not Facility.objects.exists()


def test_two_editors_see_both_versions(alice_client: Client, bob_client: Client, facility: Facility) -> None:
    address = f"{LIST}{facility.public_id}/edit/"
    assert "Roll-to-roll coating line" in text_of(alice_client.get(address))
    assert alice_client.post(address, typed(name_en="Alice's line", version="1")).status_code == 302
    page = text_of(bob_client.post(address, typed(name_en="Bob's line", version="1")))
    assert "Alice&#x27;s line" in page
    assert "Bob&#x27;s line" in page
    assert 'name="version" value="2"' in page
    assert Facility.objects.get().names["en"] == "Alice's line"
    bob_client.post(address, typed(name_en="Bob's line", version="2"))
    assert Facility.objects.get().names["en"] == "Bob's line"


def test_slot_is_offered_and_withdrawn(alice_client: Client, facility: Facility) -> None:
    address = f"{LIST}{facility.public_id}/slots/new/"
    sent = {"starts_at": local(hour(0)), "ends_at": local(hour(8)), "capacity": "2"}
    assert alice_client.get(address).status_code == 200
    assert alice_client.post(address, {**sent, "ends_at": sent["starts_at"]}).status_code == 200
    assert not Slot.objects.exists()
    assert alice_client.post(address, sent).status_code == 302
    slot = Slot.objects.get()
    assert (slot.starts_at, slot.capacity) == (hour(0), 2)
    assert "overlaps" in text_of(alice_client.post(address, sent))
    assert alice_client.post(f"{LIST}slots/{slot.public_id}/withdraw/").status_code == 302
    assert not Slot.objects.exists()


def test_slot_is_booked_and_decided_on(
    alice_client: Client, charlie_client: Client, facility: Facility, slot: Slot
) -> None:
    detail = f"{LIST}{facility.public_id}/"
    assert "12,000 CNY" in text_of(alice_client.get(detail))
    assert "3 of 3" in text_of(charlie_client.get(detail))
    book = f"{LIST}slots/{slot.public_id}/book/"
    assert charlie_client.get(book).status_code == 200
    sent = {"starts_at": local(hour(0)), "ends_at": local(hour(4)), "units": "2", "purpose": "Coating trial"}
    full = text_of(charlie_client.post(book, {**sent, "units": "9"}))
    assert 'id="id_units_error"' in full
    assert charlie_client.post(book, sent).url == detail
    assert "1 of 3" in text_of(charlie_client.get(detail))
    booking = Booking.objects.get()
    decide = f"{LIST}bookings/{booking.public_id}/decide/"
    page = text_of(alice_client.get(detail))
    assert "Coating trial" in page
    assert 'value="confirm"' in page
    assert 'value="confirm"' not in text_of(charlie_client.get(detail))
    assert alice_client.post(decide, {"decision": "confirm"}).status_code == 302
    assert Booking.objects.get().status == "confirmed"
    assert alice_client.post(decide, {"decision": "shred"}).status_code == 404
    charlie_client.post(decide, {"decision": "cancel"})
    assert Booking.objects.get().status == "cancelled"


def test_charlie_and_strangers_read_no_more_than_they_may(
    charlie_client: Client,
    client: Client,
    alice: Any,
    alice_lab: Organization,
    facility: Facility,
    slot: Slot,
) -> None:
    booking = services.book_slot(
        actor=viewer_of(alice),
        slot=slot,
        organization=alice_lab,
        starts_at=hour(0),
        ends_at=hour(2),
        purpose="Secret campaign",
    )
    for outsider in (charlie_client, client):
        page = text_of(outsider.get(f"{LIST}{facility.public_id}/"))
        assert "Roll-to-roll coating line" in page
        for secret in ("12,000", "Secret campaign", "Offer a slot"):
            assert secret not in page
    assert "Results belong to the client." not in text_of(client.get(f"{LIST}{facility.public_id}/"))
    assert "Results belong to the client." in text_of(charlie_client.get(f"{LIST}{facility.public_id}/"))
    assert Reveal.objects.get().fields == ["ip_terms"]
    for address in (f"{facility.public_id}/edit/", f"{facility.public_id}/slots/new/"):
        assert charlie_client.get(f"{LIST}{address}").status_code == 403
        assert client.get(f"{LIST}{address}").url.startswith("/accounts/login/")
    assert charlie_client.post(f"{LIST}slots/{slot.public_id}/withdraw/").status_code == 403
    assert charlie_client.post(f"{LIST}bookings/{booking.public_id}/decide/", {"decision": "cancel"}).status_code == 404


def test_facility_off_offer_is_gone_for_others(charlie_client: Client, alice_client: Client, slot: Slot) -> None:
    Facility.objects.update(is_active=False)
    address = f"{LIST}{slot.facility.public_id}/"
    assert charlie_client.get(address).status_code == 404
    assert charlie_client.get(f"{LIST}slots/{slot.public_id}/book/").status_code == 404
    assert "Roll-to-roll" not in text_of(charlie_client.get(LIST))
    assert alice_client.get(address).status_code == 200


def test_hidden_slots_cannot_be_booked(charlie_client: Client, slot: Slot) -> None:
    Facility.objects.update(disclosure={"slots": "matched"})
    assert "3 of 3" not in text_of(charlie_client.get(f"{LIST}{slot.facility.public_id}/"))
    assert charlie_client.get(f"{LIST}slots/{slot.public_id}/book/").status_code == 404


def test_list_is_filtered(client: Client, facility: Facility, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(10):
        assert "Roll-to-roll coating line" in text_of(client.get(f"{LIST}?q=coating&trl=6&service=process"))
    assert "No facility fits" in text_of(client.get(f"{LIST}?q=tokamak"))


def test_without_an_organization_one_is_sent_to_register_it(curator_client: Client, slot: Slot) -> None:
    for address in (NEW, f"{LIST}slots/{slot.public_id}/book/"):
        assert curator_client.get(address).url == reverse("organizations:new")


@pytest.mark.parametrize("model", ["facility", "facilitytechnology", "slot", "booking"])
def test_admin_lists_searches_and_shows(
    curator_client: Client, charlie_client: Client, alice: Any, alice_lab: Organization, slot: Slot, model: str
) -> None:
    services.book_slot(actor=viewer_of(alice), slot=slot, organization=alice_lab, starts_at=hour(0), ends_at=hour(2))
    changelist = reverse(f"admin:facilities_{model}_changelist")
    record = apps.get_model("facilities", model).objects.get()
    for address in (
        changelist,
        f"{changelist}?q=coating",
        reverse(f"admin:facilities_{model}_change", args=[record.pk]),
    ):
        assert curator_client.get(address).status_code == 200
        assert charlie_client.get(address).status_code == 302


def test_admin_cancels_through_the_service(
    curator_client: Client, alice: Any, alice_lab: Organization, slot: Slot
) -> None:
    booking = services.book_slot(
        actor=viewer_of(alice), slot=slot, organization=alice_lab, starts_at=hour(0), ends_at=hour(2)
    )
    chosen = {"action": "cancel", "_selected_action": [booking.pk]}
    curator_client.post(reverse("admin:facilities_booking_changelist"), chosen)
    assert Booking.objects.get().status == "cancelled"
