from urllib.parse import parse_qs, urlsplit

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from consortia.organizations.models import Organization
from ronghe.common.api.paging import MOST_PER_PAGE, CursorPages
from ronghe.common.errors import InvalidInput
from tests.cast import make_organization


class View:
    ordering = ("country",)


def read(address, view=None):
    """One page: names and response."""
    request = Request(APIRequestFactory().get(address))
    pages = CursorPages()
    records = pages.paginate_queryset(Organization.objects.all(), request, view)
    return [record.display_name for record in records], pages.get_paginated_response([])


def read_all(address, view=None):
    names = []
    while address:
        page, response = read(address, view)
        names.append(page)
        address = response.data["next"]
    return names


@pytest.fixture
def seven(db):
    return [make_organization(f"Organization {number}") for number in range(7)]


def test_pages_follow_each_other_without_gap_or_repeat(seven):
    pages = read_all("/things/?limit=3")

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [name for page in pages for name in page] == [f"Organization {number}" for number in range(7)]


def test_records_that_tie_in_the_views_order_are_each_given_once(seven):
    names = [name for page in read_all("/things/?limit=2", View()) for name in page]

    assert sorted(names) == [f"Organization {number}" for number in range(7)]


def test_a_record_that_appears_between_two_pages_shifts_nothing(seven):
    first, response = read("/things/?limit=3")
    make_organization("An early name")

    second, _ = read(response.data["next"])

    assert (first[-1], second[0]) == ("Organization 2", "Organization 3")


def test_neighbours_stand_in_the_link_header_too(seven):
    _, first = read("/things/?limit=3&country=CN")
    _, second = read(first.data["next"])

    assert first.headers["Link"] == f'<{first.data["next"]}>; rel="next"'
    assert second.headers["Link"].endswith('rel="prev"')
    assert parse_qs(urlsplit(second.data["next"]).query)["country"] == ["CN"]


def test_a_single_page_has_no_link_header(seven):
    _, response = read("/things/")

    assert "Link" not in response.headers


@pytest.mark.parametrize("limit", ["0", "-1", "201", "many", "", "1e3", "９", "9" * 5000])
def test_a_limit_out_of_range_is_refused_by_name(seven, limit):
    with pytest.raises(InvalidInput) as refusal:
        read(f"/things/?limit={limit}")

    assert list(refusal.value.fields) == ["limit"]


def test_the_largest_limit_is_accepted(seven):
    names, _ = read(f"/things/?limit={MOST_PER_PAGE}")

    assert len(names) == 7


@pytest.mark.parametrize("cursor", ["nonsense", "cD3DKA==", "cD0lMDA="])
def test_a_forged_cursor_is_refused_by_name(seven, cursor):
    with pytest.raises(InvalidInput) as refusal:
        read(f"/things/?cursor={cursor}")

    assert list(refusal.value.fields) == ["cursor"]


def test_a_cursor_whose_position_is_of_another_type_is_refused(seven):
    class ByDate:
        ordering = ("-created_at",)

    with pytest.raises(InvalidInput):
        read("/things/?cursor=cD1ub3QtYS1kYXRl", ByDate())
