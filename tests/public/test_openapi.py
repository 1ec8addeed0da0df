import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from hanko_compat.app import create_app
from hanko_compat.config import from_mapping
from hanko_compat.public.openapi import document
from hanko_compat.web.doors import is_backend
from tests import documents
from tests.public.specification import Specification, describe, everything
from tests.settings import settings_on

DATA = Path(__file__).parents[1] / "data"
REFERENCE = Specification(documents.read(DATA / "openapi-public.yaml"))

# Served, but not in the published interface.
OWN_OPERATIONS = {
    "POST /thirdparty/callback",
    "GET /saml/auth",
    "GET /health/alive",
    "GET /health/ready",
    "GET /.well-known/jwks",
    "GET /.well-known/assetlinks.json",
    "GET /.well-known/apple-app-site-association",
    "GET /.well-known/webauthn",
    "GET /sessions",
    "DELETE /sessions",
    "DELETE /sessions/{}",
}

# Published, but shown by no recorded answer: nothing in these requests can be malformed, and what these
# changes answer is 200 or 204.
NEVER_ANSWERED = {
    ("POST /emails", 201),
    ("POST /emails/{}/set_primary", 201),
    ("DELETE /emails/{}", 201),
    ("GET /sessions/validate", 400),
    ("GET /me", 400),
    ("GET /users/{}", 400),
    ("POST /webauthn/registration/initialize", 422),
    ("DELETE /webauthn/credentials/{}", 400),
    ("GET /saml/provider", 400),
    ("POST /saml/callback", 307),  # it is 303
    ("DELETE /webauthn/credentials/{}", 201),  # it is 204
}

# Members that the published interface names otherwise than the recorded answers do.
MISNAMED = {
    "passkeys[].public-key": "passkeys[].public_key",
    "security_keys[].public-key": "security_keys[].public_key",
    "webauthn_credentials[].public-key": "webauthn_credentials[].public_key",
    "mfa_config.security_key_enabled": "mfa_config.security_keys_enabled",
}
# Published answers whose recorded shape is another one.
MISSHAPEN = {("GET /saml/metadata", 400)}
# Members that no recorded answer has.
NEVER_SHOWN = {"publicKey.authenticatorSelection.authenticatorAttachment"}
# Members that browsers send and the published interface does not name.
SENT_BY_BROWSERS = {"authenticatorAttachment", "clientExtensionResults"}
MISNAMED_IN_REQUESTS = {"response.clientDataJson": "response.clientDataJSON"}

# Scenarios of paths that are not there without SAML.
OF_WHAT_IS_OFF = {"saml_not_configured"}
RECORDED_HEADERS = {"Set-Cookie", "X-Session-Lifetime", "X-Auth-Token", "Cache-Control"}


TRACES = DATA / "traces"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    return describe(document, tmp_path_factory.mktemp("openapi"))


def both():
    """The names of the operations that are published and served."""
    return sorted(REFERENCE.operations())


def recorded():
    """Every recorded answer of an operation that is served: its name, its place, the answer."""
    names = {*both(), *OWN_OPERATIONS}
    for file in sorted(TRACES.glob("*/*.json")):
        if file.stem in OF_WHAT_IS_OFF:
            continue
        for step in json.loads(file.read_text())["steps"]:
            request = step.get("request")
            if not request or step.get("setup") or "deviation" in step:
                continue
            segments = request["path"].partition("?")[0].split("/")
            if segments[1] in ("users", "emails") and len(segments) > 2:
                segments[2] = "{}"
            if segments[1:-1] == ["webauthn", "credentials"]:
                segments[-1] = "{}"
            path = "/".join(segments)
            if f"{request['method']} {path}" in names:
                place = f"{file.parent.name}/{file.stem}: {step['step']}"
                yield pytest.param(f"{request['method']} {path}", step["response"], id=place)


def test_document_is_valid(served):
    assert list(OpenAPIV31SpecValidator(served.document).iter_errors()) == []


def test_every_published_operation_is_served(served):
    published, ours = set(REFERENCE.operations()), set(served.operations())
    assert published <= ours
    assert ours - published == OWN_OPERATIONS


def test_every_route_of_the_door_is_described(served, tmp_path):
    routes = create_app(everything(tmp_path)).url_map.iter_rules()
    described = {path.replace("{", "<").replace("}", ">") for path in served.document["paths"]}
    assert {rule.rule for rule in routes if not is_backend(rule.rule)} == described


