"""Who sees which listings and which of their fields, and at what cost in queries."""

from dataclasses import replace
from typing import Any

import pytest

from consortia.disclosure.models import DisclosureGrant, Reveal, Tier
from consortia.disclosure.services import grant_disclosure
from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.listings import selectors, services
from consortia.listings.disclosed import cards_of, view_of, views_of
from consortia.listings.models import Listing, Need
from consortia.organizations.models import Organization
from ronghe.common.errors import NotFound
from tests.consortia.listings.authoring import ENERGY_DENSITY, need_draft

PAGE = Reveal.Surface.PAGE


@pytest.mark.parametrize("status", Listing.Status.values)
def test_others_see_only_what_is_published(
    alice_viewer: Viewer, charlie_viewer: Viewer, curator_viewer: Viewer, open_need: Need, status: str
) -> None:
    Listing.objects.update(status=status)
    for viewer in (alice_viewer, curator_viewer):
        assert selectors.need_for(viewer, open_need.public_id) == open_need
    for viewer in (charlie_viewer, STRANGER):
        if status in Listing.VISIBLE_STATUSES:
            assert selectors.need_for(viewer, open_need.public_id) == open_need
        else:
            with pytest.raises(NotFound):
                selectors.need_for(viewer, open_need.public_id)


@pytest.mark.parametrize("status", ["pending", "suspended"])
def test_listings_of_organizations_out_of_sight_are_out_of_sight(
    alice_viewer: Viewer, charlie_viewer: Viewer, open_need: Need, status: str
) -> None:
    Organization.objects.filter(pk=open_need.organization_id).update(status=status)
    assert selectors.published_needs(alice_viewer).count() == 1
    assert not selectors.published_needs(charlie_viewer).exists()
    assert not selectors.published_needs(STRANGER).exists()


def test_hidden_owner_is_not_given_away_by_the_organization(
    alice_viewer: Viewer, charlie_viewer: Viewer, open_need: Need, alice_lab: Organization
) -> None:
    Listing.objects.update(disclosure={"organization": "matched"})
    open_need.refresh_from_db()
    assert "organization" in view_of(alice_viewer, open_need, surface=PAGE).fields
    assert "organization" not in view_of(charlie_viewer, open_need, surface=PAGE).fields
    grant_disclosure(
        owner_id=alice_lab.pk,
        viewer_id=next(iter(charlie_viewer.organization_ids)),
        tier=Tier.MATCHED,
        reason=DisclosureGrant.Reason.INTRODUCTION,
    )
    assert "organization" in view_of(charlie_viewer, open_need, surface=PAGE).fields


@pytest.mark.parametrize(
    ("grant", "shown"), [(None, {"public", "members"}), (Tier.MATCHED, {"public", "members", "matched"})]
)
def test_each_parameter_keeps_its_own_tier(
    alice_viewer: Viewer, charlie_viewer: Viewer, alice_lab: Organization, taxonomy: None, grant: Any, shown: set[str]
) -> None:
    parameters = [replace(ENERGY_DENSITY, tier=tier.value) for tier in Tier]
    need = services.draft_need(actor=alice_viewer, organization=alice_lab, draft=need_draft(parameters=parameters))
    services.publish_need(actor=alice_viewer, need=need)
    if grant:
        charlie_works = next(iter(charlie_viewer.organization_ids))
        grant_disclosure(owner_id=alice_lab.pk, viewer_id=charlie_works, tier=grant, reason=DisclosureGrant.Reason.NDA)
    view = view_of(charlie_viewer, need, surface=PAGE)
    assert {row["tier"] for row in view.parameters} == shown
    assert view.hidden_parameters == len(Tier) - len(shown)
    assert "parameters" in view.hidden
    assert "parameters" in Reveal.objects.get().fields
    assert {row["tier"] for row in view_of(STRANGER, need, surface=PAGE).parameters} == {"public"}


def test_owner_sees_all_and_leaves_no_trace(bob_viewer: Viewer, open_need: Need) -> None:
    view = view_of(bob_viewer, open_need, surface=PAGE)
    assert view.hidden == ()
    assert view.fields["budget"]["currency"] == "CNY"
    assert view.may_edit
    assert not Reveal.objects.exists()


def test_curator_sees_all_and_leaves_a_trace(curator_viewer: Viewer, open_need: Need) -> None:
    assert view_of(curator_viewer, open_need, surface=PAGE).hidden == ()
    assert Reveal.objects.get().fields == ["budget", "parameters"]


def test_cards_show_members_no_more_than_everybody(charlie_viewer: Viewer, open_need: Need) -> None:
    Listing.objects.update(disclosure={"summary": "members"})
    card = cards_of(charlie_viewer, selectors.published_needs(charlie_viewer))[0]
    assert "summary" in card.hidden
    assert card.summary == ""
    assert not Reveal.objects.exists()


def test_hidden_text_is_hidden_in_every_language(open_need: Need) -> None:
    Listing.objects.update(disclosure={"summary": "members", "description": "matched"})
    open_need.refresh_from_db()
    view = view_of(STRANGER, open_need, surface=PAGE)
    assert all(set(texts) == {"title"} for texts in view.texts.values())
    assert set(view.texts) == {"en", "zh-Hans"}


def test_draft_of_a_listing_writes_the_same_again(alice_viewer: Viewer, open_need: Need) -> None:
    before = selectors.draft_of(selectors.need_for(alice_viewer, open_need.public_id))
    services.revise_listing(actor=alice_viewer, listing=open_need, draft=before)
    assert selectors.draft_of(selectors.need_for(alice_viewer, open_need.public_id)) == before


def test_queries_do_not_grow_with_the_list(
    charlie_viewer: Viewer,
    alice_viewer: Viewer,
    alice_lab: Organization,
    taxonomy: None,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(8):
        need = services.draft_need(actor=alice_viewer, organization=alice_lab, draft=need_draft(title=f"Need {number}"))
        services.publish_need(actor=alice_viewer, need=need)
    with django_assert_max_num_queries(10):
        assert len(views_of(charlie_viewer, list(selectors.published_needs(charlie_viewer)), surface=PAGE)) == 8
