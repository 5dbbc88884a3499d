"""The page of where listings pile up: its cells, its links, and what it keeps from readers."""

import pytest
from django.test import Client

from consortia.disclosure.models import Tier
from consortia.listings.models import Listing
from matching.herding import HERD_LISTINGS
from tests.consortia.listings.authoring import BATTERY, SULFIDE
from tests.matching import world

HERDING = "/matches/herding/"
LINK = f"?technology={BATTERY}&amp;route={SULFIDE}&amp;region=CN-JS"


def text_of(client: Client, **query: str) -> str:
    response = client.get(HERDING, query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def herd(need, dora_materials):
    organization, viewer = dora_materials
    for number in range(HERD_LISTINGS):
        world.publish_capability(viewer, organization, title=f"Powder {number}")


def test_counts_lead_to_what_is_counted(herd, charlie_client):
    told = text_of(charlie_client)
    assert f'href="/needs/{LINK}">1</a>' in told
    assert f'href="/capabilities/{LINK}">5</a>' in told
    listed = charlie_client.get("/capabilities/", {"technology": BATTERY, "route": SULFIDE, "region": "CN-JS"})
    assert listed.context["page"].paginator.count == HERD_LISTINGS


def test_herds_are_named_and_can_be_shown_alone(herd, charlie_client):
    assert ">herd</span>" in text_of(charlie_client)
    assert "1 herd only" in text_of(charlie_client)
    assert "CN-JS" in text_of(charlie_client, herds="1")
    Listing.objects.filter(side="capability").delete()
    assert "CN-JS" in text_of(charlie_client)
    assert "CN-JS" not in text_of(charlie_client, herds="1")


def test_one_technology_can_be_chosen(herd, charlie_client):
    assert "All technologies" in text_of(charlie_client, technology=BATTERY)
    assert "Nothing piles up here" in text_of(charlie_client, technology="unheard-of")


def test_whose_listing_it_is_stays_hidden(need, charlie_client, curator_client):
    Listing.objects.filter(pk=need.pk).update(disclosure={"organization": Tier.MATCHED})
    assert "CN-JS" not in text_of(charlie_client)
    assert "CN-JS" in text_of(curator_client)


def test_a_draft_is_in_no_cell(need, charlie_client, curator_client):
    Listing.objects.filter(pk=need.pk).update(status=Listing.Status.DRAFT)
    assert "Nothing piles up here" in text_of(charlie_client)


def test_strangers_sign_in_first(need, client):
    assert client.get(HERDING).url.startswith("/accounts/login/")
