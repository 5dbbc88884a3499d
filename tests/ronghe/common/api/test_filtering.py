"""Parameters that nothing reads are refused: a misspelt filter would otherwise answer with everything."""

import pytest

LISTS = (
    "organizations",
    "organizations/mine",
    "technologies",
    "evidence",
    "experience",
    "needs",
    "capabilities",
    "facilities",
    "bookings",
    "matches",
    "match-runs",
    "weight-sets",
    "introductions",
    "herding",
)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_refuses_what_it_does_not_read(curator_client, name):
    address = f"/api/v1/{name}/"
    assert curator_client.get(address).status_code == 200
    refused = curator_client.get(address, {"colour": "red"})
    assert refused.status_code == 400
    assert refused.json()["code"] == "unknown_parameter"
    [message] = refused.json()["fields"]["colour"]
    assert message.startswith("There is no such parameter here. Known are: ")


def test_the_answer_names_filters_and_paging(client, db):
    refused = client.get("/api/v1/needs/", {"kinds": "supply"}).json()
    [message] = refused["fields"]["kinds"]
    assert {"kind", "limit", "cursor"} <= set(message.partition("are: ")[2].rstrip(".").split(", "))


def test_what_is_known_is_read_together(client, db):
    assert client.get("/api/v1/needs/", {"kind": "supply", "limit": "5", "format": "json"}).status_code == 200


def test_questions_about_a_pair_refuse_it_too(curator_client):
    refused = curator_client.get("/api/v1/matches/absence/", {"nede": "x"})
    assert refused.json()["fields"]["nede"] == ["There is no such parameter here. Known are: need, organization."]
