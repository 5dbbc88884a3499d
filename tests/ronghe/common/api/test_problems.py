import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from ronghe.common.api import problems
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound, StaleEdit, TooMany


def handled(error):
    request = Request(APIRequestFactory().get("/api/v1/things/"))
    return problems.handle(error, {"request": request})


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidInput("Mend it.", fields={"trl": ["1 to 9."]}), 400, "invalid_input"),
        (NotFound("There is none."), 404, "not_found"),
        (NotAllowed("Not yours."), 403, "not_allowed"),
        (Conflict("Taken.", code="identifier_taken"), 409, "identifier_taken"),
        (StaleEdit("Somebody was faster."), 409, "stale_edit"),
        (TooMany("Slower.", retry_after=7), 429, "too_many"),
        (Http404(), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (PermissionDenied(), 403, "not_allowed"),
        (exceptions.PermissionDenied(), 403, "not_allowed"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=3), 429, "too_many"),
        (ValidationError({"title": ["Give a title."]}), 400, "invalid_input"),
    ],
)
def test_every_error_is_a_problem_document_with_a_stable_code(error, status, code):
    response = handled(error)

    assert response.status_code == response.data["status"] == status
    assert response.data["code"] == code
    assert response.content_type == "application/problem+json"
    assert response.data["title"]
    assert response.data["detail"]


def test_fields_are_named_with_what_to_do():
    response = handled(InvalidInput("Two faults.", fields={"trl": ["Give 1 to 9."], "unit": ["Unknown."]}))

    assert response.data["fields"] == {"trl": ["Give 1 to 9."], "unit": ["Unknown."]}


def test_an_error_without_fields_has_no_member_fields():
    assert "fields" not in handled(NotFound("None.")).data


@pytest.mark.parametrize(
    ("error", "seconds"), [(TooMany("x", retry_after=7), "7"), (exceptions.Throttled(wait=3), "3")]
)
def test_a_throttled_client_learns_when_to_come_back(error, seconds):
    assert handled(error).headers["Retry-After"] == seconds


def test_hidden_and_missing_records_answer_alike():
    assert handled(Http404()).data == handled(exceptions.NotFound("Charlie, this is Alice's secret.")).data


def test_a_fault_of_ours_is_not_dressed_up_as_a_clients():
    assert handled(ZeroDivisionError()) is None


class ParameterSerializer(serializers.Serializer):
    unit = serializers.CharField()


class ThingSerializer(serializers.Serializer):
    title = serializers.CharField(max_length=3)
    parameters = ParameterSerializer(many=True)
    tags = serializers.ListField(child=serializers.IntegerField())

    def validate(self, attrs):
        raise serializers.ValidationError("These do not go together.")


def test_nested_faults_are_named_by_dotted_path():
    serializer = ThingSerializer(
        data={"title": "long", "parameters": [{"unit": "m"}, {}, {"unit": ""}], "tags": [1, "x"]}
    )
    assert not serializer.is_valid()

    fields = handled(exceptions.ValidationError(serializer.errors)).data["fields"]

    assert set(fields) == {"title", "parameters.1.unit", "parameters.2.unit", "tags.1"}


def test_a_fault_of_the_whole_goes_to_the_detail():
    serializer = ThingSerializer(data={"title": "ok", "parameters": [], "tags": []})
    assert not serializer.is_valid()

    document = handled(exceptions.ValidationError(serializer.errors)).data

    assert document["detail"] == "These do not go together."
    assert "fields" not in document


def test_outside_the_framework_the_document_is_the_same():
    response = problems.problem_response(RequestFactory().get("/api/x"), problems.not_found())

    assert response.headers["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["code"] == "not_found"


@pytest.mark.django_db
class TestAddressesOfNothing:
    def test_an_unknown_address_of_the_api(self, client):
        response = client.get("/api/v1/nothing/here/")

        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["request_id"] == response.headers["X-Request-ID"]

    def test_an_unknown_page(self, client):
        response = client.get("/nothing/here/")

        assert response.status_code == 404
        assert response.headers["Content-Type"].startswith("text/html")

    def test_a_fault_of_ours_tells_nothing_but_the_request_id(self, client, monkeypatch):
        def broken(*args, **kwargs):
            raise ZeroDivisionError("secret")

        monkeypatch.setattr("rest_framework.schemas.generators.BaseSchemaGenerator.__init__", broken)
        monkeypatch.setattr("drf_spectacular.generators.SchemaGenerator.__init__", broken)
        client.raise_request_exception = False

        response = client.get("/api/v1/schema/", headers={"X-Request-ID": "reported-by-a-client"})

        assert response.status_code == 500
        assert response.json()["code"] == "server_fault"
        assert response.json()["request_id"] == "reported-by-a-client"
        assert b"secret" not in response.content
