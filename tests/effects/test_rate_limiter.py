"""``rate_limiter.*``. The order of limits and other checks is shown by the tests of `elsewhere`."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.effects.caller import Caller, Person, refusal, seen
from tests.effects.conftest import Serve
from tests.effects.rows import differs, shows
from tests.factories import make_token

ON = {"rate_limiter.enabled": True}
HEADERS = ("X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset")
Request = Callable[[Caller, Person], TestResponse]


def passcode(caller: Caller, person: Person) -> TestResponse:
    """A request that ``passcode_limits`` counts."""
    return caller.ask_for_passcode(person)


def password(caller: Caller, person: Person) -> TestResponse:
    """A request that ``password_limits`` counts."""
    return caller.log_in_by_password(person, "wrong password")


def token(caller: Caller, person: Person) -> TestResponse:
    """A request that ``token_limits`` counts."""
    return caller.post("/token", {"value": "unknown"})


def limits(response: TestResponse) -> list[str]:
    """The headers that tell of a limit."""
    return [response.headers[name] for name in HEADERS if name in response.headers]


LIMITED = pytest.mark.parametrize(
    ("request_of", "status", "tokens"),
    [(passcode, 200, 3), (password, 401, 5), (token, 404, 3)],
    ids=["passcode", "password", "token"],
)


@shows("rate_limiter.enabled", "false")
@LIMITED
def test_nothing_is_limited_where_it_is_off(
    base: Caller, alice: Person, request_of: Request, status: int, tokens: int
) -> None:
    for _ in range(2 * tokens):
        response = request_of(base, alice)
        assert (response.status_code, limits(response)) == (status, [])


@shows("rate_limiter.enabled", "true (default)")
@differs(
    "rate_limiter.enabled",
    "true, used up",
    page="`Retry-After` and `X-RateLimit-Reset` are rounded up",
)
@LIMITED
def test_tokens_are_counted_down(
    serve: Serve, alice: Person, request_of: Request, status: int, tokens: int
) -> None:
    caller = serve(ON)
    for left in reversed(range(tokens)):
        response = request_of(caller, alice)
        assert response.status_code == status
        assert limits(response) == [str(tokens), str(left), "60"]
    caller.clock.advance(seconds=59.5)
    refused = request_of(caller, alice)
    assert seen(refused) == refusal(429, "Too Many Requests")
    assert limits(refused) == [str(tokens), "0", "1"]
    assert refused.headers["Retry-After"] == "1"


@shows("rate_limiter.passcode_limits, password_limits, token_limits", "tokens 1 or 2, interval 1s or 1h")
@pytest.mark.parametrize("tokens", [1, 2])
@pytest.mark.parametrize(("interval", "wait"), [("1s", 1.1), ("1h", 3601)])
def test_each_request_has_its_own_limit_and_each_user_a_count(
    serve: Serve, alice: Person, tokens: int, interval: str, wait: float
) -> None:
    few = {"tokens": tokens, "interval": interval}
    caller = serve({**ON, "rate_limiter.passcode_limits": few})
    bob = caller.person()
    expected = [200] * tokens + [429]
    for person in (alice, bob):
        answers = [passcode(caller, person).status_code for _ in range(tokens + 1)]
        assert answers == expected
    assert [password(caller, alice).status_code for _ in range(5)] == [401] * 5
    caller.clock.advance(seconds=wait)
    # Of the mails to one address a few more are counted, over a minute.
    assert passcode(caller, alice).status_code == 200


def test_all_tokens_of_a_client_are_counted_together(serve: Serve) -> None:
    caller = serve({**ON, "rate_limiter.token_limits": {"tokens": 2, "interval": "1h"}})
    values = [make_token().value for _ in range(3)]
    assert [caller.post("/token", {"value": value}).status_code for value in values] == [200, 200, 429]
    caller.clock.advance(seconds=3601)
    assert caller.post("/token", {"value": make_token().value}).status_code == 422


def test_no_token_is_one_and_no_interval_a_second(serve: Serve, alice: Person) -> None:
    caller = serve({**ON, "rate_limiter.passcode_limits": {"tokens": 0, "interval": "0s"}})
    assert [passcode(caller, alice).status_code for _ in range(2)] == [200, 429]
    caller.clock.advance(seconds=1.1)
    assert passcode(caller, alice).status_code == 200


# What the original does not limit, and is limited here: see docs/rate-limits.md.
OTHERS: list[tuple[str, Any]] = [
    ("/passcode/login/finalize", {"id": "7b4ba1b9-aa44-4b4a-8a1c-7d0f1d8b3b3c", "code": "123456"}),
    ("/user", {"email": "alice@example.test"}),
    ("/users", {"email": "bob@example.test"}),
    ("/webauthn/login/initialize", {}),
    ("/sessions/validate", {"session_token": "x"}),
]


@differs(
    "rate_limiter.enabled",
    "true",
    page="More is limited than in the original",
)
@pytest.mark.parametrize(("path", "body"), OTHERS, ids=[path for path, _ in OTHERS])
def test_other_requests_are_not_limited_so_soon_and_show_nothing_of_it(
    serve: Serve, path: str, body: dict[str, Any]
) -> None:
    caller = serve(ON)
    for _ in range(5):
        response = caller.post(path, body)
        assert response.status_code != 429
        assert limits(response) == []
