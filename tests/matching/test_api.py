"""Matches, runs and introductions in the API."""

import pytest
from django.test import Client

from consortia.disclosure.models import Tier
from consortia.listings.models import Listing
from matching.models import Match, MatchRun
from matching.services.answers import answer_match
from ronghe.common.api.problems import CONTENT_TYPE
from tests.cast import make_organization

MATCHES, RUNS, INTRODUCTIONS = "/api/v1/matches/", "/api/v1/match-runs/", "/api/v1/introductions/"


def post(client: Client, path: str, body: object = None):
    return client.post(path, body or {}, content_type="application/json")


def test_the_list_of_a_need(match, need, alice_client):
    [found] = alice_client.get(MATCHES, {"need": str(need.public_id)}).json()["results"]
    assert found["id"] == str(match.public_id)
    assert found["need"]["title"] == need.title
    assert found["need"]["organization"]["name"] == "Alice Lab"
    assert found["organization"]["name"] == "Dora Materials"
    assert (found["rank"], found["score"], found["my_sides"]) == (1, match.score, ["need"])
    assert found["answers"]["need"] == "new"
    assert "contributions" not in found


@pytest.mark.parametrize(
    ("query", "number"), [({}, 1), ({"answer": "new"}, 1), ({"answer": "interested"}, 0), ({"side": "organization"}, 0)]
)
def test_filters(match, alice_client, query, number):
    assert len(alice_client.get(MATCHES, query).json()["results"]) == number


def test_filters_by_organization(match, alice_client, dora_materials, charlie_works):
    for organization, number in ((dora_materials[0], 1), (charlie_works, 0)):
        found = alice_client.get(MATCHES, {"organization": str(organization.public_id)}).json()["results"]
        assert len(found) == number


def test_filters_by_capability_and_kind(match, dora_client, charlie_client, capability):
    asked = {"capability": str(capability.public_id), "kind": "rnd_problem"}
    assert len(dora_client.get(MATCHES, asked).json()["results"]) == 1
    assert dora_client.get(MATCHES, {**asked, "kind": "supply"}).json()["results"] == []
    assert dora_client.get(MATCHES, {"capability": str(match.public_id)}).json()["results"] == []
    assert charlie_client.get(MATCHES, asked).json()["results"] == []


def test_a_filter_that_is_none_is_named(match, alice_client):
    response = alice_client.get(MATCHES, {"need": "x"})
    assert response.status_code == 400
    assert "need" in response.json()["fields"]


def test_a_match_in_full(match, capability, alice_client):
    found = alice_client.get(f"{MATCHES}{match.public_id}/").json()
    assert sum(round(item["points"] * 10_000) for item in found["contributions"]) == round(match.score * 10_000)
    text = found["contributions"][0]
    assert text["evidence"] == [
        {"kind": "capability", "id": str(capability.public_id), "title": capability.title, "is_disclosed": True}
    ]
    assert [item["criterion"] for item in found["unknowns"]] == match.unknowns
    assert found["supporting"][0]["percent"] == 100
    assert found["flags"] == ["Compared by words and technologies only: no sentence encoder took part."]
    assert "8800" not in str(found)


@pytest.mark.parametrize("who", ["charlie", "stranger"])
def test_nobody_else_sees_anything(match, need, charlie_client, who):
    client = charlie_client if who == "charlie" else Client()
    assert client.get(MATCHES).json()["results"] == []
    assert client.get(MATCHES, {"need": str(need.public_id)}).json()["results"] == []
    assert client.get(MATCHES, {"answer": "new"}).json()["results"] == []
    assert client.get(INTRODUCTIONS).json()["results"] == []
    assert client.get(f"{MATCHES}{match.public_id}/").status_code == 404
    for action in ("answer", "contracted"):
        answered = post(client, f"{MATCHES}{match.public_id}/{action}/", {"answer": "interested"})
        assert answered.status_code in {401, 403, 404}
    match.refresh_from_db()
    assert match.organization_answer == match.need_answer == Match.Answer.NEW


def test_an_asker_that_hides_its_name(match, need, dora_client):
    Listing.objects.filter(pk=need.pk).update(disclosure={"organization": Tier.MATCHED})
    found = dora_client.get(f"{MATCHES}{match.public_id}/")
    assert found.json()["need"]["organization"] is None
    assert "Alice Lab" not in found.content.decode()


