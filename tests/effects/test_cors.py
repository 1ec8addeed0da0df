"""``server.public.cors.*``."""

import pytest
from werkzeug.test import TestResponse

from tests.effects.caller import ORIGIN, Caller
from tests.effects.conftest import Serve
from tests.effects.rows import differs, shows

KEY = "server.public.cors.allow_origins"
UNSAFE = {"server.public.cors": {"allow_origins": ["*"], "unsafe_wildcard_origin_allowed": True}}


def ask(caller: Caller, origin: str, method: str) -> TestResponse:
    """A preflight, or a request."""
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return caller.client.open("/health/alive", method=method, headers=headers)


def allowance(response: TestResponse) -> dict[str, str]:
    """The headers that let a browser through."""
    start = "Access-Control-"
    return {name[len(start) :]: text for name, text in response.headers if name.startswith(start)}


@shows(KEY, "[http://localhost:8888] (default)")
@shows("server.public.cors.unsafe_wildcard_origin_allowed", 'true, ["*"]')
def test_an_allowed_origin_is_echoed(serve: Serve, base: Caller) -> None:
    for caller, origin in ((base, ORIGIN), (serve(UNSAFE), "https://any.example.test")):
        preflight, answer = ask(caller, origin, "OPTIONS"), ask(caller, origin, "GET")
        assert (preflight.status_code, answer.status_code) == (204, 200)
        echoed = {"Allow-Origin": origin, "Allow-Credentials": "true"}
        assert allowance(preflight) == echoed | {
            "Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
            "Max-Age": "7200",
        }
        assert allowance(answer).keys() == {*echoed, "Expose-Headers"}
        assert echoed.items() <= allowance(answer).items()


@shows(KEY, "not the Origin sent")
@pytest.mark.parametrize(("method", "status"), [("OPTIONS", 204), ("GET", 200)])
def test_another_origin_is_served_and_told_nothing(base: Caller, method: str, status: int) -> None:
    response = ask(base, "https://other.example.test", method)
    assert (response.status_code, allowance(response)) == (status, {})
    assert response.headers["Vary"] == "Origin"


@shows(KEY, '["https://*.example.test", "http://localhost:????"]')
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://a.example.test", True),
        ("https://a.b.example.test", True),
        ("http://localhost:8888", True),
        ("https://example.test", False),
        ("http://localhost:88888", False),
        ("http://localhost:888", False),
        ("HTTPS://A.EXAMPLE.TEST", False),
        ("https://A.example.TEST", False),
    ],
)
def test_patterns(serve: Serve, origin: str, allowed: bool) -> None:
    caller = serve({KEY: ["https://*.example.test", "http://localhost:????"]})
    assert allowance(ask(caller, origin, "GET")).get("Allow-Origin") == (origin if allowed else None)


@differs(KEY, "[]", page="An empty `server.public.cors.allow_origins` allows no origin")
@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_an_empty_list_allows_nobody(serve: Serve, method: str) -> None:
    assert allowance(ask(serve({KEY: []}), ORIGIN, method)) == {}
