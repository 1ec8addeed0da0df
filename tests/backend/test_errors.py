"""Every error has its place in the table, and every answer its envelope."""

import io
import json
import logging

import pytest

from hanko_compat import errors, logs
from hanko_compat.backend.errors import HTTP_TYPES, answer_of, member_of, render_error
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.web import refused_head
from tests.backend import specification
from tests.public.test_errors import leaves

TYPES = {
    "validation_error",
    "already_exists",
    *HTTP_TYPES.values(),
    "invalid_json",
    "internal_error",
    "project_id_mismatch",
}


@pytest.mark.parametrize("error", leaves(errors.HankoCompatError), ids=lambda cls: cls.__name__)
def test_every_error_is_told(error):
    answer = answer_of(error)
    assert answer.type in TYPES
    assert 400 <= answer.status < 600
    assert (answer.type in ("validation_error", "already_exists")) == (answer.message is not None)
    assert answer.message is None or member_of(error)


def test_a_full_envelope(backend):
    response = backend.client.get("/v2/nowhere", headers=backend.headers)
    body = response.json
    assert (response.status_code, body["httpStatusCode"], body["message"]) == (404, 404, "Not Found")
    assert body["error"] == {"type": "not_found", "links": []}
    assert body["requestData"] == {"requestID": response.headers["X-Request-Id"], "link": ""}
    assert body["requestData"]["requestID"].removeprefix("req-").isdecimal()
    assert 0 < body["runtime"] < 60


def test_a_request_id_is_never_taken_over(backend):
    sent = backend.headers | {"X-Request-Id": "mine"}
    response = backend.client.get("/v2/users/usr-1", headers=sent)
    assert response.json["requestData"]["requestID"] != "mine"


def test_a_request_id_is_found_in_the_log(backend):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JSONFormatter())
    logger = logging.getLogger("hanko_compat.access")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    try:
        response = backend.get("/users/usr-1")
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
    assert json.loads(stream.getvalue())["request_id"] == response.json["requestData"]["requestID"]


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "type_"),
    [
        ("GET", "/v2/nowhere", {}, 404, "not_found"),
        ("GET", "/v2", {}, 404, "not_found"),
        ("PUT", "/v2/users", {}, 405, "method_not_allowed"),
        ("OPTIONS", "/v2/users", {}, 405, "method_not_allowed"),
        ("POST", "/v2/users", {"data": "{", "content_type": "application/json"}, 400, "invalid_json"),
        ("POST", "/v2/users", {"data": b"\xff", "content_type": "application/json"}, 400, "invalid_json"),
        ("POST", "/v2/users", {"data": "[]", "content_type": "application/json"}, 400, "invalid_json"),
        ("POST", "/v2/users", {"data": "status=active", "content_type": "text/plain"}, 415, "invalid_json"),
        (
            "POST",
            "/v2/users",
            {"data": " " * 2_000_000, "content_type": "application/json"},
            413,
            "validation_error",
        ),
    ],
)
def test_what_is_refused_before_a_view(backend, method, path, options, status, type_):
    response = backend.client.open(path, method=method, headers=backend.headers, **options)
    specification.check(response)
    assert (response.status_code, response.json["error"]["type"]) == (status, type_)
    assert ("Allow" in response.headers) == (status == 405)


def test_a_java_client_names_its_charset(backend):
    options = {"data": '{"status": "active"}', "content_type": "application/json; charset=utf-8"}
    assert backend.call("POST", "/users", **options).status_code == 200


@pytest.mark.parametrize(
    "target", ["//v2/users", "/v2//users", "/%76%32/users", "/v2/%75sers", "/./v2/users"]
)
def test_another_spelling_of_a_path_is_another_path(backend, target):
    response = backend.client.get("/", headers=backend.headers, environ_overrides={"RAW_URI": target})
    assert response.status_code == 404
    assert ("httpStatusCode" in response.json) == target.startswith("/v2/")


def test_no_cors_and_no_cookies(backend):
    headers = backend.headers | {"Origin": "http://localhost:8888"}
    response = backend.client.get("/v2/users", headers=headers)
    names = {name for name, _ in response.headers}
    assert not [name for name in names if name.startswith(("Access-Control", "Set-Cookie"))]


def test_a_fault_of_ours_is_an_envelope_too(app, backend):
    app.view_functions["backend.users.user_list"] = lambda: 1 / 0
    response = backend.get("/users")
    assert (response.status_code, response.json["error"]["type"]) == (500, "internal_error")
    assert "zero" not in response.text


def test_a_wait_is_told(app):
    with app.test_request_context("/users"):
        app.preprocess_request()
        response = render_error(DatabaseUnavailable(retry_after=3))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "3")


@pytest.mark.parametrize("status", [408, 414, 431])
def test_a_head_that_came_too_slowly_or_was_too_long_is_not_valid(backend, status):
    response = backend.client.get("/v2/users", environ_overrides={refused_head.STATUS: status})
    assert (response.status_code, response.json["error"]["type"]) == (status, "validation_error")
