"""``session.cookie.*``."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.effects.caller import Caller, Person, attributes_of
from tests.effects.conftest import Serve
from tests.effects.rows import differs, shows

FIRST = "hanko_email_id"


def cookies(caller: Caller, person: Person) -> dict[str, TestResponse]:
    """The answers that set the session cookie, take it back, and set the cookie of a sign-up."""
    return {
        "log-in": caller.log_in_by_passcode(person),
        "sign-up": caller.sign_up("bob@example.test"),
        "log-out": caller.post("/logout", by=person),
    }


@shows("session.cookie.name", "mysess")
@pytest.mark.parametrize(("value", "name"), [("mysess", "mysess"), ("", "hanko")])
def test_its_name(serve: Serve, alice: Person, value: str, name: str) -> None:
    caller = serve({"session.cookie.name": value})
    for cookie, status in ((name, 200), ("hanko" if name != "hanko" else "mysess", 401)):
        response = caller.client.get("/me", headers={"Cookie": f"{cookie}={alice.token}"})
        assert response.status_code == status
    answers = cookies(caller, alice)
    assert answers["log-in"].headers["Set-Cookie"].startswith(f"{name}=ey")
    assert answers["log-out"].headers["Set-Cookie"].startswith(f"{name}=;")
    assert answers["sign-up"].headers["Set-Cookie"].startswith(f"{FIRST}=")


@shows("session.cookie.domain", "example.test")
@shows("session.cookie.http_only", "false")
@shows("session.cookie.secure", "true (default)")
@pytest.mark.parametrize(
    ("key", "value", "attribute", "expected"),
    [
        ("domain", "example.test", "Domain", "example.test"),
        ("domain", ".example.test", "Domain", "example.test"),
        ("domain", "https://example.test", "Domain", None),
        ("domain", "", "Domain", None),
        ("http_only", False, "HttpOnly", None),
        ("http_only", True, "HttpOnly", True),
        ("secure", True, "Secure", True),
        ("secure", False, "Secure", None),
    ],
)
def test_an_attribute_of_each_cookie(
    serve: Serve, alice: Person, key: str, value: object, attribute: str, expected: object
) -> None:
    answers = cookies(serve({f"session.cookie.{key}": value}), alice)
    names = {"log-in": "hanko", "log-out": "hanko", "sign-up": FIRST}
    assert {attributes_of(answers[each], name).get(attribute) for each, name in names.items()} == {expected}


@differs(
    "session.cookie.same_site",
    "strict (default); lax; none; other text",
    page="Unsafe settings are refused outside `--dev`",
)
@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        ({}, "Strict"),
        ({"same_site": "strict"}, "Strict"),
        ({"same_site": "lax"}, "Lax"),
        ({"same_site": "none", "secure": True}, "None"),  # without Secure it is refused here
        ({"same_site": "x"}, None),
        ({"same_site": "Strict"}, None),
    ],
)
def test_to_whom_it_is_sent(
    serve: Serve, alice: Person, cookie: dict[str, Any], expected: str | None
) -> None:
    answers = cookies(serve({f"session.cookie.{key}": value for key, value in cookie.items()}), alice)
    for each in ("log-in", "log-out"):
        assert attributes_of(answers[each]).get("SameSite") == expected
    assert attributes_of(answers["sign-up"], FIRST)["SameSite"] == "None"


def test_how_long_it_is_kept_is_not_the_servers_business(serve: Serve, alice: Person) -> None:
    answer = serve({"session.cookie.retention": "x"}).log_in_by_passcode(alice)
    assert attributes_of(answer)["Max-Age"] == "43200"
    assert "X-Session-Retention" not in answer.headers
