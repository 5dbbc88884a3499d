import pytest

from ronghe.accounts.services import create_person
from tests.cast import PASSWORD, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def plain_curator(db):
    """A curator who is no superuser, as curators usually are."""
    return create_person(email="watch@example.com", password=PASSWORD, name="Watch", is_curator=True)


@pytest.mark.parametrize("address", ["", "organizations/organization/", "listings/need/", "accounts/user/"])
def test_a_curator_reads_the_admin_without_further_permissions(plain_curator, address):
    assert signed_in(plain_curator).get(f"/admin/{address}").status_code == 200


def test_a_curator_changes_records_by_actions_only(plain_curator):
    assert not plain_curator.has_perm("accounts.change_user")
    assert not plain_curator.has_perm("organizations.delete_organization")


def test_who_ceases_to_be_a_curator_reads_nothing(plain_curator):
    plain_curator.is_curator = False
    plain_curator.save()

    assert signed_in(plain_curator).get("/admin/organizations/organization/").status_code == 403


def test_others_have_no_permission(alice, charlie):
    assert not alice.has_perm("organizations.view_organization")
    assert not charlie.has_module_perms("organizations")
