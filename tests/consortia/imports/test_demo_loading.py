"""Loading the demo network: through the services, once and again, whole or not at all."""

import json
import stat
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from consortia.disclosure.policies import visible
from consortia.disclosure.viewer import STRANGER
from consortia.evidence.models import Evidence, Experience
from consortia.facilities.models import Booking, Facility, Slot
from consortia.facilities.services import cancel_booking
from consortia.imports.demo import loading
from consortia.imports.demo.accounts import FILE_NAME, DemoAccount, demo_accounts
from consortia.imports.demo.faults import DemoFaults
from consortia.imports.demo.loading import load_demo_network
from consortia.listings.models import Capability, Listing, Need
from consortia.listings.services import close_listing
from consortia.organizations.models import Affiliation, Membership, Organization
from consortia.organizations.selectors import viewer_of
from consortia.organizations.services import suspend_organization
from consortia.technologies.models import Interface, Route, RouteMetric, Technology
from consortia.technologies.selectors import resolve_key
from ronghe.accounts.models import User
from ronghe.events.models import Event
from tests.consortia.imports.demo_authoring import FIELD_FILE, Folder

ROOMS = ("accounts", "organizations", "technologies", "evidence", "listings", "facilities", "events", "oauth2_provider")


@pytest.fixture
def folder(db: None, tmp_path: Path, settings: Any) -> Folder:
    """The miniature network, with a folder for secrets of its own."""
    settings.VAR_DIR = tmp_path / "var"
    (tmp_path / "files").mkdir()
    return Folder(tmp_path / "files")


