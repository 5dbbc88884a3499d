"""A text that is matched without being saved: what it finds, what it refuses, and what it never tells."""

import pytest
from django.test import Client
from django.urls import reverse

from consortia.disclosure.models import Tier
from consortia.listings.models import Listing, Need
from consortia.organizations.models import Organization
from matching.explanations import explain_found
from matching.models import Match
from matching.services.searching import SEARCH_LENGTH, search_partners
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, TooMany
from tests.matching import world

SEARCH = "/api/v1/matches/search/"
TEXT = "Sulfide electrolyte powder for solid-state batteries"


def names(viewer, text: str = TEXT) -> list[str]:
    return [str(item.organization) for item in search_partners(viewer=viewer, text=text).found]


def test_a_text_finds_organizations_and_nothing_is_saved(run, charlie_viewer):
    before = Match.objects.count(), Need.objects.count()
    search = search_partners(viewer=charlie_viewer, text=TEXT)
    assert [str(item.organization) for item in search.found] == ["Dora Materials"]
    assert (search.language, search.found[0].rank) == ("en", 1)
    assert search.found[0].score > 0
    assert (Match.objects.count(), Need.objects.count()) == before


def test_the_language_is_detected(run, charlie_viewer):
    assert search_partners(viewer=charlie_viewer, text="硫化物固态电解质").language == "zh-Hans"
    assert search_partners(viewer=charlie_viewer, text="硫化物", language="en").language == "en"


def test_one_s_own_organization_is_not_found(run, dora_viewer):
    assert names(dora_viewer) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("  ", "Say in a few words"),
        ("x" * (SEARCH_LENGTH + 1), "at most 5000 characters"),
        ("x" * 1_000_000, "at most 5000 characters"),
        ("\x00\x01\x02PK\x03\x04", "is not text"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(run, charlie_viewer, text, says):
    with pytest.raises(InvalidInput) as refused:
        search_partners(viewer=charlie_viewer, text=text)
    assert says in str(refused.value.fields["text"])


def test_a_language_that_is_no_tag_is_refused(run, charlie_viewer):
    with pytest.raises(InvalidInput) as refused:
        search_partners(viewer=charlie_viewer, text=TEXT, language="Klingon!")
    assert list(refused.value.fields) == ["language"]


@pytest.mark.parametrize("text", ["x", "the and of", "的", "🔋🔋🔋", "??? !!!"])
def test_a_text_that_says_nothing_finds_nobody(run, charlie_viewer, text):
    assert names(charlie_viewer, text) == []


def test_strangers_search_nothing(run, stranger_viewer):
    with pytest.raises(NotAllowed):
        search_partners(viewer=stranger_viewer, text=TEXT)


def test_before_the_first_recompute(db, charlie_viewer):
    with pytest.raises(Conflict) as refused:
        search_partners(viewer=charlie_viewer, text=TEXT)
    assert refused.value.code == "no_index"


def test_varying_a_question_has_a_budget_and_asking_again_is_free(run, charlie_viewer, bob_viewer, settings):
    settings.MATCHING_SEARCHES_PER_HOUR = 2
    for text in ("one", "two", "one", "two"):
        search_partners(viewer=charlie_viewer, text=text)
    with pytest.raises(TooMany) as refused:
        search_partners(viewer=charlie_viewer, text="three")
    assert 0 < refused.value.retry_after <= 3600
    search_partners(viewer=charlie_viewer, text="one")
    search_partners(viewer=bob_viewer, text="three")


def test_an_account_that_a_full_cache_dropped_starts_again(run, charlie_viewer, monkeypatch, settings):
    settings.MATCHING_SEARCHES_PER_HOUR = 1

    def dropped(key: str) -> int:
        raise ValueError(key)

    with monkeypatch.context() as full:
        full.setattr("django.core.cache.cache.incr", dropped)
        search_partners(viewer=charlie_viewer, text="one")
    with pytest.raises(TooMany):
        search_partners(viewer=charlie_viewer, text="two")


def test_restricted_texts_leave_no_trace(need, dora_materials, charlie_viewer):
    organization, viewer = dora_materials
    secret = f"{world.SECRET_WORDS} perovskite"
    capability = world.publish_capability(viewer, organization, description=secret)
    world.recompute()
    assert names(charlie_viewer, secret) == ["Dora Materials"]
    Listing.objects.filter(pk=capability.pk).update(disclosure={"description": Tier.MATCHED})
    world.recompute()
    assert names(charlie_viewer, secret) == []
    [found] = search_partners(viewer=charlie_viewer, text=f"{TEXT} {secret}").found
    Listing.objects.filter(pk=capability.pk).update(description="something else altogether")
    world.recompute()
    [again] = search_partners(viewer=charlie_viewer, text=f"{TEXT} {secret}").found
    assert (again.score, again.columns) == (found.score, found.columns)


def test_whose_a_nameless_capability_is_cannot_be_searched_out(need, dora_materials, charlie_viewer):
    organization, viewer = dora_materials
    world.publish_capability(viewer, organization, disclosure={"organization": Tier.MATCHED})
    world.recompute()
    assert names(charlie_viewer) == []


def test_whoever_is_out_of_sight_since_is_not_found(run, charlie_viewer, dora_materials):
    Organization.objects.filter(pk=dora_materials[0].pk).update(status=Organization.Status.SUSPENDED)
    assert names(charlie_viewer) == []


def test_a_record_that_was_withdrawn_since_is_not_named(run, charlie_viewer, capability):
    Listing.objects.filter(pk=capability.pk).update(status=Listing.Status.WITHDRAWN)
    found = search_partners(viewer=charlie_viewer, text=TEXT).found
    assert capability.title not in repr(explain_found(charlie_viewer, found))


def test_the_api(run, charlie_client):
    found = charlie_client.post(SEARCH, {"text": TEXT}, content_type="application/json").json()
    [result] = found["results"]
    assert (found["language"], result["organization"]["name"], result["rank"]) == ("en", "Dora Materials", 1)
    assert sum(item["points"] for item in result["contributions"]) == pytest.approx(result["score"])
    refused = charlie_client.post(SEARCH, {"text": " "}, content_type="application/json")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["text"])
    assert Client().post(SEARCH, {"text": TEXT}, content_type="application/json").status_code in {401, 403}


def test_the_page(run, charlie_client, settings):
    address = reverse("matching:search")
    assert "What are you looking for?" in charlie_client.get(address).content.decode()
    page = charlie_client.post(address, {"text": TEXT}).content.decode()
    assert "Dora Materials" in page
    assert TEXT in page
    part = charlie_client.post(address, {"text": TEXT}, headers={"HX-Request": "true"}).content.decode()
    assert "Dora Materials" in part
    assert "<html" not in part
    assert "Nobody was found" in charlie_client.post(address, {"text": "oboe reeds"}).content.decode()
    settings.MATCHING_SEARCHES_PER_HOUR = 1
    assert "within the hour" in charlie_client.post(address, {"text": "another"}).content.decode()
    assert "/accounts/login/" in Client().get(address).url
