from datetime import timedelta

import pytest
from django.utils import timezone

from consortia.listings.models import Listing, Need
from matching.models import Match
from tests.cast import make_organization

pytestmark = pytest.mark.django_db


def make_need(organization, title, **fields):
    """An open need in English."""
    defaults = {
        "side": "need",
        "kind": Need.Kind.RND_PROBLEM,
        "status": Listing.Status.OPEN,
        "language": "en",
        "published_at": timezone.now(),
        "valid_until": timezone.localdate() + timedelta(days=365),
    }
    return Need.objects.create(organization=organization, title=title, **{**defaults, **fields})


def make_match(need, organization, score=71.5, rank=1):
    return Match.objects.create(need=need, organization=organization, score=score, rank=rank)


class TestForStrangers:
    def test_it_says_what_this_is_and_how_to_begin(self, client):
        page = client.get("/").content.decode()

        assert "Key common technologies find their partners" in page
        assert "/accounts/signup/" in page
        assert page.index('name="q"') < page.index("<h1")

    def test_it_shows_the_newest_of_what_is_for_everybody(self, client, alice_lab):
        make_need(alice_lab, "Dense electrolyte films")
        make_need(alice_lab, "A draft of Alice's", status=Listing.Status.DRAFT)

        page = client.get("/").content.decode()

        assert "Dense electrolyte films" in page
        assert "A draft of Alice's" not in page
        assert "A draft of Alice&#x27;s" not in page

    def test_it_does_not_name_an_organization_that_hides_its_name(self, client, alice_lab):
        make_need(alice_lab, "Dense electrolyte films", disclosure={"organization": "matched"})

        page = client.get("/").content.decode()

        assert "Dense electrolyte films" in page
        assert "Alice Lab" not in page

    def test_queries_do_not_grow_with_the_listings(self, client, alice_lab, django_assert_max_num_queries):
        for number in range(6):
            make_need(alice_lab, f"Need {number}")

        with django_assert_max_num_queries(20):
            client.get("/")


class TestForPeople:
    def test_a_newcomer_is_led_to_an_organization(self, client, django_user_model):
        client.force_login(django_user_model.objects.create_user("dora@example.com", "x"))

        page = client.get("/").content.decode()

        assert "You belong to no organization yet" in page
        assert "/organizations/new/" in page

    def test_own_needs_come_with_their_best_matches(self, alice_client, alice_lab, charlie_works):
        need = make_need(alice_lab, "Dense electrolyte films")
        make_match(need, charlie_works)

        page = alice_client.get("/").content.decode()

        assert "Dense electrolyte films" in page
        assert "Charlie Works" in page
        assert f"/matches/needs/{need.public_id}/" in page

    def test_a_need_that_they_could_answer_waits_for_them(self, charlie_client, alice_lab, charlie_works):
        match = make_match(make_need(alice_lab, "Dense electrolyte films"), charlie_works)

        assert f"/matches/{match.public_id}/" in charlie_client.get("/").content.decode()

    def test_what_was_looked_at_waits_no_longer(self, charlie_client, alice_lab, charlie_works):
        match = make_match(make_need(alice_lab, "Dense electrolyte films"), charlie_works)
        Match.objects.update(organization_answer=Match.Answer.SEEN)

        assert f"/matches/{match.public_id}/" not in charlie_client.get("/").content.decode()

    def test_charlie_sees_nothing_of_a_match_between_others(self, charlie_client, alice_lab):
        match = make_match(make_need(alice_lab, "Dense electrolyte films"), make_organization("Dora Metals"))

        page = charlie_client.get("/").content.decode()

        assert str(match.public_id) not in page
        assert "Dora Metals" not in page

    def test_queries_do_not_grow_with_needs_and_matches(self, alice_client, alice_lab, django_assert_max_num_queries):
        others = [make_organization(f"Partner {number}") for number in range(5)]
        for number in range(4):
            need = make_need(alice_lab, f"Need {number}")
            for rank, other in enumerate(others, start=1):
                make_match(need, other, score=80 - rank, rank=rank)

        with django_assert_max_num_queries(45):
            page = alice_client.get("/").content.decode()

        assert page.count("Partner 0") == 3
        assert "Partner 3" not in page
