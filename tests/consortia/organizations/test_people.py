"""Invitations, roles, leaving and claims; the last owner stays even when two leave at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.organizations import services
from consortia.organizations.models import Claim, Identifier, Invitation, Membership, Organization
from consortia.organizations.selectors import members_of, open_invitations_of, viewer_of
from ronghe.common.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from tests.cast import make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def invited(alice_lab: Organization, alice_viewer: Viewer) -> tuple[Invitation, str]:
    return services.invite_member(
        actor=alice_viewer, organization=alice_lab, email="dora@example.com", role=Membership.Role.EDITOR
    )


class TestViewer:
    def test_it_holds_what_the_memberships_say(self, alice: object, bob: object, alice_lab: Organization) -> None:
        assert viewer_of(alice).owned_ids == {alice_lab.pk}
        assert viewer_of(bob).editable_ids == {alice_lab.pk}
        assert viewer_of(bob).owned_ids == frozenset()
        assert viewer_of(bob).is_member

    def test_it_takes_one_query(self, alice: object, django_assert_num_queries: object) -> None:
        with django_assert_num_queries(1):
            viewer_of(alice)

    def test_members_of_unverified_organizations_are_no_verified_members(self, alice: object) -> None:
        Organization.objects.update(status=Organization.Status.PENDING)
        assert not viewer_of(alice).is_member


class TestInvitations:
    def test_only_the_hash_of_the_secret_is_kept(self, invited: tuple[Invitation, str]) -> None:
        invitation, token = invited
        assert token not in {str(value) for value in vars(invitation).values()}

    def test_it_makes_a_member_once(self, invited: tuple[Invitation, str], alice_lab: Organization) -> None:
        dora = viewer_of(make_user("Dora@example.com"))
        membership = services.accept_invitation(actor=dora, token=invited[1])
        assert (membership.organization, membership.role) == (alice_lab, "editor")
        with pytest.raises(NotFound):
            services.accept_invitation(actor=dora, token=invited[1])

    def test_it_expires_and_can_be_sent_again(
        self, invited: tuple[Invitation, str], alice_lab: Organization, alice_viewer: Viewer
    ) -> None:
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        with pytest.raises(Conflict) as refusal:
            services.accept_invitation(actor=viewer_of(make_user("dora@example.com")), token=invited[1])
        assert refusal.value.code == "invitation_expired"
        services.invite_member(actor=alice_viewer, organization=alice_lab, email="dora@example.com", role="viewer")
        assert open_invitations_of(alice_viewer, alice_lab).count() == 1

    def test_charlie_uses_no_link_for_somebody_else(
        self, invited: tuple[Invitation, str], charlie_viewer: Viewer
    ) -> None:
        with pytest.raises(NotAllowed):
            services.accept_invitation(actor=charlie_viewer, token=invited[1])

    def test_nobody_is_invited_twice(
        self, invited: tuple[Invitation, str], alice_lab: Organization, alice_viewer: Viewer, bob: object
    ) -> None:
        with pytest.raises(Conflict) as refusal:
            services.invite_member(actor=alice_viewer, organization=alice_lab, email="DORA@example.com", role="viewer")
        assert refusal.value.code == "already_invited"
        with pytest.raises(Conflict) as refusal:
            services.invite_member(actor=alice_viewer, organization=alice_lab, email="bob@example.com", role="viewer")
        assert refusal.value.code == "already_member"

    @pytest.mark.parametrize(("email", "role", "field"), [("x", "viewer", "email"), ("x@y.org", "king", "role")])
    def test_bad_input_names_its_field(
        self, email: str, role: str, field: str, alice_lab: Organization, alice_viewer: Viewer
    ) -> None:
        with pytest.raises(InvalidInput) as refusal:
            services.invite_member(actor=alice_viewer, organization=alice_lab, email=email, role=role)
        assert list(refusal.value.fields) == [field]

    def test_editors_and_charlie_do_not_invite(
        self, alice_lab: Organization, bob_viewer: Viewer, charlie_viewer: Viewer
    ) -> None:
        for viewer in (bob_viewer, charlie_viewer, STRANGER):
            with pytest.raises(NotAllowed):
                services.invite_member(actor=viewer, organization=alice_lab, email="x@y.org", role="viewer")

    def test_an_owner_who_was_demoted_meanwhile_does_not(
        self, alice: object, alice_lab: Organization, alice_viewer: Viewer
    ) -> None:
        alice.memberships.update(role=Membership.Role.VIEWER)
        with pytest.raises(NotAllowed):
            services.invite_member(actor=alice_viewer, organization=alice_lab, email="x@y.org", role="viewer")


class TestRoles:
    def test_the_last_owner_stays(self, alice: object, alice_viewer: Viewer, alice_lab: Organization) -> None:
        own = alice.memberships.get()
        with pytest.raises(Conflict) as refusal:
            services.change_role(actor=alice_viewer, membership=own, role="editor")
        assert refusal.value.code == "last_owner"
        with pytest.raises(Conflict):
            services.leave_organization(actor=alice_viewer, organization=alice_lab)
        with pytest.raises(Conflict):
            services.remove_member(actor=alice_viewer, membership=own)

    def test_with_another_owner_one_may_go(self, bob: object, alice_viewer: Viewer, alice_lab: Organization) -> None:
        services.change_role(actor=alice_viewer, membership=bob.memberships.get(), role="owner")
        services.leave_organization(actor=alice_viewer, organization=alice_lab)
        assert alice_lab.memberships.get().user == bob

    def test_who_has_left_has_no_role_to_change(self, bob: object, alice_viewer: Viewer) -> None:
        membership, seen_before = bob.memberships.get(), bob.memberships.get()
        services.remove_member(actor=alice_viewer, membership=membership)
        with pytest.raises(NotFound):
            services.change_role(actor=alice_viewer, membership=seen_before, role="viewer")

    def test_charlie_sees_no_members(self, alice_lab: Organization, charlie_viewer: Viewer, bob_viewer: Viewer) -> None:
        assert members_of(bob_viewer, alice_lab).count() == 1
        with pytest.raises(NotAllowed):
            members_of(charlie_viewer, alice_lab)


class TestClaims:
    @pytest.fixture
    def imported(self, db: None) -> Organization:
        return make_organization("Imported", status="pending", source="cordis")

    def test_an_accepted_claim_makes_an_owner_and_refuses_its_rivals(
        self, imported: Organization, charlie_viewer: Viewer, bob_viewer: Viewer, curator_viewer: Viewer
    ) -> None:
        claims = [
            services.claim_organization(actor=viewer, organization=imported, statement="Ours")
            for viewer in (charlie_viewer, bob_viewer)
        ]
        services.decide_claim(actor=curator_viewer, claim=claims[0], accept=True)
        claims[1].refresh_from_db()
        assert imported.memberships.get().user_id == charlie_viewer.user_id
        assert claims[1].status == Claim.Status.REFUSED

    def test_a_claim_is_decided_once(
        self, imported: Organization, charlie_viewer: Viewer, curator_viewer: Viewer
    ) -> None:
        claim = services.claim_organization(actor=charlie_viewer, organization=imported, statement="Ours")
        services.decide_claim(actor=curator_viewer, claim=claim, accept=False, note="No proof")
        with pytest.raises(Conflict):
            services.decide_claim(actor=curator_viewer, claim=claim, accept=True)
        assert not imported.memberships.exists()

    def test_a_refusal_gives_a_reason(
        self, imported: Organization, charlie_viewer: Viewer, curator_viewer: Viewer
    ) -> None:
        claim = services.claim_organization(actor=charlie_viewer, organization=imported, statement="Ours")
        with pytest.raises(InvalidInput):
            services.decide_claim(actor=curator_viewer, claim=claim, accept=False)

    @pytest.mark.parametrize("statement", ["", "  ", "x" * 2001, "a\x00b"])
    def test_the_statement_is_checked(self, statement: str, imported: Organization, charlie_viewer: Viewer) -> None:
        with pytest.raises(InvalidInput) as refusal:
            services.claim_organization(actor=charlie_viewer, organization=imported, statement=statement)
        assert list(refusal.value.fields) == ["statement"]

    def test_one_open_claim_a_person(self, imported: Organization, charlie_viewer: Viewer) -> None:
        services.claim_organization(actor=charlie_viewer, organization=imported, statement="Ours")
        with pytest.raises(Conflict) as refusal:
            services.claim_organization(actor=charlie_viewer, organization=imported, statement="Ours")
        assert refusal.value.code == "claim_open"

    def test_nobody_but_a_curator_decides(self, imported: Organization, charlie_viewer: Viewer) -> None:
        claim = services.claim_organization(actor=charlie_viewer, organization=imported, statement="Ours")
        with pytest.raises(NotAllowed):
            services.decide_claim(actor=charlie_viewer, claim=claim, accept=True)


def at_once(*calls: object) -> list[DomainError | None]:
    """What each of the calls raised, all of them started at the same moment in threads of their own."""
    barrier = Barrier(len(calls))

    def run(call: object) -> DomainError | None:
        barrier.wait()
        try:
            call()
        except DomainError as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_owners_who_leave_at_once_leave_one_behind(
        self, alice_viewer: Viewer, bob: object, alice_lab: Organization
    ) -> None:
        bob.memberships.update(role=Membership.Role.OWNER)
        viewers = [alice_viewer, viewer_of(bob)]
        outcomes = at_once(
            *(
                lambda viewer=viewer: services.leave_organization(actor=viewer, organization=alice_lab)
                for viewer in viewers
            )
        )
        assert alice_lab.memberships.filter(role=Membership.Role.OWNER).count() == 1
        assert [error.code for error in outcomes if error] == ["last_owner"]

    def test_one_identifier_given_to_many_at_once_goes_to_one(self, curator_viewer: Viewer) -> None:
        organizations = [make_organization(f"Firm {number}") for number in range(6)]
        outcomes = at_once(
            *(
                lambda one=one: services.add_identifier(
                    actor=curator_viewer, organization=one, scheme="pic", value="999997930"
                )
                for one in organizations
            )
        )
        assert Identifier.objects.count() == 1
        assert [error.code for error in outcomes if error] == ["identifier_taken"] * 5

    def test_a_link_opened_twice_at_once_makes_one_member(self, alice_viewer: Viewer, alice_lab: Organization) -> None:
        dora = viewer_of(make_user("dora@example.com"))
        _invitation, token = services.invite_member(
            actor=alice_viewer, organization=alice_lab, email="dora@example.com", role="viewer"
        )
        outcomes = at_once(*[lambda: services.accept_invitation(actor=dora, token=token)] * 4)
        assert alice_lab.memberships.filter(user_id=dora.user_id).count() == 1
        assert outcomes.count(None) == 1
