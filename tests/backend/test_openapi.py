"""The document of the backend door, beside the two published files."""

import json
from functools import cache
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from hanko_compat.app import create_app
from hanko_compat.backend.openapi import ALIASES, OPTIONAL, document
from hanko_compat.config import from_mapping
from hanko_compat.web.doors import is_backend
from tests.backend import specification
from tests.backend.server import basic
from tests.public.specification import Specification
from tests.settings import settings_on

# What the published files require and current clients leave out (mid-2025 members of old generated clients).
NOT_REQUIRED_HERE = {"parsedDeviceInfo", "trackingID", "javaScriptHighEntropy", "username"}
# Always not found.
NOT_SERVED = {"PUT /projectConfig/cname"}
# Members that stand for a choice of several objects: described as far as our answers go.
LOOSE = {"data", "error", "connectTokens[].data"}


def published_document() -> dict[str, Any]:
    """Both files as one: what they share lies below ``common``."""
    main, common = (specification.documents()[name] for name in specification.FILES)
    text = json.dumps(main).replace('"common.yml#/components/', '"#/common/')
    merged: dict[str, Any] = json.loads(text)
    merged["common"] = json.loads(json.dumps(common["components"]).replace('"#/components/', '"#/common/'))
    return merged


PUBLISHED = Specification(published_document())
NAMES = sorted(PUBLISHED.operations())


@cache
def describe(url: str = "sqlite:////tmp/never-opened", **changes: Any) -> Specification:
    """The document of an application. It takes no database to be described."""
    config = from_mapping(
        settings_on(url, {name.replace("__", "."): value for name, value in changes.items()}), environ={}
    )
    return Specification(document(create_app(config), config))


@pytest.fixture(scope="module")
def served() -> Specification:
    return describe()


def parameters(specification: Specification, name: str) -> dict[str, str]:
    """The parameters of an operation, path and query, with their types."""
    found = {}
    for path, item in specification.document["paths"].items():
        for method, operation in item.items():
            if method == "parameters" or not isinstance(operation, dict):
                continue
            if specification.operations().get(name) is operation:
                for each in [*item.get("parameters", ()), *operation.get("parameters", ())]:
                    parameter = specification.follow(each)
                    kind = specification.follow(parameter["schema"]).get("type", "")
                    found[f"{parameter['in']} {parameter['name']}"] = kind
                assert path.count("{") == sum(key.startswith("path ") for key in found)
    return found


def choices(specification: Specification, operation: Any) -> dict[str, set[Any]]:
    """The members of the body that are one of some texts."""
    content = specification.follow(operation.get("requestBody", {})).get("content", {})
    schema = specification.follow(content.get("application/json", {}).get("schema", {}))
    members = {name: specification.follow(member) for name, member in schema.get("properties", {}).items()}
    return {name: set(member["enum"]) - {"", None} for name, member in members.items() if "enum" in member}


def is_loose(member: str) -> bool:
    return any(member == each or member.startswith(f"{each}.") for each in LOOSE)


def test_document_is_valid(served):
    assert list(OpenAPIV31SpecValidator(served.document).iter_errors()) == []


def test_every_published_operation_is_served_and_nothing_else(served):
    assert set(served.operations()) == set(NAMES)


def test_every_route_is_described(served, app):
    described = {f"/v2{path.replace('{', '<').replace('}', '>')}" for path in served.document["paths"]}
    routes = {rule.rule for rule in app.url_map.iter_rules() if is_backend(rule.rule)}
    assert len(routes - ALIASES) == len(described)
    assert {rule.count("<") for rule in routes} == {path.count("<") for path in described}


@pytest.mark.parametrize("name", NAMES)
def test_operation_ids_are_the_published_ones(served, name):
    assert served.operations()[name]["operationId"] == PUBLISHED.operations()[name]["operationId"]


@pytest.mark.parametrize("name", NAMES)
def test_parameters(served, name):
    assert parameters(served, name) == parameters(PUBLISHED, name)


