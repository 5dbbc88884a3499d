"""The OpenAPI document is complete and true to its own standard."""

import json
import subprocess
import sys

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

PROBLEM = {"$ref": "#/components/schemas/Problem"}


@pytest.fixture(scope="module")
def schema():
    return json.loads(OpenApiJsonRenderer().render(SchemaGenerator(api_version="v1").get_schema(public=True)))


def operations(schema):
    methods = {"get", "post", "put", "patch", "delete"}
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if method in methods
    ]


def test_it_generates_and_validates_without_a_warning(settings):
    command = ["manage.py", "spectacular", "--api-version", "v1", "--validate", "--fail-on-warn", "--file", "/dev/null"]

    done = subprocess.run([sys.executable, *command], cwd=settings.PROJECT_ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_served_as_it_is_generated(client, db, schema):
    response = client.get("/api/v1/schema/?format=json")
    assert response.status_code == 200
    assert response.json() == schema


def test_it_is_openapi_3_1_with_every_room(schema):
    assert schema["openapi"].startswith("3.1")
    rooms = {path.split("/")[3] for path in schema["paths"]}
    assert {"organizations", "technologies", "needs", "capabilities", "facilities", "matches"} <= rooms


def test_every_operation_documents_its_problems(schema):
    for name, operation in operations(schema):
        for status in ("400", "401", "403", "429"):
            content = operation["responses"][status]["content"]
            assert content == {"application/problem+json": {"schema": PROBLEM}}, (name, status)


def test_operations_on_one_record_document_that_it_may_not_exist(schema):
    assert [name for name, operation in operations(schema) if "{" in name and "404" not in operation["responses"]] == []


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(schema):
    found = operations(schema)
    identifiers = [operation["operationId"] for _, operation in found]

    assert len(identifiers) == len(set(identifiers))
    assert [name for name, operation in found if not operation.get("description")] == []


def test_primary_keys_stay_inside(schema):
    assert [path for path in schema["paths"] if "{id}" in path or "{pk}" in path] == []


def test_the_root_lists_every_resource(client, db, schema):
    response = client.get("/api/v1/")

    assert response.status_code == 200
    assert response.json()["needs"] == "http://testserver/api/v1/needs/"
    rooms = {path.split("/")[3] for path in schema["paths"]}
    assert rooms <= {*response.json(), "schema"}
