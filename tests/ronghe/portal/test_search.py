from datetime import UTC, date, datetime

import pytest

from consortia.facilities.models import Facility
from consortia.listings.models import Capability, Listing, Need
from consortia.organizations.models import Organization, OrganizationName
from consortia.technologies.models import Technology, TechnologyLabel
from ronghe.common.text import fold
from tests.cast import make_organization

pytestmark = pytest.mark.django_db

OPEN = {
    "status": Listing.Status.OPEN,
    "language": "en",
    "published_at": datetime(2026, 11, 2, tzinfo=UTC),
    "valid_until": date(2999, 1, 1),
}


def named(name, **fields):
    """An organization that is found by its name."""
    organization = make_organization(name, **fields)
    OrganizationName.objects.create(
        organization=organization, kind=OrganizationName.Kind.OFFICIAL, language="en", text=name, folded=fold(name)
    )
    return organization


@pytest.fixture
def world(alice_lab):
    """One record about lasers in every room."""
    named("Laser Works")
    Need.objects.create(organization=alice_lab, side="need", kind=Need.Kind.RND_PROBLEM, title="A laser need", **OPEN)
    Capability.objects.create(
        organization=alice_lab, side="capability", kind=Capability.Kind.TECHNOLOGY, title="A laser capability", **OPEN
    )
    Facility.objects.create(organization=alice_lab, names={"en": "The laser bench"})
    technology = Technology.objects.create(
        key="inf-laser", labels={"en": "Laser link"}, status=Technology.Status.ACTIVE, scheme="ronghe"
    )
    TechnologyLabel.objects.create(
        technology=technology,
        kind=TechnologyLabel.Kind.PREFERRED,
        language="en",
        text="Laser link",
        folded="laser link",
    )


def test_one_box_finds_in_every_room(client, world):
    page = client.get("/search/?q=LASER").content.decode()

    for title in ("A laser need", "A laser capability", "Laser Works", "The laser bench", "Laser link"):
        assert title in page


def test_nothing_found_says_what_to_do(client, world):
    page = client.get("/search/?q=zeppelin").content.decode()

    assert "Nothing found" in page
    assert "/technologies/" in page


def test_before_a_search_there_is_only_the_box(client, world):
    page = client.get("/search/").content.decode()

    assert "Nothing found" not in page
    assert 'role="alert"' not in page


def test_a_room_with_more_leads_to_its_own_list(client):
    for number in range(8):
        named(f"Laser Works {number}")

    page = client.get("/search/?q=laser").content.decode()

    assert page.count("Laser Works") == 6
    assert 'href="/organizations/?q=laser"' in page


@pytest.mark.parametrize("person", ["client", "charlie_client"])
def test_what_a_viewer_may_not_know_is_not_found(person, alice_lab, request):
    named("Laser Newcomer", status=Organization.Status.PENDING)
    Need.objects.create(
        organization=alice_lab, side="need", kind=Need.Kind.RND_PROBLEM, title="A laser draft", language="en"
    )
    Need.objects.create(
        organization=alice_lab,
        side="need",
        kind=Need.Kind.RND_PROBLEM,
        title="An anonymous laser need",
        disclosure={"organization": "matched"},
        **OPEN,
    )
    Technology.objects.create(key="inf-secret-laser", labels={"en": "Secret laser"}, status="proposed", scheme="ronghe")

    page = request.getfixturevalue(person).get("/search/?q=laser").content.decode()

    assert "An anonymous laser need" in page
    for secret in ("Laser Newcomer", "A laser draft", "Alice Lab", "Secret laser"):
        assert secret not in page


@pytest.mark.parametrize("words", ["%00", "x" * 201, "%20%20"])
def test_words_that_are_none_are_refused_by_name(client, words):
    response = client.get(f"/search/?q={words}")

    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize("words", ["%25_'\"--", "<script>alert(1)</script>", "激光", "\\"])
def test_hostile_words_find_nothing_and_come_back_as_text(client, world, words):
    response = client.get("/search/", {"q": words})

    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_queries_are_bounded(client, world, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        client.get("/search/?q=laser")
