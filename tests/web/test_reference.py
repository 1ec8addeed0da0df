import json

import pytest

from hanko_compat.web.reference import Answer, Body, Member, sections

SCHEMAS = {
    "Kind": {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}}},
    "Pet": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "description": "What it answers to."},
            "born": {"type": ["string", "null"], "format": "date-time"},
            "kind": {"anyOf": [{"$ref": "#/components/schemas/Kind"}, {"type": "null"}]},
            "friends": {"type": "array", "items": {"$ref": "#/components/schemas/Kind"}},
            "colours": {"type": ["array", "null"], "items": {"type": "string"}},
        },
    },
    "Error": {"type": "object", "properties": {"code": {"type": "integer"}}},
}
PET = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
DOCUMENT = {
    "tags": [{"name": "Status", "description": "Lives."}, {"name": "Pets", "description": "Pets of people."}],
    "paths": {
        "/pets/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
            ],
            "put": {
                "tags": ["Pets"],
                "operationId": "replacePet",
                "summary": "Replace a pet.",
                "description": "One.\n\nTwo.",
                "security": [{"Cookie": []}],
                "requestBody": {"content": PET},
                "responses": {
                    "200": {"description": "OK", "content": PET, "headers": {"X-Age": {"$ref": "#/headers"}}},
                    "404": {"$ref": "#/components/responses/NotFound"},
                },
            },
        },
        "/": {
            "get": {
                "tags": ["Status"],
                "operationId": "status",
                "summary": "Live.",
                "parameters": [
                    {"name": "page", "in": "query", "description": "Which.", "schema": {"type": "integer"}}
                ],
                "responses": {
                    "200": {"description": "OK", "content": {"text/html": {"schema": {"type": "string"}}}}
                },
            },
            "post": {
                "tags": ["Status"],
                "operationId": "poke",
                "summary": "Poke.",
                "requestBody": {"content": ERROR},
                "responses": {"204": {"description": "No Content"}},
            },
        },
    },
    "headers": {"description": "In years."},
    "components": {
        "schemas": SCHEMAS,
        "responses": {"NotFound": {"description": "No such pet.", "content": ERROR}},
    },
}


@pytest.fixture
def operations():
    found = sections(DOCUMENT, base_url="http://localhost:8000")
    return {operation.id: operation for section in found for operation in section.operations}


def test_sections_are_the_tags_in_their_order():
    found = sections(DOCUMENT, base_url="")
    assert [(each.name, each.description) for each in found] == [
        ("Status", "Lives."),
        ("Pets", "Pets of people."),
    ]
    assert [operation.id for operation in found[0].operations] == ["status", "poke"]


def test_operation_tells_what_it_is(operations):
    put = operations["replacePet"]
    assert (put.method, put.path, put.summary) == ("PUT", "/pets/{id}", "Replace a pet.")
    assert put.paragraphs == ["One.", "Two."]
    assert put.needs_session
    assert put.parameters == [Member("id", "uuid", required=True, description="in the path")]
    status = operations["status"]
    assert not status.needs_session
    assert status.parameters == [
        Member("page", "integer", required=False, description="in the query: Which.")
    ]


def test_members_are_listed_with_those_inside_them(operations):
    members = operations["replacePet"].body.members
    assert [(each.name, each.type, each.required) for each in members] == [
        ("name", "string", True),
        ("born", "date-time or null", False),
        ("kind", "object or null", False),
        ("kind.id", "uuid", False),
        ("friends", "array of object", False),
        ("friends[].id", "uuid", False),
        ("colours", "array of string or null", False),
    ]
    assert members[0].description == "What it answers to."


def test_example_has_every_member(operations):
    assert json.loads(operations["replacePet"].body.example) == {
        "name": "text",
        "born": "2026-01-31T12:00:00Z",
        "kind": {"id": "0191e7d4-6a5c-4e0b-9c41-3c7f6f0b8a52"},
        "friends": [{"id": "0191e7d4-6a5c-4e0b-9c41-3c7f6f0b8a52"}],
        "colours": ["text"],
    }


def test_successes_and_errors_are_kept_apart(operations):
    put = operations["replacePet"]
    assert [(each.status, each.headers) for each in put.successes] == [("200", {"X-Age": "In years."})]
    assert [(each.status, each.meaning) for each in put.errors] == [("404", "No such pet.")]
    assert operations["status"].successes == [Answer("200", "OK", {}, Body("text/html", [], ""))]
    assert operations["poke"].successes[0].body is None


@pytest.mark.parametrize(
    ("operation_id", "command"),
    [
        ("status", "curl http://localhost:8000/"),
        ("poke", "curl http://localhost:8000/ \\\n  --json '{\"code\": 0}'"),
        ("replacePet", 'curl -X PUT http://localhost:8000/pets/$id \\\n  -H "Authorization: Bearer $token"'),
    ],
)
def test_curl_line_is_ready_to_run(operations, operation_id, command):
    assert operations[operation_id].curl.startswith(command)


def test_documents_that_need_credentials_everywhere_say_so_in_each_call():
    document = {**DOCUMENT, "security": [{"Basic": []}]}
    for section in sections(document, base_url="https://example.test"):
        for operation in section.operations:
            assert '-u "$PROJECT_ID:$API_SECRET"' in operation.curl