def test_operation_ids_are_the_published_ones(served):
    ours = served.operations()
    for name, published in REFERENCE.operations().items():
        if name in ours and "operationId" in published:
            assert ours[name]["operationId"] == published["operationId"]
    ids = [operation["operationId"] for operation in ours.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", both())
def test_statuses(served, name):
    published = REFERENCE.statuses(REFERENCE.operations()[name])
    never = {status for operation, status in NEVER_ANSWERED if operation == name}
    assert published - served.statuses(served.operations()[name]) == never


@pytest.mark.parametrize("name", both())
def test_request_members(served, name):
    published = {
        MISNAMED_IN_REQUESTS.get(member, member): kind
        for member, kind in REFERENCE.request_fields(REFERENCE.operations()[name]).items()
    }
    ours = served.request_fields(served.operations()[name])
    if "rawId" in ours:
        assert ours.keys() >= SENT_BY_BROWSERS
        ours = {member: kind for member, kind in ours.items() if member not in SENT_BY_BROWSERS}
    assert {member: kind.removesuffix(", required") for member, kind in ours.items()} == {
        member: kind.removesuffix(", required") for member, kind in published.items()
    }
    # What has to be sent there has to be sent here. (The look-up's address has to be sent, too, as recorded.)
    assert {member for member, kind in published.items() if kind.endswith(", required")} <= {
        member for member, kind in ours.items() if kind.endswith(", required")
    }


@pytest.mark.parametrize("name", both())
def test_response_members(served, name):
    operation, published_operation = served.operations()[name], REFERENCE.operations()[name]
    for status in REFERENCE.statuses(published_operation) & served.statuses(operation):
        if (name, status) in MISSHAPEN:
            continue
        ours = served.response_fields(operation, status)
        for member, kind in REFERENCE.response_fields(published_operation, status).items():
            if member in NEVER_SHOWN:
                continue
            here = ours[MISNAMED.get(member, member)]
            assert here.removesuffix(", required") == kind.removesuffix(", required"), member
            assert here.endswith(", required") or not kind.endswith(", required"), member


@pytest.mark.parametrize("misnamed", MISNAMED)
def test_misnamed_members_are_really_published(misnamed):
    members = {}
    for name in ("GET /me", "GET /users/{}"):
        members |= REFERENCE.response_fields(REFERENCE.operations()[name], 200)
    assert misnamed in members
    assert MISNAMED[misnamed] not in members


@pytest.mark.parametrize("name", both())
def test_sessions_are_asked_for_where_they_are_published(served, name):
    needs_session = "security" in REFERENCE.operations()[name]
    if name == "GET /sessions/validate":
        needs_session = False  # it has a token or not, and answers 200 in both cases
    assert ("security" in served.operations()[name]) == needs_session


def test_security_schemes_are_cookie_and_bearer(served):
    schemes = served.document["components"]["securitySchemes"]
    assert schemes["CookieAuth"] == {"type": "apiKey", "in": "cookie", "name": "hanko"}
    assert schemes["BearerTokenAuth"] == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def test_cookie_has_the_configured_name(tmp_path):
    changes = {"session.cookie.name": "sid", "hanko_compat.public_url": "https://auth.example.test"}
    config = from_mapping(settings_on(f"sqlite:///{tmp_path}/unused.sqlite3", changes), environ={})
    described = document(create_app(config), config)
    assert described["components"]["securitySchemes"]["CookieAuth"]["name"] == "sid"
    assert described["servers"] == [{"url": "https://auth.example.test"}]


def test_everything_is_explained(served):
    assert list(served.unexplained()) == []


@pytest.mark.parametrize(("name", "answer"), list(recorded()))
def test_recorded_answers_fit(served, name, answer):
    operation = served.operations()[name]
    assert answer["status"] in served.statuses(operation)
    schema = served.response_schema(operation, answer["status"])
    if "json" in answer.get("body", {}):
        Draft202012Validator(schema).validate(answer["body"]["json"])
    else:
        assert schema is None
    if answer["status"] < 400:
        sent = RECORDED_HEADERS & set(answer.get("headers", ()))
        assert sent <= served.response_headers(operation, answer["status"])


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("GET /me", {"password": "x"}),
        ("GET /me", {"emails": [{"is_primary": "yes"}]}),
        ("POST /users", {"user_id": 5}),
        ("GET /sessions/validate", {}),
        ("GET /.well-known/jwks.json", {"keys": [{"kty": "RSA", "d": "private"}]}),
    ],
)
def test_wrong_answers_do_not_fit(served, name, body):
    schema = served.response_schema(served.operations()[name], 200)
    assert not Draft202012Validator(schema).is_valid(body)


@pytest.mark.parametrize(
    ("changes", "dev", "status"),
    [
        ({}, False, 404),
        ({}, True, 200),
        ({"hanko_compat.openapi": True}, False, 200),
        ({"hanko_compat.openapi": False}, True, 404),
    ],
)
def test_documents_are_off_in_production_unless_wanted(tmp_path, changes, dev, status):
    url = f"sqlite:///{tmp_path}/unused.sqlite3"
    client = create_app(from_mapping(settings_on(url, changes), environ={}, dev=dev)).test_client()
    assert [client.get(path).status_code for path in ("/docs", "/openapi.json")] == [status, status]


def test_served_document_is_the_described_one(served, tmp_path):
    client = create_app(everything(tmp_path, **{"hanko_compat.openapi": True})).test_client()
    assert client.get("/openapi.json").json == served.document
    page = client.get("/docs").text
    for operation in served.operations().values():
        assert f'<article id="{operation["operationId"]}"' in page
