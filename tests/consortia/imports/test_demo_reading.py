"""The files of the demo network: what is written in them, and what is said about mistakes."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from consortia.imports.demo.faults import DemoFaults
from consortia.imports.demo.network import Network
from consortia.imports.demo.reading import read_network
from consortia.imports.demo.records import ListingEntry
from consortia.organizations.models import Organization
from tests.consortia.imports.demo_authoring import FIELD_FILE, Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="module")
def network() -> Network:
    """The network as it is shipped."""
    return read_network()


def faults_of(path: Path) -> list[tuple[str, str, str]]:
    """File, id and field of every fault."""
    with pytest.raises(DemoFaults) as caught:
        read_network(path)
    return [(fault.file, fault.id, fault.field) for fault in caught.value.faults]


def test_reads_the_miniature_network(folder: Folder) -> None:
    network = read_network(folder.write())

    assert [need.id for need in network.needs] == ["need-1"]
    assert network.needs[0].trl == (5, 7)
    assert network.places["spa-thruster-hall"] == FIELD_FILE
    assert list(network.broader_ids()) == [("spa-thruster", "space"), ("spa-ion-engine", "space")]


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "entry_id", "field"),
    [
        (lambda field: field["needs"][0].pop("title"), "need-1", "title"),
        (lambda field: field["needs"][0].update(titel="x"), "need-1", "titel"),
        (lambda field: field["needs"][0].update(kind="wish"), "need-1", "kind"),
        (lambda field: field["needs"][0].update(deadline="soon"), "need-1", "deadline"),
        (lambda field: field["needs"][0].update(trl=[4]), "need-1", "trl"),
        (lambda field: field["needs"][0].update(trl=[4, True]), "need-1", "trl.1"),
        (lambda field: field["needs"][0].update(route_locked=1), "need-1", "route_locked"),
        (lambda field: field["needs"][0].update(budget={"min": 1, "max": 2}), "need-1", "budget.currency"),
        (lambda field: field["needs"][0]["parameters"][0].update(value="many"), "need-1", "parameters.0.value"),
        (lambda field: field["needs"][0].update(languages="en"), "need-1", "languages"),
        (lambda field: field["needs"][0].update(translations=["en"]), "need-1", "translations"),
        (lambda field: field["needs"][0].update(organization="org-none"), "need-1", "organization"),
        (lambda field: field["organizations"][0].update(country=False), "org-buyer", "country"),
        (lambda field: field["organizations"][0]["place"].append(3.0), "org-buyer", "place"),
        (lambda field: field["organizations"][0]["affiliations"][0].update(to="x"), "org-buyer", "affiliations.0.to"),
        (lambda field: field["technologies"][0].update(depends_on=["mat-x"]), "spa-thruster", "depends_on.0"),
        (lambda field: field["technologies"][0]["routes"][0].pop("labels"), "spa-thruster", "routes.0.labels"),
        (lambda field: field["facilities"][0]["bookings"][0].update(start="2027-02-27"), "fac-1", "bookings.0.start"),
        (lambda field: field["capabilities"][0].update(id="need-1"), "need-1", "id"),
        (lambda field: field["capabilities"].append("cap-2"), "capabilities.1", ""),
        (lambda field: field.update(wishes=[]), "", "wishes"),
        (lambda field: field.update(needs={}), "", "needs"),
    ],
)
def test_a_mistake_is_named_with_file_id_and_field(folder: Folder, change: Change, entry_id: str, field: str) -> None:
    change(folder.field)

    assert faults_of(folder.write()) == [(FIELD_FILE, entry_id, field)]


def test_all_mistakes_are_named_at_once_and_names_of_faulty_entries_still_lead_there(folder: Folder) -> None:
    folder.field["organizations"][0]["type"] = "club"
    folder.field["needs"][0]["kind"] = "wish"
    folder.people["people"][1]["role"] = "boss"

    assert faults_of(folder.write()) == [
        ("people.yaml", "p-owner", "role"),
        (FIELD_FILE, "org-buyer", "type"),
        (FIELD_FILE, "need-1", "kind"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"needs: [", "cannot be read as YAML"),
        (b"needs: []\nneeds: []\n", "stands twice"),
        ("field: 未来".encode("gb18030"), "cannot be read as YAML"),
        (b"- a list\n", "Give sections"),
    ],
)
def test_a_file_that_is_no_yaml_of_ours_is_named(folder: Folder, content: bytes, said: str) -> None:
    (folder.write() / FIELD_FILE).write_bytes(content)

    with pytest.raises(DemoFaults) as caught:
        read_network(folder.path)

    assert any(fault.file == FIELD_FILE and said in fault.message for fault in caught.value.faults)


def test_a_folder_without_files_is_named(tmp_path: Path) -> None:
    assert faults_of(tmp_path) == [(str(tmp_path), "", "")]


def test_the_network_is_as_large_as_promised(network: Network) -> None:
    in_use = [technology for technology in network.technologies if not technology.replaced_by]

    assert len(network.fields) == 6
    assert len(in_use) == 36
    assert sum(len(technology.routes) for technology in in_use) >= 70
    assert any(technology.replaced_by for technology in network.technologies)
    assert any(technology.depends_on for technology in in_use)
    assert len(network.organizations) >= 120
    assert {organization.type for organization in network.organizations} == set(Organization.Type.values)
    assert len(network.needs) + len(network.capabilities) >= 300
    assert len(network.facilities) >= 40
    assert all(facility.slots for facility in network.facilities)
    assert any(facility.bookings for facility in network.facilities)


def test_most_organizations_are_chinese_and_some_are_not(network: Network) -> None:
    countries = Counter(organization.country for organization in network.organizations)

    assert 0.6 < countries["CN"] / countries.total() < 0.9
    assert len(countries) > 10


def test_half_of_the_texts_are_chinese_and_half_english(network: Network) -> None:
    entries: list[ListingEntry] = [*network.needs, *network.capabilities]
    languages = Counter(entry.lang for entry in entries)

    assert set(languages) == {"zh-Hans", "en"}
    assert 0.4 <= languages["zh-Hans"] / languages.total() <= 0.6


def test_no_text_stands_twice(network: Network) -> None:
    entries: list[ListingEntry] = [*network.needs, *network.capabilities]
    texts = [text for entry in entries for text in (entry.title, entry.summary, entry.description)]
    texts += [facility.description for facility in network.facilities]
    texts += [experience.abstract for experience in network.experiences]
    texts += [text for organization in network.organizations for text in organization.description.values()]

    assert [text for text, number in Counter(texts).items() if number > 1] == []


def test_there_is_somebody_for_every_role(network: Network) -> None:
    people = network.people
    verified = {organization.id for organization in network.organizations if organization.verified}

    assert all(person.organization in verified for person in people if person.organization)
    assert {person.role for person in people} == {"owner", "editor", "viewer", None}
    assert any(person.curator for person in people)
    assert any(person.client for person in people)
    assert any(not person.organization and not person.curator for person in people)
    assert all(person.email.endswith(".example") for person in people)
