"""OAuth 2 client credentials: from the secret to the first answer."""

import base64

import pytest

from ronghe.accounts.services import create_api_client
from ronghe.accounts.tokens import TokenRateThrottle

TOKENS = "/api/oauth/token/"


def basic(client_id, secret):
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


@pytest.fixture
def credentials(alice):
    application, secret = create_api_client(owner=alice, name="ERP")
    return basic(application.client_id, secret)


def token(client, credentials, scope):
    response = client.post(
        TOKENS, {"grant_type": "client_credentials", "scope": scope}, headers={"Authorization": credentials}
    )
    assert response.status_code == 200, response.content
    return {"Authorization": f"Bearer {response.json()['access_token']}"}


def test_a_client_reads_what_its_owner_may_see(client, credentials, alice_lab):
    response = client.get("/api/v1/organizations/", headers=token(client, credentials, "read"))

    assert response.status_code == 200
    assert str(alice_lab.public_id) in response.content.decode()


def test_a_read_token_does_not_write(client, credentials):
    response = client.post(
        "/api/v1/organizations/", {}, content_type="application/json", headers=token(client, credentials, "read")
    )

    assert response.status_code == 403
    assert response.json()["code"] == "not_allowed"
    assert "“write”" in response.json()["detail"]


def test_a_wrong_secret_gets_no_token(client, credentials, alice):
    response = client.post(
        TOKENS, {"grant_type": "client_credentials"}, headers={"Authorization": basic("someone", "guess")}
    )

    assert response.status_code == 401


def test_an_unknown_token_is_a_problem_not_a_stranger(client, db):
    response = client.get("/api/v1/organizations/", headers={"Authorization": "Bearer forged"})

    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_requests_for_tokens_are_limited_per_address(client, credentials, monkeypatch):
    monkeypatch.setitem(TokenRateThrottle.THROTTLE_RATES, "token", "2/min")
    for _time in range(2):
        token(client, credentials, "read")

    refused = client.post(TOKENS, {"grant_type": "client_credentials"}, headers={"Authorization": credentials})

    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    elsewhere = client.post(
        TOKENS,
        {"grant_type": "client_credentials"},
        headers={"Authorization": credentials},
        REMOTE_ADDR="192.0.2.7",
    )
    assert elsewhere.status_code == 200


def test_only_client_credentials_give_a_token(client, credentials):
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    refused = client.post(TOKENS, {"grant_type": grant}, headers={"Authorization": credentials})

    assert refused.status_code == 400
    assert refused.json()["error"] == "unsupported_grant_type"
