"""The people of the demo network: one for each role, so that a visitor can look through their eyes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from oauth2_provider.models import Application

from consortia.disclosure.viewer import Viewer
from consortia.imports.demo.accounts import DemoAccount, demo_accounts, new_password, store_accounts
from consortia.imports.demo.network import Network
from consortia.imports.demo.records import PersonEntry
from consortia.imports.demo.work import Work
from consortia.organizations.models import Membership, Organization
from consortia.organizations.selectors import viewer_of
from consortia.organizations.services import accept_invitation, invite_member
from ronghe.accounts.models import User
from ronghe.accounts.services import create_api_client, create_person, renew_client_secret, set_password
from ronghe.common.text import ENGLISH, in_reader_language

NEWCOMER: Final = "newcomer"
CURATOR: Final = "curator"


def load_people(network: Network) -> dict[str, User]:
    """Create who is missing, keep their passwords with this machine's secrets, and return them by id.

    Somebody whose password is not among the secrets gets a new one; other passwords stay.

    Raises:
        DomainError: an account service refused somebody.
    """
    secrets = {account.email: account for account in demo_accounts()}
    accounts = {entry.email: secrets.get(entry.email) or _new_account(network, entry) for entry in network.people}
    # Kept before they are used: whatever happens afterwards, the next load finds the passwords that count.
    store_accounts(accounts.values())
    stored = {user.email: user for user in User.objects.filter(email__in=accounts)}
    people = {}
    for entry in network.people:
        user = stored.get(entry.email)
        password = accounts[entry.email].password
        if user is None:
            user = create_person(
                email=entry.email,
                password=password,
                name=entry.name,
                language=entry.language,
                is_curator=entry.curator,
            )
        elif entry.email not in secrets:
            set_password(user=user, password=password)
        people[entry.id] = user
    return people


def curator_among(network: Network, people: Mapping[str, User]) -> Viewer:
    """The demo curator, on whose behalf the network is loaded.

    Raises:
        LookupError: nobody in the files is a curator.
    """
    for entry in network.people:
        if entry.curator:
            return viewer_of(people[entry.id])
    raise LookupError("Nobody in the files is a curator, but somebody must verify the organizations.")


def load_memberships(work: Work, people: Mapping[str, User], organizations: Mapping[str, Organization]) -> None:
    """Let people join their organizations by invitation; roles that were changed since stay."""
    stored = Membership.objects.filter(user__in=people.values())
    known = set(stored.values_list("organization_id", "user_id"))
    for entry in work.network.people:
        organization = organizations.get(entry.organization or "")
        user = people[entry.id]
        if organization is None or not entry.role:
            continue
        is_new = (organization.pk, user.pk) not in known
        if is_new:
            with work.log.collecting(entry.id):
                _invitation, token = invite_member(
                    actor=work.actor, organization=organization, email=entry.email, role=entry.role
                )
                accept_invitation(actor=viewer_of(user), token=token)
        work.tally("members").count(created=is_new)


def load_api_clients(work: Work, people: Mapping[str, User]) -> None:
    """Create the API clients that are missing; one whose secret is not kept here gets a new secret."""
    store_accounts(list(_with_clients(work, people)))


def _with_clients(work: Work, people: Mapping[str, User]) -> Iterator[DemoAccount]:
    by_email = {entry.email: entry for entry in work.network.people}
    for account in demo_accounts():
        entry = by_email[account.email]
        yield _with_client(account, people[entry.id], entry.client) if entry.client else account


def _with_client(account: DemoAccount, owner: User, name: str) -> DemoAccount:
    application = Application.objects.filter(user=owner, name=name).first()
    if application is None:
        application, secret = create_api_client(owner=owner, name=name)
    elif application.client_id == account.client_id:
        secret = account.client_secret
    else:
        secret = renew_client_secret(application=application)
    return replace(account, client_id=application.client_id, client_secret=secret)


def _new_account(network: Network, entry: PersonEntry) -> DemoAccount:
    names = {organization.id: organization.names for organization in network.organizations}
    role = CURATOR if entry.curator else entry.role or NEWCOMER
    return DemoAccount(
        role=role,
        email=entry.email,
        password=new_password(),
        name=entry.name,
        organization=in_reader_language(names.get(entry.organization or "", {}), language=ENGLISH),
    )
