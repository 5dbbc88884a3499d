"""The endpoints of facilities, slots and bookings."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from consortia.disclosure.models import Reveal
from consortia.disclosure.viewer import Viewer
from consortia.facilities import services
from consortia.facilities.models import Booking, Facility, Slot
from consortia.organizations.models import Organization
from tests.consortia.facilities.conftest import hour
from tests.consortia.listings.authoring import BATTERY

FACILITIES = "/api/v1/facilities/"
SLOTS = "/api/v1/slots/"
BOOKINGS = "/api/v1/bookings/"


def send(client: Client, method: str, address: str, data: Any = None) -> HttpResponse:
    return getattr(client, method)(address, data=data, content_type="application/json")


def booking_body(slot: Slot, owner: Organization, **changes: Any) -> dict[str, Any]:
    return {
        "slot": str(slot.public_id),
        "organization": str(owner.public_id),
        "starts_at": hour(0).isoformat(),
        "ends_at": hour(4).isoformat(),
        **changes,
    }


def test_facility_is_written_and_read(alice_client: Client, facility: Facility, client: Client) -> None:
    data = {
        "organization": str(facility.organization.public_id),
        "names": {"en": "Dry room"},
        "technologies": [{"technology": BATTERY}],
        "trl_in": 4,
        "trl_out": 6,
        "price_amount": "900.00",
        "currency": "EUR",
    }
    created = send(alice_client, "post", FACILITIES, data)
    assert created.status_code == 201
    assert created.json()["price"] == {"amount": "900.00", "unit": "", "currency": "EUR"}
    seen = client.get(f"{FACILITIES}{created.json()['public_id']}/").json()
    assert seen["names"] == {"en": "Dry room"}
    assert "price" not in seen
    assert "ip_terms" not in seen
    assert seen["hidden"] == ["ip_terms", "price"]


def test_change_names_the_version(alice_client: Client, facility: Facility) -> None:
    address = f"{FACILITIES}{facility.public_id}/"
    assert list(send(alice_client, "patch", address, {"trl_out": 8}).json()["fields"]) == ["version"]
    changed = send(alice_client, "patch", address, {"trl_out": 8, "version": 1}).json()
    assert (changed["trl_out"], changed["version"], changed["names"]) == (8, 2, facility.names)
    assert send(alice_client, "put", address, {"names": {"en": "x"}, "version": 1}).status_code == 409
    replaced = send(alice_client, "put", address, {"names": {"en": "x"}, "version": 2}).json()
    assert (replaced["trl_out"], replaced["technologies"]) == (None, [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"names": {}}, "names"),
        ({"trl_in": 9}, "trl_in"),
        ({"throughput": 10**400}, "throughput"),
        ({"throughput_unit": "sacks"}, "throughput_unit"),
        ({"services": ["miracles"]}, "services.0"),
    ],
)
def test_fault_is_a_problem_document(
    alice_client: Client, facility: Facility, changes: dict[str, Any], field: str
) -> None:
    answer = send(alice_client, "patch", f"{FACILITIES}{facility.public_id}/", {"version": 1, **changes})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_charlie_and_strangers_change_nothing(
    charlie_client: Client, client: Client, facility: Facility, slot: Slot
) -> None:
    window = {"facility": str(facility.public_id), "starts_at": hour(50).isoformat(), "ends_at": hour(60).isoformat()}
    for outsider in (charlie_client, client):
        assert send(outsider, "patch", f"{FACILITIES}{facility.public_id}/", {"version": 1}).status_code in {401, 403}
        assert send(outsider, "post", SLOTS, window).status_code in {401, 403}
        assert send(outsider, "delete", f"{SLOTS}{slot.public_id}/").status_code in {401, 403}
    assert Slot.objects.count() == 1


def test_slots_are_offered_listed_and_withdrawn(alice_client: Client, client: Client, facility: Facility) -> None:
    window = {
        "facility": str(facility.public_id),
        "starts_at": hour(0).isoformat(),
        "ends_at": hour(8).isoformat(),
        "capacity": 2,
    }
    created = send(alice_client, "post", SLOTS, window)
    assert (created.status_code, created.json()["free"]) == (201, 2)
    assert send(alice_client, "post", SLOTS, window).json()["code"] == "slot_overlap"
    assert len(client.get(f"{SLOTS}?facility={facility.public_id}").json()["results"]) == 1
    assert send(alice_client, "delete", f"{SLOTS}{created.json()['public_id']}/").status_code == 204
    assert client.get(SLOTS).json()["results"] == []


def test_slots_that_are_not_shown_do_not_exist(
    charlie_client: Client, alice_client: Client, charlie_works: Organization, slot: Slot
) -> None:
    Facility.objects.update(disclosure={"slots": "matched"})
    assert charlie_client.get(SLOTS).json()["results"] == []
    assert charlie_client.get(f"{SLOTS}{slot.public_id}/").status_code == 404
    assert send(charlie_client, "post", BOOKINGS, booking_body(slot, charlie_works)).status_code == 404
    assert len(alice_client.get(SLOTS).json()["results"]) == 1


def test_booking_from_request_to_cancellation(
    alice_client: Client, charlie_client: Client, client: Client, charlie_works: Organization, slot: Slot
) -> None:
    created = send(charlie_client, "post", BOOKINGS, booking_body(slot, charlie_works, units=2))
    assert (created.status_code, created.json()["status"]) == (201, "requested")
    address = f"{BOOKINGS}{created.json()['public_id']}/"
    assert client.get(f"{SLOTS}{slot.public_id}/").json()["free"] == 1
    full = send(charlie_client, "post", BOOKINGS, booking_body(slot, charlie_works, units=2))
    assert (full.status_code, full.json()["code"], list(full.json()["fields"])) == (409, "slot_full", ["units"])
    assert send(charlie_client, "post", f"{address}confirm/").status_code == 403
    assert send(alice_client, "post", f"{address}confirm/").json()["status"] == "confirmed"
    assert send(alice_client, "post", f"{address}decline/").status_code == 409
    assert send(charlie_client, "post", f"{address}cancel/").json()["status"] == "cancelled"


def test_bookings_are_for_both_sides_only(
    alice_client: Client, charlie_client: Client, client: Client, alice_lab: Organization, slot: Slot
) -> None:
    created = send(alice_client, "post", BOOKINGS, booking_body(slot, alice_lab))
    assert created.json()["status"] == "confirmed"
    address = f"{BOOKINGS}{created.json()['public_id']}/"
    for outsider in (charlie_client, client):
        assert outsider.get(BOOKINGS).json()["results"] == []
        assert outsider.get(address).status_code == 404
    assert send(charlie_client, "post", f"{address}cancel/").status_code == 404
    assert len(alice_client.get(f"{BOOKINGS}?status=confirmed").json()["results"]) == 1
    assert Booking.objects.get().status == "confirmed"


def test_hidden_slots_are_told_by_no_page_and_no_cursor(
    alice_client: Client, charlie_client: Client, facility: Facility, slot: Slot, alice_viewer: Viewer
) -> None:
    services.offer_slot(actor=alice_viewer, facility=facility, starts_at=hour(30), ends_at=hour(40), capacity=1)
    Facility.objects.update(disclosure={"slots": "matched"})
    hidden = charlie_client.get(f"{SLOTS}?limit=1").json()
    assert (hidden["results"], hidden["next"]) == ([], None)
    assert charlie_client.get(f"{SLOTS}{slot.public_id}/").status_code == 404
    assert len(alice_client.get(SLOTS).json()["results"]) == 2


@pytest.mark.parametrize("edge", ["0001-01-01", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-12:00"])
def test_moments_at_the_edge_of_the_calendar_are_refused(
    alice_client: Client, facility: Facility, slot: Slot, alice_lab: Organization, edge: str
) -> None:
    window = {"facility": str(facility.public_id), "starts_at": edge, "ends_at": edge}
    assert send(alice_client, "post", SLOTS, window).status_code == 400
    booking = booking_body(slot, alice_lab, starts_at=edge, ends_at=edge)
    assert send(alice_client, "post", BOOKINGS, booking).status_code == 400
    for name in ("after", "before"):
        assert alice_client.get(SLOTS, {name: edge}).status_code == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=coating", 1),
        ("q=卷对卷", 1),
        ("q=reactor", 0),
        (f"technology={BATTERY}", 1),
        ("service=process", 1),
        ("service=design", 0),
        ("trl=6", 1),
        ("trl=9", 0),
        ("region=CN-JS", 1),
        ("mine=true", 0),
    ],
)
def test_filters(charlie_client: Client, facility: Facility, query: str, found: int) -> None:
    assert len(charlie_client.get(f"{FACILITIES}?{query}").json()["results"]) == found


def test_what_members_are_shown_is_in_the_ledger(charlie_client: Client, facility: Facility) -> None:
    assert "ip_terms" in charlie_client.get(f"{FACILITIES}{facility.public_id}/").json()
    assert (Reveal.objects.get().fields, Reveal.objects.get().surface) == (["ip_terms"], "api")


def test_lists_take_a_bounded_number_of_queries(
    charlie_client: Client, facility: Facility, slot: Slot, django_assert_max_num_queries: Any
) -> None:
    for address in (FACILITIES, SLOTS, BOOKINGS):
        with django_assert_max_num_queries(10):
            charlie_client.get(address)
