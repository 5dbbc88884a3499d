import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory

from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooMany
from ronghe.common.pages.errors import DomainErrorMiddleware

REFUSAL = Conflict("A draft cannot be paused. Publish it first.", fields={"status": ["It is a draft."]})


class Person:
    is_authenticated = True
    is_staff = False

    def __str__(self):
        return "Alice"


def answer(error, *, method="get", user=None, referer=""):
    headers = {"Referer": referer} if referer else {}
    request = getattr(RequestFactory(), method)("/needs/7/pause/", headers=headers)
    request.user = user or Person()
    request._messages = CookieStorage(request)
    response = DomainErrorMiddleware(lambda _: None).process_exception(request, error)
    return response, [str(message) for message in get_messages(request)]


def test_a_button_that_was_refused_brings_back_to_its_page_with_the_reason():
    response, said = answer(REFUSAL, method="post", referer="http://testserver/needs/7/?tab=texts")

    assert (response.status_code, response.url) == (303, "/needs/7/?tab=texts")
    assert said == ["A draft cannot be paused. Publish it first.", "It is a draft."]


@pytest.mark.parametrize("referer", ["", "https://evil.example/needs/7/", "//evil.example/", "javascript:alert(1)"])
def test_without_a_page_of_ours_to_go_back_to_the_error_is_a_page(referer):
    response, said = answer(REFUSAL, method="post", referer=referer)

    assert response.status_code == 409
    assert said == []
    assert "A draft cannot be paused. Publish it first." in response.content.decode()
    assert "evil" not in response.content.decode()


@pytest.mark.parametrize(
    ("error", "status"), [(InvalidInput("x"), 400), (NotFound("x"), 404), (NotAllowed("x"), 403), (REFUSAL, 409)]
)
def test_a_page_that_was_asked_for_answers_with_the_errors_status(error, status):
    response, _ = answer(error)

    assert response.status_code == status


def test_a_stranger_who_may_not_is_asked_to_sign_in_and_comes_back():
    response, _ = answer(NotAllowed("Sign in."), user=AnonymousUser())

    assert response.status_code == 302
    assert response.url == "/accounts/login/?next=/needs/7/pause/"


def test_back_never_leads_to_another_host():
    response, _ = answer(REFUSAL, method="post", referer="http://testserver//evil.example/needs/7/")

    assert response.url == "/evil.example/needs/7/"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/oauth/token/", "/admin/organizations/organization/?status=%00"])
def test_nul_that_no_form_saw_is_a_bad_request(curator_client, address):
    # SQLite stores NUL like any other character, so there it is merely something unknown.
    given = {"grant_type": "client_credentials", "client_id": "a\0", "client_secret": "b\0"}
    response = curator_client.post(address, given) if "token" in address else curator_client.get(address)

    assert response.status_code < 500


def test_a_missing_record_is_a_404_even_after_a_button():
    response, _ = answer(NotFound("None."), method="post", referer="http://testserver/needs/7/")

    assert response.status_code == 404


def test_too_many_requests_say_when_to_come_back():
    response, _ = answer(TooMany("Slower.", retry_after=30))

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "30"


def test_other_exceptions_are_left_alone():
    assert answer(ZeroDivisionError())[0] is None


def test_a_message_said_twice_is_shown_once():
    response, _ = answer(InvalidInput("Give a title.", fields={"title": ["Give a title."]}))

    assert response.content.decode().count("Give a title.") == 1
