import pytest

pytestmark = pytest.mark.django_db


def test_every_answer_carries_a_name_of_its_own(client):
    first, second = client.get("/health/live"), client.get("/health/live")

    assert len(first.headers["X-Request-ID"]) == 32
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_a_name_given_by_a_proxy_is_kept(client):
    response = client.get("/health/live", headers={"X-Request-ID": "edge-2026.11_7"})

    assert response.headers["X-Request-ID"] == "edge-2026.11_7"


@pytest.mark.parametrize("forged", ["a\tb level=error", "short", "x" * 65, "<script>alert(1)</script>"])
def test_a_name_that_could_forge_log_lines_is_replaced(client, forged):
    response = client.get("/health/live", headers={"X-Request-ID": forged})

    assert response.headers["X-Request-ID"] != forged
    assert len(response.headers["X-Request-ID"]) == 32
