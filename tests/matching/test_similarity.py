"""Needs like a draft, and where listings pile up: as far as the reader may know."""

import pytest
from django.test import Client

from consortia.disclosure.models import Tier
from consortia.listings.drafts import TechnologyUseDraft
from consortia.listings.models import Listing, Need
from matching import herding
from matching.herding import HERD_LISTINGS, herding_cells
from matching.services.similarity import find_similar_needs
from ronghe.common.errors import InvalidInput, NotAllowed, TooMany
from tests.consortia.listings.authoring import BATTERY, SULFIDE
from tests.matching import world

SIMILAR, HERDING = "/api/v1/similar-needs/", "/api/v1/herding/"
SAME = (
    "Sulfide solid electrolyte for solid-state batteries\n"
    "We look for a sulfide electrolyte powder that survives a thousand cycles."
)


def titles(viewer, text: str = SAME, **options: object) -> list[str]:
    return [item.need.title for item in find_similar_needs(viewer=viewer, text=text, **options)]


def test_a_duplicate_is_found_and_called_so(run, need, charlie_viewer):
    [found] = find_similar_needs(viewer=charlie_viewer, text=SAME)
    assert (found.need.title, found.is_duplicate) == (need.title, True)
    assert found.similarity == pytest.approx(1)


def test_a_neighbour_is_similar_but_no_duplicate(run, charlie_viewer):
    [found] = find_similar_needs(
        viewer=charlie_viewer,
        text="Sulfide electrolyte for solid-state batteries\nA sulfide powder that survives pouch cells is wanted.",
    )
    assert not found.is_duplicate
    assert find_similar_needs(viewer=charlie_viewer, text="Baroque oboe reeds") == []


def test_the_need_that_is_changed_is_left_out(run, need, alice_viewer):
    assert titles(alice_viewer) == [need.title]
    assert titles(alice_viewer, but=need) == []


def test_technologies_that_the_draft_names_find_candidates_of_their_own(run, need, charlie_viewer):
    text = "粉体材料 thousand cycles survives powder look"
    Need.objects.filter(pk=need.pk).update(title="ZZZ")
    assert titles(charlie_viewer, text) == []
    named = find_similar_needs(viewer=charlie_viewer, text=SAME, technologies=[BATTERY])
    assert [item.need.title for item in named] == ["ZZZ"]


@pytest.mark.parametrize("status", [Listing.Status.DRAFT, Listing.Status.WITHDRAWN, Listing.Status.CLOSED])
def test_a_need_that_is_not_published_is_not_revealed(run, need, charlie_viewer, status):
    Listing.objects.filter(pk=need.pk).update(status=status)
    assert titles(charlie_viewer) == []


def test_a_need_of_an_organization_out_of_sight_is_not_revealed(run, need, alice_lab, charlie_viewer):
    type(alice_lab).objects.filter(pk=alice_lab.pk).update(status="pending")
    assert titles(charlie_viewer) == []


def test_a_restricted_text_changes_nothing(run, need, charlie_viewer, alice_viewer):
    title = SAME.split("\n")[0]
    Listing.objects.filter(pk=need.pk).update(disclosure={"summary": Tier.MATCHED})
    assert titles(alice_viewer, title) == [], "an own need is compared whole, and its title is not all of it"
    [first] = find_similar_needs(viewer=charlie_viewer, text=title)
    assert first.similarity == pytest.approx(1), "of somebody else's need only the title is compared"
    Listing.objects.filter(pk=need.pk).update(summary="Sulfide powder that nobody may know.")
    [second] = find_similar_needs(viewer=charlie_viewer, text=title)
    assert first.similarity == second.similarity
    assert "nobody may know" not in repr(second)


def test_what_is_no_text_is_refused(run, charlie_viewer, stranger_viewer):
    with pytest.raises(InvalidInput):
        find_similar_needs(viewer=charlie_viewer, text=" ")
    with pytest.raises(NotAllowed):
        find_similar_needs(viewer=stranger_viewer, text=SAME)


def test_similar_needs_in_the_api(run, need, charlie_client, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        [found] = charlie_client.post(SIMILAR, {"text": SAME}, content_type="application/json").json()
    assert (found["id"], found["title"], found["is_duplicate"]) == (str(need.public_id), need.title, True)
    other = charlie_client.post(SIMILAR, {"text": SAME, "need": str(run.public_id)}, content_type="application/json")
    assert other.status_code == 404
    assert Client().post(SIMILAR, {"text": SAME}, content_type="application/json").status_code in {401, 403}


def test_asking_for_similar_needs_has_the_budget_of_searches(run, charlie_viewer, settings):
    settings.MATCHING_SEARCHES_PER_HOUR = 1
    assert titles(charlie_viewer) == titles(charlie_viewer)
    with pytest.raises(TooMany):
        titles(charlie_viewer, "Laser optics")


def test_listings_are_counted_by_technology_route_and_region(need, capability, charlie_viewer):
    [cell] = herding_cells(charlie_viewer)
    assert (cell.technology, cell.route, cell.region) == (BATTERY, SULFIDE, "CN-JS")
    assert (cell.needs, cell.capabilities, cell.need_share, cell.capability_share) == (1, 1, 1.0, 1.0)
    assert not cell.is_herd
    assert herding_cells(charlie_viewer, technology="unheard-of") == []


def test_a_crowd_on_one_route_is_a_herd(need, dora_materials, charlie_viewer, django_assert_max_num_queries):
    organization, viewer = dora_materials
    for number in range(HERD_LISTINGS):
        world.publish_capability(viewer, organization, title=f"Powder {number}")
    any_route = [TechnologyUseDraft(technology=BATTERY)]
    world.publish_capability(viewer, organization, title="Any", technologies=any_route)
    with django_assert_max_num_queries(2):
        crowded, other = herding_cells(charlie_viewer)
    assert (crowded.capabilities, crowded.capability_share, crowded.is_herd) == (5, 0.833, True)
    assert (other.route, other.capabilities, other.is_herd) == ("", 1, False)


def test_a_listing_without_an_owner_to_show_counts_in_no_region(need, charlie_viewer, curator_viewer):
    Listing.objects.filter(pk=need.pk).update(disclosure={"organization": Tier.MATCHED})
    assert [cell.region for cell in herding_cells(charlie_viewer)] == [""]
    assert [cell.region for cell in herding_cells(curator_viewer)] == ["CN-JS"]


def test_what_is_not_published_is_not_counted(need, charlie_viewer, alice_viewer):
    Listing.objects.filter(pk=need.pk).update(status=Listing.Status.DRAFT)
    assert herding_cells(charlie_viewer) == herding_cells(alice_viewer) == []


def test_only_the_fullest_cells_are_told(need, dora_materials, charlie_viewer, monkeypatch):
    monkeypatch.setattr(herding, "MOST_CELLS", 1)
    organization, viewer = dora_materials
    for technologies in ([TechnologyUseDraft(technology=BATTERY)], [TechnologyUseDraft(technology=BATTERY)]):
        world.publish_capability(viewer, organization, title="Any", technologies=technologies)
    [cell] = herding_cells(charlie_viewer)
    assert (cell.route, cell.capabilities) == ("", 2)


def test_herding_in_the_api(need, capability, charlie_client):
    [cell] = charlie_client.get(HERDING, {"technology": BATTERY}).json()
    assert (cell["needs"], cell["capabilities"], cell["is_herd"]) == (1, 1, False)
