"""Requests made to break the backend door: the envelope, no 500, nothing stored."""

import json
import string
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanko_compat.storage.models import ALL_TABLES
from tests.backend import specification
from tests.backend.ceremonies import INFORMATION, PROCESS
from tests.test_hostile_requests import BODIES, HEADERS, JSON, VALUES

pytestmark = pytest.mark.slow

NAMES = {"userID": "users", "identifierID": "identifiers"}
OPERATIONS = sorted(specification.operations())
WITH_BODY = [name for name in OPERATIONS if "requestBody" in specification.operations()[name]]
# What the cloud does with a certificate is not done here, whatever its body is.
LOADED = [name for name in WITH_BODY if "cname" not in name]
ADDRESS = {"identifierType": "email", "identifierValue": "jane@example.test", "status": "primary"}
JOURNEY = {"clientInformation": INFORMATION, "processID": PROCESS, "trackingID": "trk-1"}
GOOD = {
    "POST /users": {"status": "active", "fullName": "Jane Doe"},
    "PATCH /users/{userID}": {"fullName": "Jane Roe", "status": "active"},
    "POST /users/{userID}/identifiers": ADDRESS,
    "PATCH /users/{userID}/identifiers/{identifierID}": {"status": "pending"},
    "POST /users/{userID}/socialAccounts": {
        "providerType": "github",
        "identifierValue": "jane",
        "foreignID": "1",
        "avatarURL": "https://a.test/1",
        "fullName": "Jane",
    },
    "POST /users/{userID}/passkeyEvents": {"eventType": "login-error", "expires": 1, "processID": PROCESS},
    "POST /users/{userID}/authEvents": {
        "username": "jane",
        "eventType": "login",
        "method": "password",
        "status": "success",
        "clientInformation": INFORMATION,
    },
    "POST /connectTokens": {"type": "passkey-list", "data": {"identifier": "jane"}},
    "POST /webhookEndpoints": {
        "url": "https://a.test/",
        "subscribedEvents": ["user.created"],
        "customHeaders": {"X-A": "1"},
    },
    "POST /passkey/append/start": {
        **JOURNEY,
        "username": "jane",
        "passkeyIntelFlags": {"forcePasskeyAppend": True},
    },
    "POST /passkey/login/start": {**JOURNEY, "crossDeviceAuthenticationStrategy": "standard"},
    "POST /passkey/mediation/start": {"clientInformation": INFORMATION},
}
"""Bodies that are right, for a user whose ID is added where one is asked for."""


@pytest.fixture
def places(backend):
    """Paths of things that are there, and a way to make the path of an operation."""
    user_id = backend.user()
    known = {"userID": user_id, "identifierID": backend.identifier(user_id, "+491509123456", type_="phone")}

    def path_of(operation):
        path = operation.partition(" ")[2]
        for name, value in known.items():
            path = path.replace(f"{{{name}}}", value)
        return path.replace("{", "").replace("}", "")

    path_of.user_id = user_id
    return path_of


def rows(services):
    with services.database.connection():
        return {table._meta.table_name: table.select().count() for table in ALL_TABLES}


def send(backend, operation, path, **options):
    return backend.call(operation.partition(" ")[0], path, **options)


@pytest.mark.one_database
@pytest.mark.parametrize("operation", LOADED)
def test_bad_bodies(backend, services, places, operation):
    before = rows(services)
    for name, (data, content_type, status) in BODIES.items():
        response = send(backend, operation, places(operation), data=data, content_type=content_type)
        if response.status_code == 400 and "does not exist" in response.text:
            continue  # which is told before anything else is looked at
        assert response.status_code == status, name
        is_large = status == 413
        assert response.json["error"]["type"] == ("validation_error" if is_large else "invalid_json"), name
    assert rows(services) == before


@pytest.mark.one_database
@pytest.mark.parametrize("operation", LOADED)
def test_compressed_bodies(backend, services, places, operation):
    before, body = rows(services), GOOD.get(operation, {"x": 1})
    for encoding in ("gzip", "deflate", "br", "x-unknown"):
        environ = {"HTTP_CONTENT_ENCODING": encoding}
        response = send(backend, operation, places(operation), json=body, environ_overrides=environ)
        assert response.status_code in (400, 415)
    assert rows(services) == before


def members(operation):
    """The names of what a body may have, and of what objects in it may have."""
    content = specification.operations()[operation]["requestBody"]["content"]["application/json"]["schema"]
    schema = specification.documents()[specification.FILES[0]]["components"]["schemas"]
    return sorted(schema[content["$ref"].rpartition("/")[2]]["properties"])


@pytest.mark.parametrize("operation", LOADED)
def test_members_of_another_type(backend, places, operation):
    good = GOOD.get(operation, {"clientInformation": INFORMATION, "userID": places.user_id})
    for name in members(operation):
        for value in VALUES:
            body = good | {name: value}
            data = json.dumps(body)
            response = send(backend, operation, places(operation), data=data, content_type=JSON)
            assert response.status_code in (200, 400, 409), (name, value, response.json)