def test_answering(match, alice_client, dora_client):
    path = f"{MATCHES}{match.public_id}/answer/"
    assert post(alice_client, path, {"answer": "interested"}).json()["answers"]["need"] == "interested"
    assert post(dora_client, path, {"answer": "interested"}).status_code == 200
    [introduction] = dora_client.get(INTRODUCTIONS).json()["results"]
    assert (introduction["match"], introduction["status"]) == (str(match.public_id), "open")
    assert post(alice_client, f"{MATCHES}{match.public_id}/contracted/").status_code == 200


@pytest.mark.parametrize(
    ("body", "field"), [({}, "answer"), ({"answer": "maybe"}, "answer"), ({"answer": "declined"}, "reason")]
)
def test_bad_answers_are_problems_with_fields(match, alice_client, body, field):
    response = post(alice_client, f"{MATCHES}{match.public_id}/answer/", body)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == CONTENT_TYPE
    assert field in response.json()["fields"]


def test_an_answer_that_does_not_follow(match, alice_client):
    response = post(alice_client, f"{MATCHES}{match.public_id}/answer/", {"answer": "contacted"})
    assert (response.status_code, response.json()["code"]) == (409, "illegal_answer")


def test_declined_matches_are_listed_by_their_answer_only(match, alice_client, alice_viewer):
    answer_match(actor=alice_viewer, match=match, answer="declined", reason="x")
    assert alice_client.get(MATCHES).json()["results"] == []
    [found] = alice_client.get(MATCHES, {"answer": "declined"}).json()["results"]
    assert found["answers"]["need_decline_reason"] == "x"


def test_absence(charlie_works, match, need, alice_client, dora_materials):
    pair = {"need": str(need.public_id), "organization": str(charlie_works.public_id)}
    found = alice_client.get(f"{MATCHES}absence/", pair).json()
    assert (found["stage"], found["codes"]) == ("not_retrieved", ["no_documents"])
    assert found["reasons"] == ["It has no open capability, no facility and no past project."]
    pair["organization"] = str(dora_materials[0].public_id)
    assert alice_client.get(f"{MATCHES}absence/", pair).json()["stage"] == "listed"


def test_absence_is_told_to_the_two_sides_and_curators_only(match, need, charlie_works, request):
    pair = {"need": str(need.public_id), "organization": str(charlie_works.public_id)}
    for who, status in (("charlie_client", 200), ("dora_client", 403), ("curator_client", 200), ("bob_client", 200)):
        assert request.getfixturevalue(who).get(f"{MATCHES}absence/", pair).status_code == status
    assert Client().get(f"{MATCHES}absence/", pair).status_code == 403


def test_absence_names_what_is_missing(alice_client):
    assert set(alice_client.get(f"{MATCHES}absence/").json()["fields"]) == {"need", "organization"}


def test_a_need_that_is_paused_has_no_absences(match, need, alice_client, charlie_works):
    Listing.objects.filter(pk=need.pk).update(status=Listing.Status.PAUSED)
    pair = {"need": str(need.public_id), "organization": str(charlie_works.public_id)}
    assert alice_client.get(f"{MATCHES}absence/", pair).json()["stage"] == "need_not_open"


def test_an_organization_that_is_new_is_no_candidate_yet(match, need, alice_client):
    pair = {"need": str(need.public_id), "organization": str(make_organization("Newcomer").public_id)}
    assert alice_client.get(f"{MATCHES}absence/", pair).json()["stage"] == "not_a_candidate"


def test_curators_run_recomputes(run, curator_client):
    [found] = curator_client.get(RUNS).json()["results"]
    assert (found["status"], found["needs_done"], found["problems"]) == ("done", 1, [])
    started = post(curator_client, RUNS)
    assert (started.status_code, started.json()["status"]) == (202, "queued")
    path = f"{RUNS}{started.json()['id']}/"
    assert post(curator_client, f"{path}cancel/").json()["status"] == "cancelled"
    assert post(curator_client, f"{path}cancel/").status_code == 409
    assert curator_client.get(path).json()["status"] == "cancelled"


def test_runs_are_for_curators(run, alice_client):
    for response in (
        alice_client.get(RUNS),
        alice_client.get(f"{RUNS}{run.public_id}/"),
        post(alice_client, RUNS),
        post(alice_client, f"{RUNS}{run.public_id}/cancel/"),
        Client().get(RUNS),
    ):
        assert response.status_code in {401, 403}
    assert MatchRun.objects.count() == 1
