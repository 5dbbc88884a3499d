"""Many at once: bookings never pass the capacity, and windows never overlap."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from consortia.disclosure.viewer import Viewer
from consortia.facilities import services
from consortia.facilities.models import Booking, Facility, Slot
from consortia.facilities.occupancy import Occupation, peak_units
from consortia.organizations.models import Organization
from ronghe.common.errors import Conflict
from tests.consortia.facilities.conftest import hour

THREADS = 16


def all_at_once(action: Callable[[int], object]) -> list[str]:
    """Run the action in every thread at the same moment; for each, "done" or the code of its refusal."""
    start = Barrier(THREADS)

    def run(number: int) -> str:
        try:
            start.wait()
            action(number)
        except Conflict as error:
            return error.code
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@pytest.mark.django_db(transaction=True)
def test_exactly_as_many_bookings_succeed_as_fit(
    charlie_viewer: Viewer, charlie_works: Organization, slot: Slot
) -> None:
    outcomes = all_at_once(
        lambda _number: services.book_slot(
            actor=charlie_viewer, slot=slot, organization=charlie_works, starts_at=hour(0), ends_at=hour(24)
        )
    )
    assert outcomes.count("done") == slot.capacity
    assert outcomes.count("slot_full") == THREADS - slot.capacity
    assert Booking.objects.count() == slot.capacity


@pytest.mark.django_db(transaction=True)
def test_staggered_bookings_never_pass_the_capacity(
    charlie_viewer: Viewer, charlie_works: Organization, slot: Slot
) -> None:
    all_at_once(
        lambda number: services.book_slot(
            actor=charlie_viewer,
            slot=slot,
            organization=charlie_works,
            starts_at=hour(number),
            ends_at=hour(number + 6),
            units=1 + number % 2,
        )
    )
    held = [Occupation(*row) for row in Booking.objects.values_list("starts_at", "ends_at", "units")]
    assert 1 <= peak_units(held, starts_at=slot.starts_at, ends_at=slot.ends_at) <= slot.capacity


@pytest.mark.django_db(transaction=True)
def test_one_of_many_overlapping_offers_succeeds(alice_viewer: Viewer, facility: Facility) -> None:
    outcomes = all_at_once(
        lambda number: services.offer_slot(
            actor=alice_viewer, facility=facility, starts_at=hour(number), ends_at=hour(number + 20)
        )
    )
    assert outcomes.count("done") == Slot.objects.count() == 1
    assert outcomes.count("slot_overlap") == THREADS - 1
