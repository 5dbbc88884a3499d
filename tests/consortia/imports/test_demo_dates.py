"""The demo network stays alive: its dates move on together."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from consortia.imports.demo.dates import moved_on, window, with_dates_moved_on, years_behind
from consortia.imports.demo.network import Network
from consortia.imports.demo.reading import read_network
from tests.consortia.imports.demo_authoring import Folder


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """Its first date is 2027-03-01."""
    return read_network(Folder(tmp_path).write())


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (date(2026, 11, 23), 0),
        (date(2027, 2, 28), 0),
        (date(2027, 3, 1), 1),
        (date(2028, 2, 29), 1),
        (date(2028, 3, 1), 2),
        (date(2040, 1, 1), 13),
    ],
)
def test_dates_move_on_when_the_first_has_come(network: Network, today: date, years: int) -> None:
    assert years_behind(network, today=today) == years


def test_all_dates_move_on_by_as_many_years(network: Network) -> None:
    later = with_dates_moved_on(network, 3)

    facility = later.facilities[0]
    assert later.needs[0].deadline == date(2030, 6, 30)
    assert [slot.start for slot in facility.slots] == [date(2030, 3, 1), date(2030, 9, 1)]
    assert (facility.bookings[0].start, facility.bookings[0].end) == (date(2030, 3, 1), date(2030, 3, 5))
    assert later.experiences == network.experiences


def test_leap_days_become_the_day_before() -> None:
    assert moved_on(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert moved_on(date(2028, 2, 29), 4) == date(2032, 2, 29)


def test_a_window_holds_its_last_day() -> None:
    assert window(date(2027, 3, 1), date(2027, 3, 14)) == (
        datetime(2027, 2, 28, 16, tzinfo=UTC),
        datetime(2027, 3, 14, 16, tzinfo=UTC),
    )
