"""Who gets in."""

import base64

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.backend import specification
from tests.backend.server import basic
from tests.spellings import as_others_read


def encoded(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("path", ["/v2/users", "/v2/nowhere", "/v2", "/v2/identifiers"])
def test_without_a_secret_there_is_no_door(client, path):
    for method in ("GET", "POST", "PUT", "OPTIONS"):
        response = client.open(path, method=method, headers=basic("pro-1", "corbado1_x"))
        assert response.status_code == 404
        assert response.json["error"]["type"] == "not_found"
        specification.check(response)


@pytest.fixture
def known(services):
    return services.api_secrets.create()


def answer_to(client, header, **more):
    headers = {} if header is None else {"Authorization": header}
    response = client.get("/v2/users", headers=headers | more)
    specification.check(response)
    return response


def test_each_secret_gets_in(client, services, known):
    other = services.api_secrets.create()
    for each in (known, other):
        assert answer_to(client, basic(each.project_id, each.secret)["Authorization"]).status_code == 200


def test_all_that_is_wrong_gets_the_same_answer(client, known):
    right = f"{known.project_id}:{known.secret}"
    wrong = [
        None, "", "Basic", "Basic ", "Basic !!!", f"Basic {known.secret}", encoded(known.secret), encoded(""),
        encoded(":"), encoded(f"{known.project_id}:"), encoded(f":{known.secret}"), encoded(right + "x"),
        encoded("x" + right), encoded(f"pro-1:{known.secret}"), encoded(f"{known.project_id}:corbado1_x"),
        "Bearer " + encoded(right).removeprefix("Basic "), encoded(right) + "\u00e9", "Basic /w==",
        "Basic " + "A" * 5000,
    ]  # fmt: skip
    for header in wrong:
        response = answer_to(client, header)
        assert response.status_code == 401, header
        assert response.headers["WWW-Authenticate"].startswith("Basic ")
        error = response.json["error"]
        assert error == {"type": "login_error", "links": []}, header


@pytest.mark.parametrize("path", ["/v2/nowhere", "/v2/users/usr-1"])
def test_nothing_is_told_before(client, known, path):
    assert client.get(path).status_code == 401


@pytest.mark.one_database
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    parts=st.lists(
        st.sampled_from(["users", "x", "/", "/", "..", ".", "%2e", "%2F", "%252e", "\\", ";", "v2"]),
        max_size=8,
    )
)
def test_a_path_that_others_read_differently_does_not_tell_a_right_secret(client, known, parts):
    """A proxy in front may let it pass for another path, so nothing behind it depends on the secret."""
    path = "/v2/" + "".join(parts)
    right, wrong = (
        client.get("/", headers=basic(known.project_id, secret), environ_overrides={"RAW_URI": path})
        for secret in (known.secret, "corbado1_x")
    )
    if not f"{as_others_read(path)}/".startswith("/v2/"):
        assert (right.status_code, wrong.status_code) == (404, 404)
        assert (right.json["error"], [*right.headers.keys()]) == (
            wrong.json["error"],
            [*wrong.headers.keys()],
        )


@pytest.mark.parametrize("path", ["/v2/../x", "/v2/%2e%2e/me", "/v2//users", "/v2/users/../../metrics"])
def test_such_a_path_is_nowhere_whoever_asks(client, known, path):
    for headers in ({}, basic(known.project_id, known.secret), basic(known.project_id, "corbado1_x")):
        response = client.get("/", headers=headers, environ_overrides={"RAW_URI": path})
        assert (response.status_code, response.json["error"]) == (404, {"type": "not_found", "links": []})


def test_another_project_in_the_header(client, known):
    header = basic(known.project_id, known.secret)["Authorization"]
    assert answer_to(client, header, **{"X-Corbado-ProjectID": known.project_id}).status_code == 200
    refused = answer_to(client, header, **{"X-Corbado-ProjectID": "pro-1"})
    assert (refused.status_code, refused.json["error"]["type"]) == (401, "project_id_mismatch")


def test_what_an_sdk_says_of_itself_decides_nothing(client, known):
    header = basic(known.project_id, known.secret)["Authorization"]
    for said in ("{}", "x" * 5000, '{"name": "Node.js SDK"}'):
        assert answer_to(client, header, **{"X-Corbado-SDK": said}).status_code == 200


def test_what_an_sdk_says_of_itself_is_logged(client, known, caplog):
    header = basic(known.project_id, known.secret)["Authorization"]
    with caplog.at_level("DEBUG", "hanko_compat"):
        answer_to(client, header, **{"X-Corbado-SDK": '{"name": "Node.js SDK"}' + "x" * 1000})
    (record,) = [record for record in caplog.records if record.message == "backend_sdk"]
    assert record.sdk.startswith('{"name": "Node.js SDK"}')
    assert len(record.sdk) == 200


@pytest.mark.parametrize("operation", sorted(specification.operations()))
def test_no_operation_answers_without_credentials(client, known, operation):
    method, _, path = operation.partition(" ")
    response = client.open(f"/v2{path}", method=method, json={})
    specification.check(response)
    assert (response.status_code, response.json["error"]["type"]) == (401, "login_error")


def test_the_door_closes_with_the_last_secret(client, services, known):
    header = basic(known.project_id, known.secret)["Authorization"]
    other = services.api_secrets.create()
    services.api_secrets.revoke(known.id)
    assert answer_to(client, header).status_code == 401
    services.api_secrets.revoke(other.id)
    assert answer_to(client, header).status_code == 404
