import pytest
from django.test import Client

NEEDS = "/api/v1/needs/"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 20_000, "parse_error"),
        (b'{"a":' * 20_000, "parse_error"),
        (b'{"kind": "\\ud800"}', "parse_error"),
        (b'{"disclosure": {"\\udfff": "public"}}', "parse_error"),
        (b'{"title": "\xff"}', "parse_error"),
        (b"1" * 5_000, "parse_error"),
    ],
)
def test_a_body_that_nobody_can_read_is_refused(alice_client: Client, body: bytes, code: str) -> None:
    answer = alice_client.post(NEEDS, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["code"] == code


def test_whole_surrogate_pairs_are_text_like_any_other(alice_client: Client) -> None:
    answer = alice_client.post(NEEDS, data=b'{"kind": "\\ud83d\\ude00"}', content_type="application/json")

    assert "😀" in answer.json()["fields"]["kind"][0]


def test_an_overlong_body_is_not_read_to_its_end(alice_client: Client, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000

    answer = alice_client.post(NEEDS, data=b'{"title": "%s"}' % (b"x" * 1_000), content_type="application/json")

    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"
