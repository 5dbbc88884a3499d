"""The fixed cast: Alice owns, Bob is a member, Charlie must see nothing, and a curator looks after all."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client

from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.organizations.models import Membership, Organization

PASSWORD = "correct horse battery staple"


def make_user(email: str, **fields: object) -> AbstractBaseUser:
    """A person who signs in with PASSWORD."""
    return get_user_model().objects.create_user(email, PASSWORD, **fields)


def make_organization(name: str, **fields: object) -> Organization:
    """A verified Chinese firm, where the fields do not say otherwise."""
    defaults = {
        "names": {"en": name},
        "display_name": name,
        "type": Organization.Type.FIRM,
        "country": "CN",
        "region": "CN-JS",
        "status": Organization.Status.VERIFIED,
    }
    return Organization.objects.create(**{**defaults, **fields})


def viewer_of(user: AbstractBaseUser) -> Viewer:
    """What the person sees through, read from their memberships."""
    memberships = list(user.memberships.select_related("organization"))
    writes = {Membership.Role.OWNER, Membership.Role.EDITOR}
    return Viewer(
        user_id=user.pk,
        organization_ids=frozenset(m.organization_id for m in memberships),
        editable_ids=frozenset(m.organization_id for m in memberships if m.role in writes),
        owned_ids=frozenset(m.organization_id for m in memberships if m.role == Membership.Role.OWNER),
        is_member=any(m.organization.status == Organization.Status.VERIFIED for m in memberships),
        is_curator=user.is_curator,
    )


def signed_in(user: AbstractBaseUser) -> Client:
    """A test client in which the person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice_lab(db: None) -> Organization:
    """Alice's and Bob's organization."""
    return make_organization("Alice Lab")


@pytest.fixture
def charlie_works(db: None) -> Organization:
    """Charlie's organization: verified, but a stranger to Alice's."""
    return make_organization("Charlie Works", region="CN-ZJ")


@pytest.fixture
def alice(alice_lab: Organization) -> AbstractBaseUser:
    """Owns Alice Lab."""
    user = make_user("alice@example.com", name="Alice")
    Membership.objects.create(organization=alice_lab, user=user, role=Membership.Role.OWNER)
    return user


@pytest.fixture
def bob(alice_lab: Organization) -> AbstractBaseUser:
    """Writes for Alice Lab but does not administer it."""
    user = make_user("bob@example.com", name="Bob")
    Membership.objects.create(organization=alice_lab, user=user, role=Membership.Role.EDITOR)
    return user


@pytest.fixture
def charlie(charlie_works: Organization) -> AbstractBaseUser:
    """Owns another organization and must see nothing of Alice Lab's that is not for everybody."""
    user = make_user("charlie@example.com", name="Charlie")
    Membership.objects.create(organization=charlie_works, user=user, role=Membership.Role.OWNER)
    return user


@pytest.fixture
def curator(db: None) -> AbstractBaseUser:
    """Verifies, curates and answers for it."""
    return get_user_model().objects.create_superuser("curator@example.com", PASSWORD, name="Curator")


@pytest.fixture
def alice_viewer(alice: AbstractBaseUser) -> Viewer:
    """Alice, looking."""
    return viewer_of(alice)


@pytest.fixture
def bob_viewer(bob: AbstractBaseUser) -> Viewer:
    """Bob, looking."""
    return viewer_of(bob)


@pytest.fixture
def charlie_viewer(charlie: AbstractBaseUser) -> Viewer:
    """Charlie, looking."""
    return viewer_of(charlie)


@pytest.fixture
def curator_viewer(curator: AbstractBaseUser) -> Viewer:
    """The curator, looking."""
    return viewer_of(curator)


@pytest.fixture
def stranger_viewer() -> Viewer:
    """Somebody who has not signed in."""
    return STRANGER


@pytest.fixture
def alice_client(alice: AbstractBaseUser) -> Client:
    """Alice's browser."""
    return signed_in(alice)


@pytest.fixture
def bob_client(bob: AbstractBaseUser) -> Client:
    """Bob's browser."""
    return signed_in(bob)


@pytest.fixture
def charlie_client(charlie: AbstractBaseUser) -> Client:
    """Charlie's browser."""
    return signed_in(charlie)


@pytest.fixture
def curator_client(curator: AbstractBaseUser) -> Client:
    """The curator's browser."""
    return signed_in(curator)
