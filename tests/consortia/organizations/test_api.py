"""Organizations through the API."""

import pytest
from django.test import Client

from consortia.disclosure.models import DisclosureGrant, Reveal, Tier
from consortia.disclosure.services import grant_disclosure
from consortia.organizations.models import Claim, Organization
from tests.cast import make_organization

pytestmark = pytest.mark.django_db

ROOT = "/api/v1/organizations/"
REGISTRATION = {
    "names": {"en": "Deep Blue Materials", "zh-Hans": "深蓝材料"},
    "type": "firm",
    "country": "CN",
    "identifiers": [{"scheme": "ror", "value": "https://ror.org/05dxps055"}],
}


def of(organization: Organization, tail: str = "") -> str:
    return f"{ROOT}{organization.public_id}/{tail}"


class TestReading:
    def test_strangers_list_and_filter(self, client: Client, alice_lab: Organization, db: None) -> None:
        make_organization("Uni", type="university", country="DE")
        assert [one["names"]["en"] for one in client.get(ROOT).json()["results"]] == ["Alice Lab", "Uni"]
        found = client.get(ROOT, {"type": "university", "country": "de"}).json()["results"]
        assert [one["names"]["en"] for one in found] == ["Uni"]

    def test_hidden_fields_are_absent_and_named(self, client: Client, alice_lab: Organization) -> None:
        alice_lab.disclosure = {"place": "members"}
        alice_lab.contact_email = "secret@alice.example"
        alice_lab.save()
        body = client.get(of(alice_lab)).json()
        assert body["hidden"] == ["contact_email", "place"]
        assert not {"contact_email", "latitude", "longitude"} & set(body)
        assert body["id"] == str(alice_lab.public_id)

    def test_a_matched_partner_sees_them_and_the_owner_reads_it_in_the_ledger(
        self,
        alice_client: Client,
        charlie_client: Client,
        alice_lab: Organization,
        charlie_works: Organization,
    ) -> None:
        alice_lab.contact_email = "secret@alice.example"
        alice_lab.save()
        reason = DisclosureGrant.Reason.INTRODUCTION
        grant_disclosure(owner_id=alice_lab.pk, viewer_id=charlie_works.pk, tier=Tier.MATCHED, reason=reason)
        assert charlie_client.get(of(alice_lab)).json()["contact_email"] == "secret@alice.example"
        line = alice_client.get(of(alice_lab, "ledger/")).json()["results"][0]
        assert (line["fields"], line["surface"]) == (["contact_email"], Reveal.Surface.API)

    def test_charlie_sees_nothing_of_an_unverified_one(
        self, charlie_client: Client, alice: object, alice_lab: Organization
    ) -> None:
        Organization.objects.filter(pk=alice_lab.pk).update(status="pending")
        listed = charlie_client.get(ROOT).json()["results"]
        assert "Alice Lab" not in str(listed)
        for tail in ("", "members/", "ledger/"):
            assert charlie_client.get(of(alice_lab, tail)).status_code == 404

    def test_charlie_sees_no_people_and_no_ledger(
        self, charlie_client: Client, alice: object, alice_lab: Organization
    ) -> None:
        assert charlie_client.get(of(alice_lab, "members/")).status_code == 403
        assert charlie_client.get(of(alice_lab, "ledger/")).status_code == 403

    def test_members_read_their_own(self, bob_client: Client, alice_lab: Organization) -> None:
        assert [one["names"]["en"] for one in bob_client.get(f"{ROOT}mine/").json()["results"]] == ["Alice Lab"]
        assert bob_client.get(of(alice_lab, "members/")).json()["results"][0]["email"] == "bob@example.com"

    def test_the_number_of_queries_does_not_grow_with_the_list(
        self, client: Client, django_assert_max_num_queries: object
    ) -> None:
        for number in range(30):
            make_organization(f"Firm {number}")
        with django_assert_max_num_queries(4):
            client.get(ROOT)


class TestWriting:
    def test_register_update_and_be_overtaken(self, charlie_client: Client) -> None:
        created = charlie_client.post(ROOT, REGISTRATION, content_type="application/json")
        assert created.status_code == 201, created.content
        body = created.json()
        assert body["identifiers"] == [{"scheme": "ror", "value": "05dxps055", "is_verified": False}]
        address = f"{ROOT}{body['id']}/"
        changed = charlie_client.patch(address, {"version": 1, "city": "Suzhou"}, content_type="application/json")
        assert (changed.json()["city"], changed.json()["version"]) == ("Suzhou", 2)
        assert changed.json()["names"] == REGISTRATION["names"]
        overtaken = charlie_client.patch(address, {"version": 1, "city": "Wuxi"}, content_type="application/json")
        assert (overtaken.status_code, overtaken.json()["code"]) == (409, "stale_edit")

    def test_a_change_without_a_version_is_refused(self, alice_client: Client, alice_lab: Organization) -> None:
        response = alice_client.patch(of(alice_lab), {"city": "X"}, content_type="application/json")
        assert (response.status_code, set(response.json()["fields"])) == (400, {"version"})

    def test_errors_are_problem_documents_that_name_the_field(self, charlie_client: Client) -> None:
        wrong = {**REGISTRATION, "country": "China", "identifiers": [{"scheme": "ror", "value": "1"}]}
        response = charlie_client.post(ROOT, wrong, content_type="application/json")
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        assert set(response.json()["fields"]) == {"country", "identifiers"}

    def test_a_duplicate_is_a_conflict(self, charlie_client: Client, alice_client: Client) -> None:
        charlie_client.post(ROOT, REGISTRATION, content_type="application/json")
        again = alice_client.post(ROOT, REGISTRATION, content_type="application/json")
        assert (again.status_code, again.json()["code"]) == (409, "identifier_taken")

    def test_charlie_changes_nothing_of_alices(
        self, charlie_client: Client, alice: object, alice_lab: Organization
    ) -> None:
        patch = charlie_client.patch(of(alice_lab), {"version": 1, "city": "X"}, content_type="application/json")
        identifier = {"scheme": "ror", "value": "05dxps055"}
        post = charlie_client.post(of(alice_lab, "identifiers/"), identifier, content_type="application/json")
        assert (patch.status_code, post.status_code) == (403, 403)

    def test_identifiers_come_and_go(self, alice_client: Client, alice_lab: Organization) -> None:
        identifier = {"scheme": "pic", "value": "999 997 930"}
        added = alice_client.post(of(alice_lab, "identifiers/"), identifier, content_type="application/json")
        assert added.json()["value"] == "999997930"
        assert alice_client.delete(of(alice_lab, "identifiers/pic/999997930/")).status_code == 204
        assert alice_client.delete(of(alice_lab, "identifiers/pic/999997930/")).status_code == 404

    def test_an_imported_organization_is_claimed(self, charlie_client: Client) -> None:
        imported = make_organization("Imported", status="pending", source="cordis")
        response = charlie_client.post(
            of(imported, "claim/"), {"statement": "I am its director."}, content_type="application/json"
        )
        assert (response.status_code, response.json()["status"]) == (201, Claim.Status.OPEN)
