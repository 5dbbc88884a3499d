"""Facilities, slots and bookings: the rules, who may, and what is refused."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.facilities import services
from consortia.facilities.models import Booking, Facility, Slot
from consortia.listings.drafts import TechnologyUseDraft
from consortia.organizations.models import Organization
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound, StaleEdit
from ronghe.events.models import Event
from tests.consortia.facilities.conftest import facility_draft, hour
from tests.consortia.listings.authoring import BATTERY, PEM


def book(actor: Viewer, slot: Slot, organization: Organization, begin: float, end: float, units: int = 1) -> Booking:
    return services.book_slot(
        actor=actor, slot=slot, organization=organization, starts_at=hour(begin), ends_at=hour(end), units=units
    )


def test_facility_is_stored_whole(facility: Facility) -> None:
    stored = Facility.objects.get()
    assert stored.names == {"en": "Roll-to-roll coating line", "zh-Hans": "卷对卷涂布中试线"}
    assert stored.uses.get().technology.key == BATTERY
    assert Event.objects.get(kind="facility.registered").payload == {"organization": facility.organization_id}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"names": {}}, "names"),
        ({"names": {"en": "  "}}, "names"),
        ({"names": {"en": "x" * 201}}, "names"),
        ({"description": "x" * 4001}, "description"),
        ({"access": "x" * 2001}, "access"),
        ({"safety": "bell\x07"}, "safety"),
        ({"trl_in": 8, "trl_out": 3}, "trl_in"),
        ({"trl_out": 11}, "trl_out"),
        ({"mrl_in": 0}, "mrl_in"),
        ({"throughput": -1.0}, "throughput"),
        ({"throughput": float("inf")}, "throughput"),
        ({"throughput": None}, "throughput"),
        ({"throughput_unit": "sacks"}, "throughput_unit"),
        ({"price_amount": Decimal(-1)}, "price_amount"),
        ({"currency": ""}, "currency"),
        ({"currency": "YYY"}, "currency"),
        ({"services": ["miracles"]}, "services"),
        ({"certificates": ["x", "x"]}, "certificates"),
        ({"disclosure": {"price": "nobody"}}, "disclosure"),
        ({"technologies": [TechnologyUseDraft(technology="none")]}, "technologies.0.technology"),
        ({"technologies": [TechnologyUseDraft(technology=BATTERY, route=PEM)]}, "technologies.0.route"),
        ({"technologies": [TechnologyUseDraft(technology=BATTERY)] * 2}, "technologies.1.technology"),
    ],
)
def test_fault_is_named_with_its_field(
    alice_viewer: Viewer, facility: Facility, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        services.register_facility(
            actor=alice_viewer, organization=facility.organization, draft=facility_draft(**changes)
        )
    assert list(caught.value.fields) == [field]
    assert Facility.objects.count() == 1


def test_revision_replaces_and_counts(bob_viewer: Viewer, facility: Facility) -> None:
    services.revise_facility(
        actor=bob_viewer, facility=facility, draft=facility_draft(trl_out=8, technologies=[]), expected_version=1
    )
    stored = Facility.objects.get()
    assert (stored.trl_out, stored.version, stored.uses.count()) == (8, 2, 0)
    with pytest.raises(StaleEdit):
        services.revise_facility(actor=bob_viewer, facility=facility, draft=facility_draft(), expected_version=1)


def test_charlie_and_strangers_write_nothing(charlie_viewer: Viewer, facility: Facility, slot: Slot) -> None:
    for viewer in (charlie_viewer, STRANGER):
        with pytest.raises(NotAllowed):
            services.register_facility(actor=viewer, organization=facility.organization, draft=facility_draft())
        with pytest.raises(NotAllowed):
            services.revise_facility(actor=viewer, facility=facility, draft=facility_draft(trl_out=9))
        with pytest.raises(NotAllowed):
            services.offer_slot(actor=viewer, facility=facility, starts_at=hour(48), ends_at=hour(49))
        with pytest.raises(NotAllowed):
            services.withdraw_slot(actor=viewer, slot=slot)
    Facility.objects.update(is_active=False)
    with pytest.raises(NotFound):
        services.revise_facility(actor=charlie_viewer, facility=facility, draft=facility_draft(trl_out=9))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": hour(-24 * 60), "ends_at": hour(1)}, "starts_at"),
        ({"ends_at": hour(0)}, "ends_at"),
        ({"ends_at": hour(24 * 400)}, "ends_at"),
        ({"starts_at": datetime(2090, 1, 1), "ends_at": datetime(2090, 1, 2)}, "starts_at"),  # noqa: DTZ001
        ({"capacity": 0}, "capacity"),
        ({"capacity": 1001}, "capacity"),
    ],
)
def test_bad_slot_is_refused(alice_viewer: Viewer, facility: Facility, changes: dict[str, object], field: str) -> None:
    window: dict[str, object] = {"starts_at": hour(0), "ends_at": hour(1), "capacity": 1, **changes}
    with pytest.raises(InvalidInput) as caught:
        services.offer_slot(actor=alice_viewer, facility=facility, **window)
    assert field in caught.value.fields
    assert not Slot.objects.exists()


def test_windows_of_a_facility_are_disjoint_but_may_touch(alice_viewer: Viewer, facility: Facility, slot: Slot) -> None:
    for begin, end in ((-1, 1), (1, 2), (23, 25), (-1, 25), (0, 24)):
        with pytest.raises(Conflict):
            services.offer_slot(actor=alice_viewer, facility=facility, starts_at=hour(begin), ends_at=hour(end))
    services.offer_slot(actor=alice_viewer, facility=facility, starts_at=hour(24), ends_at=hour(30))
    assert Slot.objects.count() == 2


def test_slot_with_bookings_cannot_be_withdrawn(
    alice_viewer: Viewer, charlie_viewer: Viewer, charlie_works: Organization, slot: Slot
) -> None:
    booking = book(charlie_viewer, slot, charlie_works, 0, 4)
    with pytest.raises(Conflict):
        services.withdraw_slot(actor=alice_viewer, slot=slot)
    services.decline_booking(actor=alice_viewer, booking=booking)
    services.withdraw_slot(actor=alice_viewer, slot=slot)
    assert not Slot.objects.exists()
    with pytest.raises(NotFound):
        book(charlie_viewer, slot, charlie_works, 0, 4)


def test_capacity_holds_at_every_moment(charlie_viewer: Viewer, charlie_works: Organization, slot: Slot) -> None:
    book(charlie_viewer, slot, charlie_works, 0, 10, units=2)
    book(charlie_viewer, slot, charlie_works, 10, 20, units=2)
    # Four units are booked in all, yet never more than two at once.
    book(charlie_viewer, slot, charlie_works, 5, 15, units=1)
    with pytest.raises(Conflict) as caught:
        book(charlie_viewer, slot, charlie_works, 9, 11, units=1)
    assert caught.value.code == "slot_full"
    assert list(caught.value.fields) == ["units"]


@pytest.mark.parametrize(
    ("begin", "end", "units", "field"),
    [(-1, 2, 1, "starts_at"), (20, 25, 1, "ends_at"), (4, 4, 1, "ends_at"), (0, 1, 0, "units"), (0, 1, 4, "units")],
)
def test_booking_outside_the_slot_is_refused(
    charlie_viewer: Viewer, charlie_works: Organization, slot: Slot, begin: int, end: int, units: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        book(charlie_viewer, slot, charlie_works, begin, end, units)
    assert list(caught.value.fields) == [field]


def test_booking_in_the_past_is_refused(charlie_viewer: Viewer, charlie_works: Organization, slot: Slot) -> None:
    Slot.objects.update(starts_at=timezone.now() - timedelta(days=2))
    with pytest.raises(InvalidInput) as caught:
        book(charlie_viewer, slot, charlie_works, -24 * 31, 1)
    assert list(caught.value.fields) == ["starts_at"]


def test_confirm_decline_cancel_and_who_may(
    alice_viewer: Viewer, charlie_viewer: Viewer, charlie_works: Organization, slot: Slot
) -> None:
    booking = book(charlie_viewer, slot, charlie_works, 0, 4)
    assert booking.status == "requested"
    with pytest.raises(NotAllowed):
        services.confirm_booking(actor=charlie_viewer, booking=booking)
    with pytest.raises(NotFound):
        services.cancel_booking(actor=STRANGER, booking=booking)
    services.confirm_booking(actor=alice_viewer, booking=booking)
    with pytest.raises(Conflict):
        services.decline_booking(actor=alice_viewer, booking=booking)
    services.cancel_booking(actor=charlie_viewer, booking=booking)
    with pytest.raises(Conflict):
        services.cancel_booking(actor=alice_viewer, booking=booking)
    assert list(Event.objects.filter(kind__startswith="booking.").values_list("kind", flat=True)) == [
        "booking.requested",
        "booking.confirmed",
        "booking.cancelled",
    ]


def test_declined_booking_frees_its_units(
    alice_viewer: Viewer, charlie_viewer: Viewer, charlie_works: Organization, slot: Slot
) -> None:
    services.decline_booking(actor=alice_viewer, booking=book(charlie_viewer, slot, charlie_works, 0, 4, units=3))
    assert book(charlie_viewer, slot, charlie_works, 0, 4, units=3).status == "requested"


def test_own_organization_books_without_asking_and_takes_capacity(
    alice_viewer: Viewer, alice_lab: Organization, charlie_viewer: Viewer, charlie_works: Organization, slot: Slot
) -> None:
    assert book(alice_viewer, slot, alice_lab, 0, 24, units=3).status == "confirmed"
    with pytest.raises(Conflict):
        book(charlie_viewer, slot, charlie_works, 0, 1)


def test_booking_for_an_organization_of_others_is_refused(
    charlie_viewer: Viewer, alice_lab: Organization, slot: Slot
) -> None:
    with pytest.raises(NotAllowed):
        book(charlie_viewer, slot, alice_lab, 0, 1)


def test_suspended_organization_cannot_book(charlie_viewer: Viewer, charlie_works: Organization, slot: Slot) -> None:
    charlie_works.status = "suspended"
    charlie_works.save()
    with pytest.raises(Conflict):
        book(charlie_viewer, slot, charlie_works, 0, 1)


def test_facility_off_offer_does_not_exist_for_others(
    charlie_viewer: Viewer, charlie_works: Organization, slot: Slot
) -> None:
    Facility.objects.update(is_active=False)
    with pytest.raises(NotFound):
        book(charlie_viewer, slot, charlie_works, 0, 1)