@pytest.mark.one_database
@pytest.mark.parametrize("operation", sorted(GOOD))
def test_unknown_members_change_nothing(backend, places, operation):
    more = {"situation": "x", "clientCapabilities": {"a": [1]}, "remoteIdentifier": None, "id": 7, "": ""}
    body = GOOD[operation] | more
    if "userID" in members(operation):
        body["userID"] = places.user_id
    response = send(backend, operation, places(operation), json=body)
    assert response.status_code == 200, response.json
    assert not more.keys() - {"id"} & response.json.keys()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("operation", LOADED)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(data=st.data())
def test_no_body_at_all_is_our_fault(backend, places, operation, data):
    names = st.sampled_from(members(operation)) | st.text(max_size=5)
    body = GOOD.get(operation, {}) | data.draw(st.dictionaries(names, JSON_VALUES, max_size=4))
    text = json.dumps(body)
    response = send(backend, operation, places(operation), data=text, content_type=JSON)
    assert response.status_code in (200, 400, 409), response.json


ESCAPED = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/?#\\;"), min_size=1, max_size=40
)


@pytest.mark.one_database
@pytest.mark.parametrize("operation", [name for name in OPERATIONS if "{" in name])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(text=ESCAPED.filter(lambda text: text not in (".", "..")))
def test_any_text_in_a_path_names_nothing(backend, places, operation, text):
    """Whatever stands for the last ID: 400 and its name; of the user's, alone."""
    method, _, path = operation.partition(" ")
    name = path.rpartition("{")[2].partition("}")[0]
    path = path.replace(f"{{{name}}}", "\x00").replace("{userID}", places.user_id)
    assert "{" not in path
    target = f"/v2{path}".replace("\x00", quote(text, safe=""))
    response = backend.client.open(
        "/", method=method, headers=backend.headers, environ_overrides={"RAW_URI": target}
    )
    specification.check(response)
    assert response.status_code == 400
    assert response.json["error"]["validation"] == [{"field": name, "message": "does not exist"}]


@pytest.mark.one_database
@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name.count("{") == 2])
@pytest.mark.parametrize("inner", ["x", "usr-1", "%00", "usr-17"])
def test_an_unknown_user_comes_before_what_belongs_to_it(backend, operation, inner):
    path = operation.partition(" ")[2]
    name = path.rpartition("{")[2].partition("}")[0]
    path = path.replace("{userID}", "usr-17").replace(f"{{{name}}}", inner)
    response = send(backend, operation, path)
    assert response.json["error"]["validation"] == [{"field": "userID", "message": "does not exist"}]


QUERIES = [
    "sort=%ff", "sort[]=created", "sort=created;drop", "sort='", "sort=created%00", "sort=created:desc:asc",
    "filter=fullName:eq:x", "filter[]=%ff:eq:x", "filter[]=:::", "filter[]=fullName:eq:%ff",
    "filter[]=fullName:eq:" + "x" * 5000, "filter[]=created:gt:9999999999999999", "filter[]=status:gt:",
    "page=%00", "page=1e3", "page=0x1", "page=+1", "page=%D9%A1", "pageSize=1_000", "page=1&page=x",
    "&&&", "=", "%", "page", "filter[]", "filter[]=fullName:eq:x' OR 1=1 --",
    "&".join(["filter[]=fullName:eq:x"] * 200),
]  # fmt: skip
LISTS = ["/users", "/identifiers", "/socialAccounts", "/sessions", "/connectTokens"]


@pytest.mark.parametrize("path", LISTS)
def test_strange_queries(backend, path):
    for query in QUERIES:
        response = backend.call("GET", path, query_string=query)
        assert response.status_code in (200, 400), query[:50]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(
    path=st.sampled_from(LISTS),
    column=st.sampled_from(
        ["id", "userID", "created", "status", "expires", "token", "identifierValue", "ID"]
    ),
    operator=st.sampled_from(["eq", "gt", "lt"]),
    value=st.text() | st.text(string.digits + "-:T.") | st.integers().map(str),
)
def test_no_filter_is_our_fault(backend, path, column, operator, value):
    response = backend.get(path, f"{column}:{operator}:{value}")
    assert response.status_code in (200, 400)


@pytest.mark.one_database
@pytest.mark.parametrize("name", HEADERS)
def test_strange_headers(backend, name):
    key = {"Content-Length": "CONTENT_LENGTH", "Content-Type": "CONTENT_TYPE"}.get(
        name, f"HTTP_{name.upper().replace('-', '_')}"
    )
    for value in HEADERS[name]:
        for method, path in (("GET", "/v2/users"), ("POST", "/v2/users"), ("DELETE", "/v2/users/usr-1")):
            response = backend.client.open(
                path, method=method, headers=backend.headers, environ_overrides={key: value}
            )
            specification.check(response)
            assert response.status_code in (200, 400, 401, 413, 415)


@pytest.mark.one_database
def test_a_forged_host_changes_nothing(backend):
    headers = backend.headers | {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    for path in ("/v2/users", "/v2/nowhere", "/v2/users/"):
        response = backend.client.get(path, headers=headers)
        assert "evil" not in str(response.headers) + response.text
        assert response.status_code in (200, 404)
