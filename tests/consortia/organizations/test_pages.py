"""The organization pages: what each shows, what each refuses, and that Charlie sees nothing."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from consortia.disclosure.models import Reveal
from consortia.organizations.models import Claim, Identifier, Invitation, Membership, Organization
from consortia.organizations.services import invite_member
from tests.cast import make_organization, make_user, signed_in, viewer_of

pytestmark = pytest.mark.django_db

PROFILE = {
    "name_zh": "爱丽丝材料实验室",
    "name_en": "Alice Materials",
    "type": "firm",
    "country": "cn",
    "region": "CN-JS",
    "is_sme": "unknown",
}
OWN_PAGES = ["edit", "disclosure", "identifiers", "members", "ledger"]


def address(name: str, organization: Organization, **more: object) -> str:
    return reverse(f"organizations:{name}", kwargs={"public_id": organization.public_id, **more})


@pytest.fixture
def hidden_lab(alice: object, alice_lab: Organization) -> Organization:
    """Alice Lab before a curator has verified it: for Charlie it does not exist."""
    alice_lab.status = Organization.Status.PENDING
    alice_lab.save()
    return alice_lab


class TestList:
    def test_strangers_find_verified_organizations_by_any_name(self, client: Client, alice_lab: Organization) -> None:
        alice_lab.known_names.create(kind="alias", text="Wunderland", folded="wunderland")
        response = client.get(reverse("organizations:list"), {"q": "WUNDER"})
        assert response.status_code == 200
        assert "Alice Lab" in response.text

    def test_a_search_without_a_result_says_what_to_do(self, client: Client, alice_lab: Organization) -> None:
        response = client.get(reverse("organizations:list"), {"q": "nobody is called so"})
        assert "No organization fits" in response.text

    def test_charlie_does_not_see_what_is_not_verified(self, charlie_client: Client, hidden_lab: Organization) -> None:
        assert "Alice Lab" not in charlie_client.get(reverse("organizations:list")).text

    def test_members_see_their_own_before_it_is_verified(self, bob_client: Client, hidden_lab: Organization) -> None:
        assert "Alice Lab" in bob_client.get(reverse("organizations:list")).text

    def test_the_number_of_queries_does_not_grow_with_the_list(
        self, client: Client, django_assert_max_num_queries: object, db: None
    ) -> None:
        for number in range(30):
            make_organization(f"Firm {number}")
        with django_assert_max_num_queries(6):
            client.get(reverse("organizations:list"))


class TestRegistration:
    def test_strangers_sign_in_first(self, client: Client) -> None:
        response = client.get(reverse("organizations:new"))
        assert response.status_code == 302
        assert reverse("account_login") in response.url

    def test_whoever_registers_becomes_owner(self, charlie_client: Client, charlie: object) -> None:
        response = charlie_client.post(reverse("organizations:new"), PROFILE)
        organization = Organization.objects.get(names__en="Alice Materials")
        assert response.url == address("detail", organization)
        assert organization.memberships.get().user == charlie
        assert organization.memberships.get().role == Membership.Role.OWNER

    def test_a_wrong_number_is_shown_at_its_field_and_nothing_typed_is_lost(self, charlie_client: Client) -> None:
        typed = {**PROFILE, "identifier_scheme": "uscc", "identifier_value": "911100006000373410"}
        response = charlie_client.post(reverse("organizations:new"), typed)
        assert response.status_code == 200
        assert "Unified Social Credit Code: it has 18" in str(response.context["form"].errors["identifier_value"])
        assert "爱丽丝材料实验室" in response.text
        assert not Organization.objects.filter(names__en="Alice Materials").exists()

    def test_a_namesake_asks_for_confirmation(self, charlie_client: Client) -> None:
        charlie_client.post(reverse("organizations:new"), PROFILE)
        second = {**PROFILE, "name_zh": "", "name_en": "Alice Materials Co., Ltd."}
        response = charlie_client.post(reverse("organizations:new"), second)
        assert "confirm_distinct" in response.context["form"].fields
        confirmed = charlie_client.post(reverse("organizations:new"), {**second, "confirm_distinct": "on"})
        assert confirmed.status_code == 302


class TestDetail:
    def test_a_stranger_reads_the_public_part_only(self, client: Client, alice_lab: Organization) -> None:
        alice_lab.contact_email = "secret@alice.example"
        alice_lab.save()
        response = client.get(address("detail", alice_lab))
        assert response.status_code == 200
        assert "secret@alice.example" not in response.text
        assert "disclosed to matched partners" in response.text

    def test_charlie_does_not_learn_that_it_exists(self, charlie_client: Client, hidden_lab: Organization) -> None:
        unknown = reverse("organizations:detail", kwargs={"public_id": uuid4()})
        assert charlie_client.get(address("detail", hidden_lab)).status_code == 404
        assert charlie_client.get(unknown).status_code == 404

    def test_what_a_curator_is_shown_is_written_to_the_ledger(
        self, curator_client: Client, alice_client: Client, alice_lab: Organization
    ) -> None:
        alice_lab.contact_email = "secret@alice.example"
        alice_lab.save()
        assert "secret@alice.example" in curator_client.get(address("detail", alice_lab)).text
        assert Reveal.objects.get().fields == ["contact_email"]
        ledger = alice_client.get(address("ledger", alice_lab)).text
        assert "contact_email" in ledger
        assert f"organization: {alice_lab}" in ledger


@pytest.mark.parametrize("name", OWN_PAGES)
class TestOwnPages:
    def test_the_owner_reads_it(self, name: str, alice_client: Client, alice_lab: Organization) -> None:
        assert alice_client.get(address(name, alice_lab)).status_code == 200

    def test_charlie_may_not(self, name: str, charlie_client: Client, alice: object, alice_lab: Organization) -> None:
        assert charlie_client.get(address(name, alice_lab)).status_code == 403

    def test_charlie_does_not_learn_that_it_exists(
        self, name: str, charlie_client: Client, hidden_lab: Organization
    ) -> None:
        assert charlie_client.get(address(name, hidden_lab)).status_code == 404


class TestEditing:
    def test_an_editor_changes_the_profile(self, bob_client: Client, alice_lab: Organization) -> None:
        response = bob_client.post(address("edit", alice_lab), {**PROFILE, "version": 1, "city": "Suzhou"})
        alice_lab.refresh_from_db()
        assert response.status_code == 302
        assert (alice_lab.city, alice_lab.names["en"], alice_lab.version) == ("Suzhou", "Alice Materials", 2)

    def test_whoever_was_overtaken_sees_both_versions_and_can_save_theirs(
        self, alice_client: Client, bob_client: Client, alice: object, alice_lab: Organization
    ) -> None:
        bob_client.post(address("edit", alice_lab), {**PROFILE, "version": 1, "city": "Nanjing"})
        response = alice_client.post(address("edit", alice_lab), {**PROFILE, "version": 1, "city": "Suzhou"})
        assert ("City", "Suzhou", "Nanjing") in response.context["overtaken_by"]
        alice_lab.refresh_from_db()
        assert alice_lab.city == "Nanjing"
        again = {**PROFILE, "version": response.context["form"].data["version"], "city": "Suzhou"}
        assert alice_client.post(address("edit", alice_lab), again).status_code == 302
        alice_lab.refresh_from_db()
        assert alice_lab.city == "Suzhou"

    def test_fields_get_their_tiers(self, alice_client: Client, client: Client, alice_lab: Organization) -> None:
        alice_lab.website = "https://alice.example"
        alice_lab.save()
        tiers = dict.fromkeys(["description", "size", "ownership", "place"], "public")
        typed = {**tiers, "website": "matched", "contact_email": "matched", "version": 1}
        assert alice_client.post(address("disclosure", alice_lab), typed).status_code == 302
        assert "https://alice.example" not in client.get(address("detail", alice_lab)).text

    def test_numbers_come_and_go(self, alice_client: Client, alice_lab: Organization) -> None:
        typed = {"scheme": "ror", "value": "https://ror.org/05dxps055"}
        assert alice_client.post(address("identifiers", alice_lab), typed).status_code == 302
        assert Identifier.objects.get().value == "05dxps055"
        removal = address("identifier-remove", alice_lab, scheme="ror", value="05dxps055")
        assert alice_client.post(removal).status_code == 302
        assert not Identifier.objects.exists()

    def test_charlie_removes_no_number(self, charlie_client: Client, alice: object, alice_lab: Organization) -> None:
        Identifier.objects.create(organization=alice_lab, scheme="ror", value="05dxps055")
        removal = address("identifier-remove", alice_lab, scheme="ror", value="05dxps055")
        assert charlie_client.post(removal).status_code == 403
        assert Identifier.objects.exists()


class TestPeople:
    def test_an_invitation_link_is_shown_once_and_makes_a_member(
        self, alice_client: Client, alice_lab: Organization
    ) -> None:
        typed = {"email": "dora@example.com", "role": "viewer"}
        link = alice_client.post(address("members", alice_lab), typed).context["link"]
        assert link
        assert link not in alice_client.get(address("members", alice_lab)).text
        dora = signed_in(make_user("dora@example.com"))
        assert "Alice Lab" in dora.get(link).text
        assert dora.post(f"{link}accept/").status_code == 302
        assert alice_lab.memberships.get(user__email="dora@example.com").role == "viewer"

    def test_charlie_cannot_use_a_link_for_somebody_else(
        self, charlie_client: Client, alice: object, alice_lab: Organization
    ) -> None:
        _invitation, token = invite_member(
            actor=viewer_of(alice), organization=alice_lab, email="dora@example.com", role="owner"
        )
        accept = reverse("organizations:invitation-accept", kwargs={"token": token})
        assert charlie_client.post(accept).status_code == 403
        assert not alice_lab.memberships.filter(user__email="charlie@example.com").exists()

    def test_an_unknown_link_leads_nowhere(self, charlie_client: Client) -> None:
        assert charlie_client.get(reverse("organizations:invitation", kwargs={"token": "x"})).status_code == 404

    def test_a_withdrawn_link_leads_nowhere(self, alice_client: Client, alice: object, alice_lab: Organization) -> None:
        invitation, token = invite_member(
            actor=viewer_of(alice), organization=alice_lab, email="dora@example.com", role="owner"
        )
        withdraw = address("invitation-withdraw", alice_lab, invitation_id=invitation.public_id)
        assert alice_client.post(withdraw).status_code == 302
        invitation.refresh_from_db()
        assert invitation.status == Invitation.Status.WITHDRAWN
        page = reverse("organizations:invitation", kwargs={"token": token})
        assert alice_client.get(page).status_code == 404

    def test_roles_change_and_people_go(self, alice_client: Client, bob: object, alice_lab: Organization) -> None:
        role = address("member-role", alice_lab, person=bob.public_id)
        assert alice_client.post(role, {"role": "viewer"}).status_code == 302
        assert alice_lab.memberships.get(user=bob).role == "viewer"
        removal = address("member-remove", alice_lab, person=bob.public_id)
        assert alice_client.post(removal).status_code == 302
        assert not alice_lab.memberships.filter(user=bob).exists()

    def test_the_last_owner_stays(self, alice_client: Client, alice: object, alice_lab: Organization) -> None:
        removal = address("member-remove", alice_lab, person=alice.public_id)
        assert alice_client.post(removal).status_code == 409
        assert alice_lab.memberships.filter(user=alice).exists()

    def test_an_editor_does_not_invite(self, bob_client: Client, alice_lab: Organization) -> None:
        response = bob_client.post(address("members", alice_lab), {"email": "dora@example.com", "role": "owner"})
        assert "Only owners" in str(response.context["form"].non_field_errors())
        assert not Invitation.objects.exists()


class TestClaim:
    def test_what_nobody_owns_can_be_claimed(self, charlie_client: Client, db: None) -> None:
        imported = make_organization("Imported", status="pending", source="cordis")
        response = charlie_client.post(address("claim", imported), {"statement": "I am its director."})
        assert response.status_code == 302
        assert Claim.objects.get().organization == imported

    def test_an_owned_one_cannot(self, charlie_client: Client, alice: object, alice_lab: Organization) -> None:
        response = charlie_client.post(address("claim", alice_lab), {"statement": "Mine!"})
        assert "has an owner" in str(response.context["form"].non_field_errors())
