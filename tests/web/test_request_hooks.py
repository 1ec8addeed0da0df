"""What every answer has, and what is known of a request afterwards."""

import re

import pytest

from hanko_compat import logs

EXCHANGES = [
    ("GET", "/health/alive"),
    ("GET", "/nowhere"),
    ("PUT", "/users"),
    ("OPTIONS", "/x"),
    ("POST", "/users"),
]


@pytest.mark.parametrize(("method", "path"), EXCHANGES)
def test_every_answer_names_its_request(client, method, path):
    own = client.open(path, method=method, headers={"X-Request-Id": "my-own-request-id"})
    made = client.open(path, method=method)
    assert own.headers.getlist("X-Request-Id") == ["my-own-request-id"]
    assert re.fullmatch(r"[0-9A-Za-z]{32}", made.headers["X-Request-Id"])


def test_a_request_is_over_when_it_is_answered(client):
    client.get("/nowhere", headers={"X-Request-Id": "my-own-request-id"})
    assert logs.request_id.get() is None


@pytest.mark.parametrize(("method", "path"), EXCHANGES)
def test_no_answer_is_to_be_guessed_at(client, method, path):
    assert client.open(path, method=method).headers.getlist("X-Content-Type-Options") == ["nosniff"]


def test_pages_may_load_nothing_from_elsewhere(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_page_without_a_policy_gets_one(app):
    app.add_url_rule("/page", view_func=lambda: "<p>")
    response = app.test_client().get("/page")
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_an_empty_answer_has_no_type(app):
    app.add_url_rule("/empty", view_func=lambda: "")
    response = app.test_client().get("/empty")
    assert (response.status_code, response.data) == (200, b"")
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/health/alive", {"route": "/health/alive", "method": "GET", "status": "200"}),
        ("GET", "/users/7d0f5b1a", {"route": "/users/<id>", "method": "GET", "status": "401"}),
        ("GET", "/nowhere", {"route": "none", "method": "GET", "status": "404"}),
        ("BREW", "/users", {"route": "none", "method": "other", "status": "405"}),
        ("OPTIONS", "/users", {"route": "none", "method": "OPTIONS", "status": "204"}),
    ],
)
def test_requests_are_counted_by_their_route(client, services, method, path, labels):
    client.open(path, method=method)
    assert services.metrics.registry.get_sample_value("hanko_compat_requests_total", labels) == 1


def test_sign_ups_are_counted(client, services):
    client.post("/users", json={"email": "alice@example.test"})
    sample = services.metrics.registry.get_sample_value
    assert sample("hanko_compat_events_total", {"type": "user_created"}) == 1


def test_the_caller_is_the_one_behind_the_trusted_proxy(make_app, caplog):
    client = make_app({"hanko_compat.trusted_proxies": ["127.0.0.0/8"]}).test_client()
    with caplog.at_level("INFO", "hanko_compat.access"):
        client.get("/nowhere", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    (record,) = [record for record in caplog.records if record.name == "hanko_compat.access"]
    assert vars(record)["client"] == "203.0.113.9"
