"""The sweep against counting every moment."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consortia.facilities.occupancy import Occupation, peak_units

EPOCH = datetime(2027, 3, 1, tzinfo=UTC)
LONGEST = 24


def moment(hours: int) -> datetime:
    return EPOCH + timedelta(hours=hours)


spans = st.tuples(st.integers(0, LONGEST), st.integers(0, LONGEST)).filter(lambda span: span[0] < span[1])
bookings = st.lists(st.tuples(spans, st.integers(1, 5)), max_size=30)


@given(bookings, spans)
def test_peak_is_the_highest_of_all_hours(booked: list[tuple[tuple[int, int], int]], window: tuple[int, int]) -> None:
    occupations = [Occupation(moment(begin), moment(end), units) for (begin, end), units in booked]
    by_counting = max(
        sum(units for (begin, end), units in booked if begin <= hour < end) for hour in range(window[0], window[1])
    )
    assert peak_units(occupations, starts_at=moment(window[0]), ends_at=moment(window[1])) == by_counting


def test_what_ends_when_another_begins_is_not_counted_with_it() -> None:
    occupations = [Occupation(moment(0), moment(2), 1), Occupation(moment(2), moment(4), 1)]
    assert peak_units(occupations, starts_at=moment(0), ends_at=moment(4)) == 1


def test_nothing_booked_takes_nothing() -> None:
    assert peak_units([], starts_at=moment(0), ends_at=moment(1)) == 0
