"""What a viewer reaches: tiers, the owner's choices, grants, and what that hides."""

import pytest
from django.core.exceptions import ValidationError

from consortia.disclosure.models import DisclosureGrant, Tier
from consortia.disclosure.policies import (
    hidden_fields,
    highest_tier,
    highest_tiers,
    may_filter_by,
    may_see_field,
    require_curator,
    require_person,
    restricted_fields,
    visible,
)
from consortia.disclosure.services import grant_disclosure, revoke_disclosure
from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.organizations.models import Organization
from ronghe.common.errors import NotAllowed
from ronghe.events.models import Event
from tests.cast import make_organization

pytestmark = pytest.mark.django_db

Reason = DisclosureGrant.Reason


class TestTiers:
    def test_each_viewer_reaches_their_tier(
        self, alice_lab: Organization, alice_viewer: Viewer, charlie_viewer: Viewer, curator_viewer: Viewer
    ) -> None:
        reached = [highest_tier(v, alice_lab.pk) for v in (STRANGER, charlie_viewer, alice_viewer, curator_viewer)]
        assert reached == [Tier.PUBLIC, Tier.MEMBERS, Tier.CONSORTIUM, Tier.CONSORTIUM]

    def test_the_default_tier_hides_the_contact_from_members(self, alice_lab: Organization) -> None:
        assert hidden_fields(alice_lab, reached=Tier.MEMBERS) == {"contact_email"}
        assert hidden_fields(alice_lab, reached=Tier.MATCHED) == frozenset()

    def test_the_owners_choice_outranks_the_default(self, alice_lab: Organization) -> None:
        alice_lab.disclosure = {"contact_email": "public", "website": "consortium"}
        assert hidden_fields(alice_lab, reached=Tier.MATCHED) == {"website"}
        assert restricted_fields(alice_lab) == {"website"}

    @pytest.mark.parametrize("tier", list(Tier))
    @pytest.mark.parametrize("reached", list(Tier))
    def test_a_field_shows_from_its_tier_on(self, tier: Tier, reached: Tier, alice_lab: Organization) -> None:
        alice_lab.disclosure = {"website": tier}
        assert may_see_field(alice_lab, "website", reached=reached) is (reached.rank >= tier.rank)

    @pytest.mark.parametrize("disclosure", [{"names": "matched"}, {"website": "friends"}, ["website"]])
    def test_unknown_fields_and_tiers_are_refused(self, disclosure: object, alice_lab: Organization) -> None:
        alice_lab.disclosure = disclosure
        with pytest.raises(ValidationError) as refusal:
            alice_lab.clean()
        assert "disclosure" in refusal.value.message_dict


class TestGrants:
    def test_a_grant_opens_one_owner_to_one_viewer(
        self, alice_lab: Organization, charlie_works: Organization, charlie_viewer: Viewer
    ) -> None:
        other = make_organization("Other")
        grant_disclosure(
            owner_id=alice_lab.pk, viewer_id=charlie_works.pk, tier=Tier.MATCHED, reason=Reason.INTRODUCTION
        )
        reached = highest_tiers(charlie_viewer, [alice_lab.pk, other.pk])
        assert reached == {alice_lab.pk: Tier.MATCHED, other.pk: Tier.MEMBERS}

    def test_it_opens_nothing_the_other_way(
        self, alice_lab: Organization, charlie_works: Organization, alice_viewer: Viewer
    ) -> None:
        grant_disclosure(
            owner_id=alice_lab.pk, viewer_id=charlie_works.pk, tier=Tier.MATCHED, reason=Reason.INTRODUCTION
        )
        assert highest_tier(alice_viewer, charlie_works.pk) == Tier.MEMBERS

    def test_granting_twice_is_granting_once(self, alice_lab: Organization, charlie_works: Organization) -> None:
        for _time in range(2):
            grant_disclosure(owner_id=alice_lab.pk, viewer_id=charlie_works.pk, tier=Tier.MATCHED, reason=Reason.NDA)
        assert DisclosureGrant.objects.count() == 1
        assert Event.objects.filter(kind="disclosure.granted").count() == 1

    def test_a_revoked_grant_opens_nothing_and_can_be_given_again(
        self, alice_lab: Organization, charlie_works: Organization, charlie_viewer: Viewer
    ) -> None:
        given = {"owner_id": alice_lab.pk, "viewer_id": charlie_works.pk, "tier": Tier.MATCHED, "reason": Reason.NDA}
        grant = grant_disclosure(**given)
        revoke_disclosure(grant=grant)
        revoke_disclosure(grant=grant)
        assert highest_tier(charlie_viewer, alice_lab.pk) == Tier.MEMBERS
        assert Event.objects.filter(kind="disclosure.revoked").count() == 1
        grant_disclosure(**given)
        assert highest_tier(charlie_viewer, alice_lab.pk) == Tier.MATCHED

    def test_a_suspended_organization_holds_no_grant_until_it_is_reinstated(
        self, alice_lab: Organization, charlie_works: Organization, charlie_viewer: Viewer
    ) -> None:
        given = {"owner_id": alice_lab.pk, "viewer_id": charlie_works.pk, "tier": Tier.MATCHED, "reason": Reason.NDA}
        grant_disclosure(**given)
        matched_only = may_filter_by(charlie_viewer, Organization, "contact_email", owner="pk")
        for status, tier in (("suspended", Tier.MEMBERS), ("verified", Tier.MATCHED)):
            Organization.objects.filter(pk=charlie_works.pk).update(status=status)
            assert highest_tier(charlie_viewer, alice_lab.pk) == tier
            found = Organization.objects.filter(matched_only, pk=alice_lab.pk).exists()
            assert found is (tier == Tier.MATCHED)

    def test_many_owners_take_one_query(self, charlie_viewer: Viewer, django_assert_num_queries: object) -> None:
        owners = [make_organization(f"Firm {number}").pk for number in range(20)]
        with django_assert_num_queries(1):
            highest_tiers(charlie_viewer, owners)


class TestWho:
    def test_curators_and_people_are_told_from_others(self, charlie_viewer: Viewer, curator_viewer: Viewer) -> None:
        require_curator(curator_viewer)
        assert require_person(charlie_viewer) == charlie_viewer.user_id
        with pytest.raises(NotAllowed):
            require_curator(charlie_viewer)
        with pytest.raises(NotAllowed):
            require_person(STRANGER)

    def test_charlie_sees_no_record_that_is_not_listed(
        self, alice_lab: Organization, alice_viewer: Viewer, charlie_viewer: Viewer, curator_viewer: Viewer
    ) -> None:
        Organization.objects.filter(pk=alice_lab.pk).update(status=Organization.Status.PENDING)
        everything = Organization.objects.filter(pk=alice_lab.pk)
        seen = [visible(v, everything).exists() for v in (STRANGER, charlie_viewer, alice_viewer, curator_viewer)]
        assert seen == [False, False, True, True]
