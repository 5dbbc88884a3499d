"""The ledger: who was shown restricted fields, once a day, and who may read it."""

import pytest
from django.test import Client
from django.urls import reverse

from consortia.disclosure.models import DisclosureGrant, Reveal, Tier
from consortia.disclosure.selectors import ledger_of
from consortia.disclosure.services import grant_disclosure, record_reveals
from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.organizations.models import Organization
from ronghe.common.errors import NotAllowed

pytestmark = pytest.mark.django_db

PAGE = Reveal.Surface.PAGE


def show(viewer: Viewer, organization: Organization, tier: Tier, surface: Reveal.Surface = PAGE) -> None:
    record_reveals(viewer=viewer, shown=[(organization, tier)], surface=surface)


def test_what_a_matched_viewer_is_shown_is_kept_once_a_day(alice_lab: Organization, charlie_viewer: Viewer) -> None:
    for _time in range(3):
        show(charlie_viewer, alice_lab, Tier.MATCHED)
    row = Reveal.objects.get()
    assert (row.owner_id, row.viewer_id, row.fields) == (alice_lab.pk, charlie_viewer.user_id, ["contact_email"])


def test_another_surface_and_other_fields_are_further_lines(alice_lab: Organization, charlie_viewer: Viewer) -> None:
    show(charlie_viewer, alice_lab, Tier.MATCHED)
    show(charlie_viewer, alice_lab, Tier.MATCHED, Reveal.Surface.API)
    alice_lab.disclosure = {"website": "matched"}
    show(charlie_viewer, alice_lab, Tier.MATCHED)
    assert Reveal.objects.count() == 3


def test_nothing_is_kept_where_nothing_restricted_was_shown(alice_lab: Organization, charlie_viewer: Viewer) -> None:
    show(charlie_viewer, alice_lab, Tier.MEMBERS)
    show(STRANGER, alice_lab, Tier.PUBLIC)
    assert not Reveal.objects.exists()


def test_owners_looking_at_their_own_are_not_written_down(alice_lab: Organization, alice_viewer: Viewer) -> None:
    show(alice_viewer, alice_lab, Tier.CONSORTIUM)
    assert not Reveal.objects.exists()


def test_curators_are(alice_lab: Organization, curator_viewer: Viewer) -> None:
    show(curator_viewer, alice_lab, Tier.CONSORTIUM)
    assert Reveal.objects.get().viewer_id == curator_viewer.user_id


def test_owner_and_curator_read_the_ledger_and_nobody_else(
    alice_lab: Organization,
    alice_viewer: Viewer,
    bob_viewer: Viewer,
    charlie_viewer: Viewer,
    curator_viewer: Viewer,
) -> None:
    show(charlie_viewer, alice_lab, Tier.MATCHED)
    assert ledger_of(alice_viewer, alice_lab.pk).count() == 1
    assert ledger_of(curator_viewer, alice_lab.pk).count() == 1
    for viewer in (bob_viewer, charlie_viewer, STRANGER):
        with pytest.raises(NotAllowed):
            ledger_of(viewer, alice_lab.pk)


class TestAdmin:
    @pytest.fixture
    def grant(self, alice_lab: Organization, charlie_works: Organization) -> DisclosureGrant:
        return grant_disclosure(
            owner_id=alice_lab.pk,
            viewer_id=charlie_works.pk,
            tier=Tier.MATCHED,
            reason=DisclosureGrant.Reason.NDA,
        )

    def test_list_search_and_record_load(
        self, curator_client: Client, grant: DisclosureGrant, alice_lab: Organization, charlie_viewer: Viewer
    ) -> None:
        show(charlie_viewer, alice_lab, Tier.MATCHED)
        for name, pk in (("disclosuregrant", grant.pk), ("reveal", Reveal.objects.get().pk)):
            listed = reverse(f"admin:disclosure_{name}_changelist")
            assert curator_client.get(listed, {"q": "alice"}).status_code == 200
            assert curator_client.get(reverse(f"admin:disclosure_{name}_change", args=[pk])).status_code == 200

    def test_a_curator_revokes_a_grant(self, curator_client: Client, grant: DisclosureGrant) -> None:
        listed = reverse("admin:disclosure_disclosuregrant_changelist")
        curator_client.post(listed, {"action": "revoke", "_selected_action": [grant.pk]})
        grant.refresh_from_db()
        assert grant.revoked_at is not None