@pytest.mark.parametrize("name", sorted(set(NAMES) - NOT_SERVED))
def test_request_members(served, name):
    published = PUBLISHED.request_fields(PUBLISHED.operations()[name])
    ours = served.request_fields(served.operations()[name])
    for member, kind in published.items():
        if is_loose(member):
            continue
        assert member in ours, member
        assert ours[member].removesuffix(", required") == kind.removesuffix(", required"), member
        # Nothing has to be sent here that need not be sent there, and the other way round.
        if ours[member].endswith(", required") != kind.endswith(", required"):
            assert member.rpartition(".")[2] in NOT_REQUIRED_HERE or ".javaScriptHighEntropy." in member


@pytest.mark.parametrize("name", sorted(set(NAMES) - NOT_SERVED))
def test_choices_of_requests(served, name):
    published = choices(PUBLISHED, PUBLISHED.operations()[name])
    ours = choices(served, served.operations()[name])
    for member, values in published.items():
        assert values <= ours[member], member
        assert ours[member] - values <= {"custom"}, member


@pytest.mark.parametrize("name", sorted(set(NAMES) - NOT_SERVED))
def test_response_members(served, name):
    published = PUBLISHED.response_fields(PUBLISHED.operations()[name], 200)
    ours = served.response_fields(served.operations()[name], 200)
    assert {member for member in ours if not is_loose(member)} <= published.keys()
    for member, kind in published.items():
        if not is_loose(member):
            assert ours.get(member) == kind, member


@pytest.mark.parametrize("name", NAMES)
def test_every_error_has_the_published_shape(served, name):
    schema = PUBLISHED.follow({"$ref": "#/common/schemas/errorRsp"})
    published = dict(PUBLISHED._fields(schema))
    operation = served.operations()[name]
    statuses = served.statuses(operation)
    assert {200, 401, 404, 500, 503} <= statuses
    for status in statuses - {200}:
        for member, kind in served.response_fields(operation, status).items():
            assert published[member].removesuffix(", required") == kind.removesuffix(", required")


def test_every_operation_needs_project_id_and_secret(served):
    assert served.document["components"]["securitySchemes"] == {
        "BasicAuth": {"type": "http", "scheme": "basic"}
    }
    assert served.document["security"] == [{"BasicAuth": []}]
    assert all("security" not in operation for operation in served.operations().values())


def test_everything_is_explained(served):
    assert list(served.unexplained()) == []


def test_members_that_may_be_absent_are_those_of_real_schemas(served):
    schemas = served.document["components"]["schemas"]
    for schema, members in OPTIONAL.items():
        assert members <= schemas[schema]["properties"].keys()


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "/v2"),
        ({"hanko_compat__public_url": "https://auth.example.test"}, "https://auth.example.test/v2"),
        (
            {
                "hanko_compat__public_url": "https://auth.example.test",
                "hanko_compat__backend_api__bind": "127.0.0.1:8001",
            },
            "/v2",
        ),
    ],
)
def test_server_is_where_the_door_is(changes, url):
    described = describe(**changes)
    assert described.document["servers"] == [{"url": url}]


def test_document_is_served_to_whom_the_door_is_open(make_app, served):
    app = make_app({"hanko_compat.openapi": True})
    client = app.test_client()
    new = app.extensions["hanko_compat"].api_secrets.create()
    headers = basic(new.project_id, new.secret)
    assert client.get("/v2/openapi.json").status_code == 401
    assert client.get("/v2/openapi.json", headers=headers).json["paths"] == served.document["paths"]
    page = client.get("/v2/docs", headers=headers).text
    for operation in served.operations().values():
        assert f'<article id="{operation["operationId"]}"' in page
    assert "-u &#34;$PROJECT_ID:$API_SECRET&#34;" in page


def test_document_is_off_in_production(backend, client):
    assert client.get("/v2/openapi.json", headers=backend.headers).status_code == 404
