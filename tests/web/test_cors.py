"""Headers for browsers on other origins, as the traces show them."""

import pytest

ALLOWED = "http://localhost:8888"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type, x-other",
}
EXPOSED = ",".join(
    [
        "Retry-After",
        *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
        *("X-Session-Lifetime", "X-Session-Retention"),
    ]
)


def cors_headers(response):
    return {name: value for name, value in response.headers if name.startswith("Access-Control-")}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/alive", 200),
        ("HEAD", "/health/alive", 200),
        ("GET", "/me", 401),
        ("GET", "/nowhere", 404),
        ("PUT", "/users", 405),
        ("POST", "/users", 400),
    ],
)
def test_every_answer_may_be_read_by_an_allowed_origin(client, method, path, status):
    response = client.open(path, method=method, headers={"Origin": ALLOWED})
    assert response.status_code == status
    assert cors_headers(response) == {
        "Access-Control-Allow-Origin": ALLOWED,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": EXPOSED,
    }
    assert response.headers.getlist("Vary") == ["Origin"]


@pytest.mark.parametrize(
    "origin",
    [
        "chrome-extension://abcdefghijklmnop",
        "tauri://localhost",
        "http://tauri.localhost",
        "capacitor://localhost",
    ],
)
def test_apps_and_extensions_that_are_listed_may(make_app, origin):
    client = make_app({"server.public.cors.allow_origins": ["https://a.test/", origin]}).test_client()
    for allowed in origin, "https://a.test":
        response = client.get("/health/alive", headers={"Origin": allowed})
        assert response.headers["Access-Control-Allow-Origin"] == allowed
    assert cors_headers(client.get("/health/alive", headers={"Origin": f"{origin}x"})) == {}


@pytest.mark.parametrize(
    "origin", [None, "http://evil.example.test", "null", "http://localhost:8888.evil.test"]
)
@pytest.mark.parametrize("path", ["/health/alive", "/nowhere"])
def test_no_other_origin_may(client, path, origin):
    response = client.get(path, headers={} if origin is None else {"Origin": origin})
    assert cors_headers(response) == {}
    assert response.headers.getlist("Vary") == ["Origin"]


@pytest.mark.parametrize("path", ["/users", "/nowhere", "/"])
def test_a_preflight_of_any_path(client, path):
    response = client.options(path, headers={"Origin": ALLOWED, **PREFLIGHT})
    assert (response.status_code, response.data) == (204, b"")
    assert cors_headers(response) == {
        "Access-Control-Allow-Origin": ALLOWED,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
        "Access-Control-Allow-Headers": "content-type, x-other",
        "Access-Control-Max-Age": "7200",
    }
    vary = ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"]
    assert response.headers.getlist("Vary") == vary
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example.test", **PREFLIGHT}])
def test_a_refused_preflight(client, headers):
    response = client.options("/users", headers=headers)
    assert response.status_code == 204
    assert cors_headers(response) == {}
    assert response.headers.getlist("Vary") == ["Origin"]


@pytest.mark.parametrize("asked", ["<script>", "a" * 2000, "a\u00e4", "a(b)", ""])
def test_what_is_no_list_of_header_names_is_not_given_back(client, asked):
    headers = {"Origin": ALLOWED, **PREFLIGHT, "Access-Control-Request-Headers": asked}
    response = client.options("/users", headers=headers)
    assert "Access-Control-Allow-Headers" not in response.headers


def test_the_token_header_is_exposed_where_it_is_sent(make_app):
    client = make_app({"session.enable_auth_token_header": True}).test_client()
    response = client.get("/health/alive", headers={"Origin": ALLOWED})
    assert response.headers["Access-Control-Expose-Headers"] == EXPOSED + ",X-Auth-Token"


def test_patterns_and_the_unsafe_wildcard(make_app):
    name = "server.public.cors.allow_origins"
    patterns = make_app({name: ["https://*.wild.example.test"]}).test_client()
    unsafe = {name: ["*"], "server.public.cors.unsafe_wildcard_origin_allowed": True}
    wildcard = make_app(unsafe).test_client()
    for client, origin, is_allowed in (
        (patterns, "https://a.wild.example.test", True),
        (patterns, "https://wild.example.test", False),
        (wildcard, "https://anything.test", True),
        (wildcard, "null", False),
    ):
        headers = cors_headers(client.get("/health/alive", headers={"Origin": origin}))
        assert headers.get("Access-Control-Allow-Origin") == (origin if is_allowed else None)
