"""Keeping the demo network alive: its dates move on by whole years once the first of them has passed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from consortia.imports.demo.network import DemoFile, Network
from consortia.imports.demo.records import BookingEntry, FacilityEntry, SlotEntry

# Fixed, so that a network that is loaded again under another setting finds its slots where they were.
_ZONE: Final = ZoneInfo("Asia/Shanghai")


def years_behind(network: Network, *, today: date) -> int:
    """By how many whole years all dates must move on for every one of them to lie after today; 0 or more."""
    first = min(_dates(network), default=None)
    years = 0
    while first is not None and moved_on(first, years) <= today:
        years += 1
    return years


def moved_on(day: date, years: int) -> date:
    """The same day in a later year; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def with_dates_moved_on(network: Network, years: int) -> Network:
    """The network with deadlines, slots and bookings that many years later."""
    if not years:
        return network
    files = {name: _file_moved_on(file, years) for name, file in network.files.items()}
    return replace(network, files=files)


def window(first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last."""
    start = datetime.combine(first, time.min, tzinfo=_ZONE)
    return start, datetime.combine(last + timedelta(days=1), time.min, tzinfo=_ZONE)


def _dates(network: Network) -> Iterator[date]:
    yield from (need.deadline for need in network.needs)
    for facility in network.facilities:
        yield from (slot.start for slot in facility.slots)
        yield from (booking.start for booking in facility.bookings)


def _file_moved_on(file: DemoFile, years: int) -> DemoFile:
    return replace(
        file,
        needs=tuple(replace(need, deadline=moved_on(need.deadline, years)) for need in file.needs),
        facilities=tuple(_facility_moved_on(facility, years) for facility in file.facilities),
    )


def _facility_moved_on(facility: FacilityEntry, years: int) -> FacilityEntry:
    return replace(
        facility,
        slots=tuple(_slot_moved_on(slot, years) for slot in facility.slots),
        bookings=tuple(_booking_moved_on(booking, years) for booking in facility.bookings),
    )


def _slot_moved_on(slot: SlotEntry, years: int) -> SlotEntry:
    return replace(slot, start=moved_on(slot.start, years), end=moved_on(slot.end, years))


def _booking_moved_on(booking: BookingEntry, years: int) -> BookingEntry:
    return replace(booking, start=moved_on(booking.start, years), end=moved_on(booking.end, years))