@pytest.fixture
def in_2027(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Lets the loader believe that it is another day."""
    return lambda day: monkeypatch.setattr(loading.timezone, "localdate", lambda: day)


def state() -> dict[str, Any]:
    """How many rows every room holds, and the version of everything that has one."""
    models = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    counts = {model._meta.label: model._default_manager.count() for model in models}
    versions = {
        model._meta.label: sorted(model._default_manager.values_list("pk", "version"))
        for model in models
        if any(field.name == "version" and field.get_internal_type() != "CharField" for field in model._meta.fields)
    }
    return {"counts": counts, "versions": versions}


def account(role: str) -> DemoAccount:
    """The secrets of somebody in this role."""
    return next(account for account in demo_accounts() if account.role == role)


def test_loads_everything(folder: Folder) -> None:
    load_demo_network(folder=folder.write())

    buyer = Organization.objects.get(source="demo", source_id="org-buyer")
    need = Need.objects.get(source="demo", source_id="need-1")
    capability = Capability.objects.get(source="demo", source_id="cap-1")
    assert buyer.status == Organization.Status.VERIFIED
    assert buyer.city == "西安"
    assert Organization.objects.get(source_id="org-maker").status == Organization.Status.PENDING
    assert Affiliation.objects.get().organization == buyer
    assert Evidence.objects.get().status == Evidence.Status.VERIFIED
    assert Experience.objects.get().participations.count() == 2
    assert (need.status, capability.status) == (Listing.Status.OPEN, Listing.Status.OPEN)
    assert need.deadline == date(2027, 6, 30)
    assert need.parameters.get().base_low == pytest.approx(0.06)
    assert need.uses.get().route == Route.objects.get(key="spa-thruster-hall")
    assert RouteMetric.objects.get().source.endswith("not a citation")
    assert Interface.objects.get().technologies.get().key == "spa-thruster"
    assert resolve_key("spa-ion-engine").key == "spa-thruster"
    assert Facility.objects.get().slots.count() == 2
    assert Booking.objects.get().status == Booking.Status.CONFIRMED


def test_everything_says_that_it_is_fictitious(folder: Folder) -> None:
    load_demo_network(folder=folder.write())

    assert not Organization.objects.filter(is_fictitious=False).exists()
    assert not Listing.objects.filter(is_fictitious=False).exists()
    assert not Facility.objects.filter(is_fictitious=False).exists()


def test_loading_again_changes_nothing(folder: Folder) -> None:
    load_demo_network(folder=folder.write())
    before = state()

    again = load_demo_network(folder=folder.path)

    assert state() == before
    assert all(tally.created == tally.updated == 0 for tally in again.tallies.values())


def test_changed_texts_are_taken_over_and_nothing_else_is_touched(folder: Folder) -> None:
    load_demo_network(folder=folder.write())
    before = state()
    folder.field["organizations"][1]["description"]["en"] = "It has moved."
    folder.field["needs"][0]["title"] = "Krypton thrusters wanted"
    folder.field["technologies"][0]["labels"]["en"] = "Electric propulsion"
    folder.field["technologies"][0]["definition"]["en"] = "Accelerates ions by fields."
    folder.field["technologies"][0]["routes"][0]["convergence"] = "dominant"
    folder.field["facilities"][0]["price"]["amount"] = 950
    folder.field["experiences"][0]["title"] = "Maiden flight"

    loaded = load_demo_network(folder=folder.write())

    technology = Technology.objects.get(key="spa-thruster")
    assert Organization.objects.get(source_id="org-maker").descriptions["en"] == "It has moved."
    assert Need.objects.get().title == "Krypton thrusters wanted"
    assert technology.labels["en"] == "Electric propulsion"
    assert technology.definitions["en"] == "Accelerates ions by fields."
    assert Route.objects.get().convergence == Route.Convergence.DOMINANT
    assert Facility.objects.get().price_amount == 950
    assert Experience.objects.get().title == "Maiden flight"
    assert {kind: tally.updated for kind, tally in loaded.tallies.items() if tally.updated} == {
        "organizations": 1,
        "needs": 1,
        "technologies": 1,
        "routes": 1,
        "facilities": 1,
        "experience": 1,
    }
    assert state()["counts"]["listings.Capability"] == before["counts"]["listings.Capability"]
    assert dict(state()["versions"]["listings.Listing"])[Capability.objects.get().pk] == 1


def test_what_people_decided_stays_decided(folder: Folder) -> None:
    load_demo_network(folder=folder.write())
    curator = viewer_of(User.objects.get(email=account("curator").email))
    close_listing(actor=curator, listing=Need.objects.get())
    suspend_organization(actor=curator, organization=Organization.objects.get(source_id="org-lab"), reason="Play.")
    cancel_booking(actor=curator, booking=Booking.objects.get())

    load_demo_network(folder=folder.path)

    assert Need.objects.get().status == Listing.Status.CLOSED
    assert Organization.objects.get(source_id="org-lab").status == Organization.Status.SUSPENDED
    assert Booking.objects.get().status == Booking.Status.CANCELLED


def test_expired_listings_are_renewed(folder: Folder) -> None:
    load_demo_network(folder=folder.write())
    Listing.objects.update(status=Listing.Status.EXPIRED, valid_until=date(2020, 1, 1))

    load_demo_network(folder=folder.path)

    assert set(Listing.objects.values_list("status", flat=True)) == {Listing.Status.OPEN}


def test_dates_that_have_passed_move_on(folder: Folder, in_2027: Callable[[date], None]) -> None:
    load_demo_network(folder=folder.write())
    in_2027(date(2027, 8, 1))

    loaded = load_demo_network(folder=folder.path)

    assert loaded.years_moved == 1
    assert Need.objects.get().deadline == date(2028, 6, 30)
    assert Slot.objects.count() == 4
    assert load_demo_network(folder=folder.path).tallies["needs"].unchanged == 1


def test_what_services_refuse_is_named_and_nothing_is_left_behind(folder: Folder) -> None:
    folder.field["needs"][0]["trl"] = [7, 5]
    folder.field["needs"][0]["parameters"][0]["unit"] = "furlongs per moon"
    folder.field["capabilities"][0]["technologies"][0]["weight"] = 2
    folder.field["facilities"][0]["throughput"] = {"value": -1, "unit": "kg/day"}
    folder.field["organizations"][1]["region"] = "Shaanxi"
    folder.field["technologies"][0]["routes"][0]["metrics"][0]["date"] = "2199-01-01"
    before = state()

    with pytest.raises(DemoFaults) as caught:
        load_demo_network(folder=folder.write())

    faults = {(fault.file, fault.id, fault.field) for fault in caught.value.faults}
    assert faults == {
        (FIELD_FILE, "need-1", "trl_low"),
        (FIELD_FILE, "need-1", "parameters.0.unit"),
        (FIELD_FILE, "cap-1", "technologies.0.weight"),
        (FIELD_FILE, "fac-1", "throughput"),
        (FIELD_FILE, "org-maker", "region"),
        (FIELD_FILE, "spa-thruster", "routes.0.date"),
    }
    assert state() == before


def test_a_circle_of_broader_technologies_is_refused(folder: Folder) -> None:
    folder.field["technologies"][0]["broader"] = ["spa-ion-engine"]
    folder.field["technologies"][1]["broader"] = ["spa-thruster"]

    with pytest.raises(DemoFaults, match="spa-ion-engine → spa-thruster → spa-ion-engine"):
        load_demo_network(folder=folder.write())


def test_people_have_random_passwords_that_only_the_owner_of_the_file_reads(folder: Folder, settings: Any) -> None:
    load_demo_network(folder=folder.write())

    assert stat.S_IMODE((settings.VAR_DIR / FILE_NAME).stat().st_mode) == 0o600
    accounts = demo_accounts()
    assert [(entry.role, entry.organization) for entry in accounts] == [
        ("curator", ""),
        ("owner", "Huayue Satellites"),
        ("newcomer", ""),
    ]
    assert len({entry.password for entry in accounts}) == 3
    assert all(User.objects.get(email=entry.email).check_password(entry.password) for entry in accounts)
    assert Membership.objects.get().role == Membership.Role.OWNER
    assert User.objects.get(email=account("curator").email).is_curator


def test_the_api_client_gets_a_token(folder: Folder, client: Any) -> None:
    load_demo_network(folder=folder.write())
    owner = account("owner")

    answer = client.post(
        "/api/oauth/token/",
        {
            "grant_type": "client_credentials",
            "client_id": owner.client_id,
            "client_secret": owner.client_secret,
            "scope": "read",
        },
    )

    assert answer.status_code == 200, answer.content


def test_lost_secrets_are_replaced_and_kept_ones_stay(folder: Folder, settings: Any) -> None:
    load_demo_network(folder=folder.write())
    kept = account("owner")
    load_demo_network(folder=folder.path)
    assert account("owner") == kept

    (settings.VAR_DIR / FILE_NAME).unlink()
    load_demo_network(folder=folder.path)

    renewed = account("owner")
    assert renewed.client_id == kept.client_id
    assert renewed.client_secret != kept.client_secret
    assert not User.objects.get(email=kept.email).check_password(kept.password)
    assert User.objects.get(email=renewed.email).check_password(renewed.password)


def test_the_passwords_of_an_emptied_database_stay_what_they_were(folder: Folder) -> None:
    with transaction.atomic():
        load_demo_network(folder=folder.write())
        transaction.set_rollback(True)
    kept = demo_accounts()

    load_demo_network(folder=folder.path)

    assert [entry.password for entry in demo_accounts()] == [entry.password for entry in kept]
    assert User.objects.get(email=kept[0].email).check_password(kept[0].password)


def test_there_are_no_accounts_before_the_first_load(folder: Folder) -> None:
    assert demo_accounts() == []


def test_a_damaged_file_of_secrets_is_named_with_the_remedy(folder: Folder, settings: Any) -> None:
    settings.VAR_DIR.mkdir()
    (settings.VAR_DIR / FILE_NAME).write_text("[{}]")

    with pytest.raises(CommandError, match="Delete it"):
        call_command("load_demo", folder=folder.write())


def test_the_command_tells_people_and_machines(folder: Folder) -> None:
    for_people, for_machines = StringIO(), StringIO()

    call_command("load_demo", folder=folder.write(), stdout=for_people)
    call_command("load_demo", "--json", folder=folder.path, stdout=for_machines)

    assert "needs: 1 created" in for_people.getvalue()
    assert all(entry.password in for_people.getvalue() for entry in demo_accounts())
    told = json.loads(for_machines.getvalue())
    assert told["counts"]["needs"] == {"created": 0, "updated": 0, "unchanged": 1}
    assert not any(entry.password in for_machines.getvalue() for entry in demo_accounts())


def test_the_command_fails_with_every_fault(folder: Folder) -> None:
    folder.field["needs"][0]["kind"] = "wish"
    folder.field["needs"][0].pop("summary")

    with pytest.raises(CommandError) as caught:
        call_command("load_demo", folder=folder.write())

    assert str(caught.value).startswith("2 faults")
    assert "space.yaml need-1 kind: " in str(caught.value)
    assert "space.yaml need-1 summary: " in str(caught.value)


@pytest.fixture(scope="class")
def demo(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The network as it is shipped, loaded once for the class that uses it and taken back at its end."""
    var_dir = tmp_path_factory.mktemp("var")
    with django_db_blocker.unblock(), override_settings(VAR_DIR=var_dir), transaction.atomic():
        load_demo_network()
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("demo", "db")
class TestShippedNetwork:
    """What a stranger finds after `manage.py load_demo`."""

    def test_every_need_is_open_and_everybody_sees_it(self) -> None:
        needs = visible(STRANGER, Need.objects.all())

        assert needs.filter(status=Listing.Status.OPEN, is_fictitious=True).count() == Need.objects.count() == 120

    def test_rows_are_as_many_as_promised(self) -> None:
        fictitious = Organization.objects.filter(is_fictitious=True, source="demo")

        assert fictitious.count() == 120
        assert Listing.objects.count() == 300
        assert Facility.objects.filter(slots__isnull=False).distinct().count() == 42
        assert Technology.objects.filter(status=Technology.Status.ACTIVE, is_field=False).count() == 36
        assert Technology.objects.filter(is_field=True).count() == 6
        assert Route.objects.count() >= 70
        assert not fictitious.filter(identifiers__isnull=False).exists()

    def test_loading_it_again_writes_nothing(self) -> None:
        before, last_event = state(), Event.objects.latest("id")

        load_demo_network()

        assert state() == before
        assert Event.objects.latest("id") == last_event
