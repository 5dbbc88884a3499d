"""The endpoints of needs and capabilities."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from consortia.disclosure.models import Reveal
from consortia.disclosure.viewer import Viewer
from consortia.listings import services
from consortia.listings.models import Capability, Listing, Need
from consortia.organizations.models import Organization
from tests.consortia.listings.authoring import BATTERY, SULFIDE, need_draft

NEEDS = "/api/v1/needs/"
CAPABILITIES = "/api/v1/capabilities/"


def body(owner: Organization, **changes: Any) -> dict[str, Any]:
    return {
        "organization": str(owner.public_id),
        "kind": "rnd_problem",
        "title": "Solid electrolyte above 300 Wh/kg",
        "summary": "Sulfide, a thousand cycles.",
        "trl_low": 4,
        "trl_high": 7,
        "technologies": [{"technology": BATTERY, "route": SULFIDE}],
        "parameters": [{"labels": {"en": "Energy density"}, "operator": "ge", "value": 300, "unit": "Wh/kg"}],
        "budget_max": "2000000.00",
        "currency": "CNY",
        **changes,
    }


def send(client: Client, method: str, address: str, data: Any = None) -> HttpResponse:
    return getattr(client, method)(address, data=data, content_type="application/json")


@pytest.mark.usefixtures("taxonomy")
def test_need_is_written_published_and_read_by_others(
    alice_client: Client, alice_lab: Organization, charlie_client: Client
) -> None:
    created = send(alice_client, "post", NEEDS, body(alice_lab))
    assert created.status_code == 201
    address = f"{NEEDS}{created.json()['public_id']}/"
    assert created.json()["status"] == "draft"
    assert created.json()["budget"] == {"min": None, "max": "2000000.00", "currency": "CNY"}
    assert charlie_client.get(address).status_code == 404

    assert send(alice_client, "post", f"{address}publish/").json()["status"] == "open"
    seen = charlie_client.get(address).json()
    assert seen["title"] == "Solid electrolyte above 300 Wh/kg"
    assert seen["technologies"][0]["route"] == SULFIDE
    assert "budget" not in seen
    assert seen["parameters"] == []
    assert seen["hidden"] == ["budget", "parameters"]
    assert seen["hidden_parameters"] == 1
    assert seen["steps"] == []


@pytest.mark.usefixtures("taxonomy")
def test_capability_is_written(alice_client: Client, alice_lab: Organization) -> None:
    data = {
        "organization": str(alice_lab.public_id),
        "kind": "product",
        "title": "硫化物固态电解质粉体",
        "price_amount": "8800.00",
        "price_model": "per_unit",
        "currency": "CNY",
        "capacities": {"zh-Hans": "年产50吨"},
    }
    created = send(alice_client, "post", CAPABILITIES, data)
    assert created.status_code == 201
    assert created.json()["price"] == {"model": "per_unit", "amount": "8800.00", "currency": "CNY"}
    assert created.json()["language"] == "zh-Hans"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"trl_high": 11}, "trl_high"),
        ({"trl_low": "four"}, "trl_low"),
        ({"trl_low": 8}, "trl_low"),
        ({"kind": "wish"}, "kind"),
        ({"currency": "XXX"}, "currency"),
        ({"organization": "00000000-0000-0000-0000-000000000000"}, "organization"),
        ({"technologies": [{"technology": "none"}]}, "technologies.0.technology"),
        (
            {"parameters": [{"labels": {"en": "x"}, "operator": "ge", "value": 1, "unit": "furlongz"}]},
            "parameters.0.unit",
        ),
        ({"parameters": [{"labels": {"en": "x"}, "operator": "ge", "value": 10**400}]}, "parameters.0.value"),
        ({"disclosure": {"budget": "nobody"}}, "disclosure.budget"),
    ],
)
@pytest.mark.usefixtures("taxonomy")
def test_fault_is_a_problem_document(
    alice_client: Client, alice_lab: Organization, changes: dict[str, Any], field: str
) -> None:
    answer = send(alice_client, "post", NEEDS, body(alice_lab, **changes))
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(answer.json()["fields"]) == [field]
    assert not Listing.objects.exists()


def test_body_that_is_no_object_is_refused(alice_client: Client, need: Need) -> None:
    for method, address in (
        ("post", NEEDS),
        ("put", f"{NEEDS}{need.public_id}/"),
        ("patch", f"{NEEDS}{need.public_id}/"),
    ):
        assert send(alice_client, method, address, [1, 2]).status_code == 400


def test_change_names_the_version_it_was_made_on(alice_client: Client, bob_client: Client, need: Need) -> None:
    address = f"{NEEDS}{need.public_id}/"
    assert list(send(alice_client, "patch", address, {"title": "No version"}).json()["fields"]) == ["version"]
    changed = send(alice_client, "patch", address, {"title": "Alice's", "version": 1})
    assert (changed.status_code, changed.json()["title"], changed.json()["version"]) == (200, "Alice's", 2)
    assert changed.json()["parameters"][0]["value"] == 300
    late = send(bob_client, "patch", address, {"title": "Bob's", "version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "stale_edit")
    replaced = send(bob_client, "put", address, {"kind": "testing", "title": "Bob's", "version": 2})
    assert (replaced.json()["kind"], replaced.json()["parameters"]) == ("testing", [])


@pytest.mark.parametrize("step", ["submit", "publish", "open", "pause", "mark_matched", "close", "withdraw", "renew"])
def test_every_step_has_an_address_and_says_what_else_is_possible(
    alice_client: Client, charlie_client: Client, need: Need, step: str
) -> None:
    address = f"{NEEDS}{need.public_id}/{step}/"
    assert send(charlie_client, "post", address).status_code == 404
    answer = send(alice_client, "post", address)
    if step in {"submit", "publish", "withdraw"}:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
        assert "publish" in answer.json()["detail"]


def test_charlie_and_strangers_change_nothing(charlie_client: Client, client: Client, open_need: Need) -> None:
    address = f"{NEEDS}{open_need.public_id}/"
    for outsider in (charlie_client, client):
        for method, data in (("patch", {"title": "Mine", "version": 3}), ("put", {"title": "Mine", "version": 3})):
            assert send(outsider, method, address, {"kind": "supply", **data}).status_code in {401, 403}
        assert send(outsider, "post", f"{address}close/").status_code in {401, 403}
        assert send(outsider, "post", NEEDS, body(open_need.organization)).status_code in {401, 403}
    assert Need.objects.get().title == need_draft().title


def test_list_shows_what_exists_for_the_client(
    alice_client: Client, charlie_client: Client, client: Client, open_need: Need, alice_viewer: Viewer
) -> None:
    services.draft_need(
        actor=alice_viewer, organization=open_need.organization, draft=need_draft(title="Still a draft")
    )
    assert [row["title"] for row in alice_client.get(NEEDS).json()["results"]] == ["Still a draft", open_need.title]
    for outsider in (charlie_client, client):
        rows = outsider.get(NEEDS).json()["results"]
        assert [row["title"] for row in rows] == [open_need.title]
        assert "budget" not in rows[0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=electrolyte", 1),
        ("q=固态", 1),
        ("q=tokamak", 0),
        (f"technology={BATTERY}", 1),
        ("technology=none", 0),
        (f"route={SULFIDE}", 1),
        ("trl=5", 1),
        ("trl=8", 0),
        ("kind=supply", 0),
        ("status=open", 1),
        ("region=CN-JS", 1),
        ("mine=true", 0),
    ],
)
def test_filters(charlie_client: Client, open_need: Need, query: str, found: int) -> None:
    assert len(charlie_client.get(f"{NEEDS}?{query}").json()["results"]) == found


def test_bad_filter_is_refused(client: Client, open_need: Need) -> None:
    answer = client.get(f"{NEEDS}?trl=eleven&kind=wish")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"trl", "kind"})


def test_filters_do_not_tell_what_is_hidden(
    alice_client: Client, charlie_client: Client, open_need: Need, alice_lab: Organization
) -> None:
    Need.objects.update(disclosure={"organization": "matched", "summary": "members"})
    by_owner = f"{NEEDS}?organization={alice_lab.public_id}"
    assert charlie_client.get(by_owner).json()["results"] == []
    assert charlie_client.get(f"{NEEDS}?region=CN-JS").json()["results"] == []
    assert len(alice_client.get(by_owner).json()["results"]) == 1
    row = charlie_client.get(NEEDS).json()["results"][0]
    assert "organization" not in row
    assert row["summary"]


def test_what_members_are_shown_is_in_the_ledger(charlie_client: Client, client: Client, open_need: Need) -> None:
    Need.objects.update(disclosure={"summary": "members"})
    assert "summary" not in client.get(f"{NEEDS}{open_need.public_id}/").json()
    assert charlie_client.get(f"{NEEDS}{open_need.public_id}/").json()["summary"]
    reveal = Reveal.objects.get()
    assert (reveal.owner_id, reveal.fields, reveal.surface) == (open_need.organization_id, ["summary"], "api")


def test_capability_of_others_shows_no_price(charlie_client: Client, open_capability: Capability) -> None:
    row = charlie_client.get(f"{CAPABILITIES}{open_capability.public_id}/").json()
    assert "price" not in row
    assert row["hidden"] == ["price"]
