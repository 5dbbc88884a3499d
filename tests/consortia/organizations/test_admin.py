"""Every model of the room in the admin: list, search, record, and the curators' actions."""

import pytest
from django.contrib.admin.sites import site
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from consortia.organizations.models import (
    Affiliation,
    Claim,
    Identifier,
    Invitation,
    Membership,
    Organization,
    OrganizationName,
)
from tests.cast import make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def records(alice: object, charlie: object, alice_lab: Organization, charlie_works: Organization) -> dict[type, Model]:
    return {
        Organization: alice_lab,
        OrganizationName: alice_lab.known_names.create(kind="alias", text="Wunder", folded="wunder"),
        Identifier: alice_lab.identifiers.create(scheme="ror", value="05dxps055"),
        Membership: alice_lab.memberships.get(user=alice),
        Invitation: alice_lab.invitations.create(
            email="d@example.com", role="viewer", token_hash="0" * 64, invited_by=alice
        ),
        Claim: alice_lab.claims.create(claimant=charlie, statement="Mine"),
        Affiliation: alice_lab.affiliations.create(other=charlie_works, kind="group"),
    }


@pytest.mark.parametrize(
    "model", [Organization, OrganizationName, Identifier, Membership, Invitation, Claim, Affiliation]
)
def test_list_search_and_record_load(model: type[Model], curator_client: Client, records: dict[type, Model]) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    listed = reverse(f"{name}_changelist")
    assert curator_client.get(listed).status_code == 200
    assert curator_client.get(listed, {"q": "a"}).status_code == 200
    assert curator_client.get(reverse(f"{name}_change", args=[records[model].pk])).status_code == 200


def test_lists_ask_a_bounded_number_of_queries(
    curator_client: Client, records: dict[type, Model], django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        make_organization(f"Firm {number}").claims.create(claimant=records[Membership].user, statement="Mine")
    with django_assert_max_num_queries(12):
        curator_client.get(reverse("admin:organizations_claim_changelist"))


def test_charlie_has_no_admin(charlie_client: Client) -> None:
    assert charlie_client.get(reverse("admin:organizations_organization_changelist")).status_code == 302


def act(client: Client, model: type[Model], action: str, *records: Model) -> None:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    client.post(address, {"action": action, "_selected_action": [record.pk for record in records]})


def test_curators_verify_and_suspend(curator_client: Client, alice_lab: Organization) -> None:
    act(curator_client, Organization, "suspend", alice_lab)
    alice_lab.refresh_from_db()
    assert alice_lab.status == Organization.Status.SUSPENDED
    act(curator_client, Organization, "verify", alice_lab)
    alice_lab.refresh_from_db()
    assert (alice_lab.status, alice_lab.verification_level) == (Organization.Status.VERIFIED, 3)


def test_curators_decide_claims(curator_client: Client, charlie: object) -> None:
    imported = make_organization("Imported", status="pending", source="cordis")
    claim = imported.claims.create(claimant=charlie, statement="I am its director.")
    act(curator_client, Claim, "accept", claim)
    assert imported.memberships.get().user == charlie


def test_nothing_is_edited_past_the_services() -> None:
    registered = [admin for model, admin in site._registry.items() if model._meta.app_label == "organizations"]
    assert registered
    assert not any(admin.has_change_permission(None) for admin in registered)
