"""A path is matched as it was written. Another spelling of it is another path, which nobody serves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import NotFound

from hanko_compat.backend.auth import enter
from hanko_compat.web.request_target import check, mount_of, path_of
from tests.spellings import as_others_read

ID = "7d0f5b1a-0d6f-4c0e-9d2b-7a8b3c1e5f60"
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/me", "/me"),
        ("/me?a=/b&c=%2F", "/me"),
        ("/", "/"),
        ("/?", "/"),
        ("//me", "//me"),
        ("/%6De", "/%6De"),
        ("/me/../users", "/me/../users"),
        ("/me;v=1", "/me;v=1"),
        ("/me#part", "/me#part"),
        ("http://auth.example.com/me", "/me"),
        ("HTTPS://user@auth.example.com:443/me?x", "/me"),
        ("http://auth.example.com", "/"),
        ("http://auth.example.com?x", "/"),
        ("http://auth.example.com//me", "//me"),
        ("http:/me", "http:/me"),
        ("auth.example.com:443", "auth.example.com:443"),
        ("*", "*"),
    ],
)
def test_the_path_is_what_was_written(target, path):
    assert path_of({"RAW_URI": target, "PATH_INFO": "/other"}) == path
    assert path_of({"REQUEST_URI": target, "PATH_INFO": "/other"}) == path


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/auth/me", "/me"), ("/auth", "/"), ("/auth/", "/"), ("/auth//me", "//me"),
        ("/%61uth/me", ""), ("/authors/me", ""), ("/me", ""),
    ],
)  # fmt: skip
def test_a_mounted_application_serves_what_lies_below(target, path):
    assert path_of({"RAW_URI": target, "SCRIPT_NAME": "/auth"}) == path


@pytest.mark.parametrize(("given_path", "path"), [("/me", "/me"), ("//me", "//me"), ("", "/"), (None, "/")])
def test_without_the_target_the_decoded_path_counts(given_path, path):
    assert path_of({} if given_path is None else {"PATH_INFO": given_path}) == path


SPELLINGS = st.lists(
    st.sampled_from(
        [*"/.\\;#a", "/", ".", "..", "/../", "v2", "%2e", "%2F", "%5c", "%252E", "%25252f", "%3b"]
    ),
    max_size=12,
).map(lambda parts: "/v2/" + "".join(parts))


@given(SPELLINGS)
def test_a_path_that_leads_others_elsewhere_is_refused(path):
    try:
        check(path)
    except NotFound:
        return
    assert "//" not in path
    assert (as_others_read(path) + "/").startswith("/v2/")


@pytest.mark.parametrize(
    "path",
    [
        "/", "/me", "/.well-known/jwks.json", "/v2/users/usr-1", "/users/a.b", "/users/...", "/users/.a",
        "/users/a.", "/users/a%2Fb", "/users/%00", "/users/a;b", "/users/%7Ba%7D", "/users/a..b",
    ],
)  # fmt: skip
def test_other_paths_pass(path):
    assert check(path) is None


@pytest.mark.parametrize(
    "path",
    [
        "//me", "/me//", "/.", "/..", "/v2/../x", "/v2/./users", "/v2/..", "/v2/%2e%2e/x", "/v2/.%2E/x",
        "/v2/..%2fx", "/v2%2f..%2fx", "/v2/%252e%252e/x", "/v2/..%255cx", "/v2/..\\x", "/v2\\..\\x",
        "/v2/..;/x", "/v2/..;a=b/x", "/v2/%c0%ae%c0%ae/x", "/v2/..%c0%afx", "/v2/..#x", "/v2/..%3bx",
    ],
)  # fmt: skip
def test_spellings_of_other_paths_do_not(path):
    with pytest.raises(NotFound):
        check(path)


def served(app):
    """Each route of both doors and of the documents: its endpoint, a path, and a method."""
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & METHODS:
            yield rule.endpoint, re.sub(r"<[^>]+>", ID, rule.rule), method


def other_spellings(path):
    """Yield what many servers and proxies take for *path*."""
    for at in (found.start() for found in re.finditer("/", path)):
        for inserted in ("/", "/.", "/x/..", "/%2E", "/;"):
            yield path[:at] + inserted + path[at:]
        yield path[:at] + "%2F" + path[at + 1 :]
        yield path[:at] + "\\" + path[at + 1 :]
    for end in ("/", "/.", ";a=1", "%20", "%00", "#a"):
        yield path + end
    for found in re.finditer(r"(?<=/)[A-Za-z]", path):
        before, letter, after = path[: found.start()], found[0], path[found.end() :]
        yield f"{before}%{ord(letter):02X}{after}"
        yield before + letter.swapcase() + after


def test_no_other_spelling_leads_to_the_same_view_with_the_same_arguments(make_app):
    app = make_app({"hanko_compat.openapi": True})
    app.before_request_funcs[None].remove(enter)  # or the backend door would refuse everything
    reached = []

    def record(endpoint):
        return lambda **arguments: reached.append((endpoint, set(arguments.values()) - {ID})) or "served"

    app.view_functions = {endpoint: record(endpoint) for endpoint in app.view_functions}
    client = app.test_client()
    routes = [route for route in served(app) if route[1] != "/"]
    for endpoint, path, method in routes:
        client.open(path, method=method)
        assert reached.pop() == (endpoint, set())
        for spelling in other_spellings(path):
            client.open("/", method=method, environ_overrides={"RAW_URI": spelling})
        assert (endpoint, set()) not in reached
        reached.clear()
    assert len(routes) > 60


def test_a_preflight_is_answered_for_any_path_and_the_door_for_servers_has_one_spelling(client, services):
    services.api_secrets.create()
    asked = {"Origin": "http://localhost:8888", "Access-Control-Request-Method": "GET"}
    for target, status in (("//me", 204), ("//v2/users", 204), ("/v2/users", 401)):
        response = client.options("/", headers=asked, environ_overrides={"RAW_URI": target})
        assert response.status_code == status
        assert ("Access-Control-Allow-Origin" in response.headers) == (status == 204)


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({}, "/"),
        ({"SCRIPT_NAME": ""}, "/"),
        ({"SCRIPT_NAME": "/auth"}, "/auth"),
        ({"SCRIPT_NAME": "/a;b c"}, "/a%3Bb%20c"),
    ],
)
def test_a_mount_is_a_path_of_cookies(environ, path):
    assert mount_of(environ) == path
