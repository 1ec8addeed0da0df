"""The application as a whole: errors, methods, hosts."""

from inspect import iscoroutinefunction

import pytest

from hanko_compat.app import create_app
from hanko_compat.config import from_mapping
from hanko_compat.wiring import build
from tests.settings import settings_on


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/health",
        "/.well-known/nothing",
        "/users/",
        "/users/a/b",
        "/health/alive/",
        "/health//alive",
        "/%00",
        "/%ff",
        "/\u00e4",
    ],
)
def test_unknown_paths(client, path):
    for method in ("GET", "POST", "DELETE"):
        response = client.open(path, method=method)
        assert response.status_code in {404, 401} if path.startswith("/users/") else 404
    assert client.get("/nowhere").json == {"code": 404, "message": "Not Found"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/users", {"POST"}),
        ("PUT", "/users", {"POST"}),
        ("POST", "/me", {"GET", "HEAD"}),
        ("POST", "/health/alive", {"GET", "HEAD"}),
        ("TRACE", "/users", {"POST"}),
        ("BREW", "/users", {"POST"}),
    ],
)
def test_other_methods_are_told_which_there_are(client, method, path, allowed):
    response = client.open(path, method=method)
    assert response.status_code == 405
    assert response.json == {"code": 405, "message": "Method Not Allowed"}
    assert set(response.headers["Allow"].split(", ")) == allowed


def test_head_is_get_without_a_body(client):
    response = client.head("/health/alive")
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Type"] == "application/json"


def test_no_path_is_redirected(app):
    # werkzeug redirects to rules that end in a slash; the root alone does, and always matches.
    assert [rule.rule for rule in app.url_map.iter_rules() if rule.rule.endswith("/")] == ["/"]
    response = app.test_client().get(
        "/", environ_overrides={"RAW_URI": "", "REQUEST_URI": "", "PATH_INFO": ""}
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example.test"},
        {"Host": "evil.example.test:99999"},
        {"Host": "a b\u00e4@:/"},
        {"Host": ""},
        {
            "X-Forwarded-Host": "evil.example.test",
            "X-Forwarded-Proto": "gopher",
            "X-Forwarded-Prefix": "/evil",
        },
        {"Forwarded": "host=evil.example.test;proto=gopher"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/.well-known/config", "/nowhere", "/docs", "/openapi.json"])
def test_the_host_that_a_caller_names_changes_nothing(make_app, headers, path):
    client = make_app({"hanko_compat.openapi": True}).test_client()
    plain, forged = client.get(path), client.get(path, headers=headers)
    assert (plain.status_code, plain.data) == (forged.status_code, forged.data)
    assert "evil" not in str(forged.headers)


def test_a_fault_of_ours_is_a_plain_500_with_a_log_entry(app, caplog):
    def fail():
        raise RuntimeError("the cause")

    app.add_url_rule("/fail", view_func=fail)
    response = app.test_client().get("/fail", headers={"Origin": "http://localhost:8888"})
    assert response.status_code == 500
    assert response.json == {"code": 500, "message": "Internal Server Error"}
    assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:8888"
    assert response.headers["X-Request-Id"]
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.message == "unhandled_exception"
    assert "the cause" in str(record.exc_info[1])


@pytest.mark.parametrize(("method", "path"), [("GET", "/health/ready"), ("POST", "/users")])
def test_a_lost_database_is_told_to_callers_operators_and_monitoring(caplog, method, path):
    config = from_mapping(settings_on("postgres://nobody:x@127.0.0.1:1/nothing"), environ={})
    services = build(config)
    client = create_app(config, services=services).test_client()
    response = client.open(path, method=method, json={"email": "alice@example.test"})
    assert (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, 503, "1")
    (record,) = [record for record in caplog.records if record.name == "hanko_compat.app"]
    assert (record.levelname, record.message) == ("ERROR", "database_unavailable")
    assert "refused" in vars(record)["cause"]
    assert services.metrics.registry.get_sample_value("hanko_compat_database_errors_total") == 1


def test_documents_are_served_where_they_are_wanted(make_app, make_config):
    assert make_app().test_client().get("/openapi.json").status_code == 404
    assert make_app({"hanko_compat.openapi": True}).test_client().get("/openapi.json").status_code == 200
    assert create_app(make_config(dev=True)).test_client().get("/docs").status_code == 200


def test_the_parts_of_an_answer_tell_nothing_of_the_software(client):
    headers = str(client.get("/nowhere").headers).lower()
    assert not [
        word for word in ("server:", "werkzeug", "flask", "python", "x-powered-by") if word in headers
    ]


def test_nothing_of_ours_is_a_coroutine(app):
    """So `Application.ensure_sync` may take everything as it is."""
    hooks = [app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs]
    ours = [function for each in hooks for functions in each.values() for function in functions]
    ours += app.view_functions.values()
    handlers = app.error_handler_spec.values()
    ours += [handler for codes in handlers for classes in codes.values() for handler in classes.values()]
    assert len(ours) > len(app.view_functions)
    assert not [function for function in ours if iscoroutinefunction(function)]
