"""The comparison notices every kind of difference: each case changes one thing of an answer that fits."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from tests import signing_keys
from tests.contract.comparison import Comparison
from tests.contract.placeholders import Bindings
from tests.contract.replayer import shape_of_error
from tests.contract.wire import Answer

NOW = datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC)
USER, OTHER = "6d1ff0bb-1a1e-4a26-9b64-1a3b0d3e0a01", "6d1ff0bb-1a1e-4a26-9b64-1a3b0d3e0a02"
KEY = jwt.PyJWK(signing_keys.private_jwk())
KID = signing_keys.private_jwk()["kid"]

ATTRIBUTES = {
    "Path": "/",
    "Domain": "example.test",
    "Max-Age": "60",
    "HttpOnly": True,
    "Secure": True,
    "SameSite": "Lax",
}
RECORDED = {
    "status": 200,
    "headers": {
        "Content-Type": "application/json",
        "X-Request-Id": "<random:32>",
        "Vary": "Origin",
        "Set-Cookie": [
            {
                "name": "hanko",
                "value": {
                    "jwt": "<jwt:1>",
                    "header": {"alg": "RS256", "kid": "<kid:1>", "typ": "JWT"},
                    "claims": {"exp": "<iat+60>", "iat": "<epoch>", "sub": "<uuid:1>"},
                    "signature": "valid under the published key of this kid",
                },
                "attributes": ATTRIBUTES,
            }
        ],
    },
    "body": {
        "json": {
            "id": "<uuid:1>",
            "again": "<uuid:1>",
            "other": "<uuid:2>",
            "at": "<time Z frac:6>",
            "until": "<time Z +43200s>",
            "emails": ["a@{run}.test", "b@{run}.test"],
            "name": None,
            "count": 0,
            "is_on": False,
        }
    },
}
BODY = {
    "id": USER,
    "again": USER,
    "other": OTHER,
    "at": "2026-05-04T03:02:01.5Z",
    "until": "2026-05-04T15:02:01Z",
    "emails": ["a@abcdefgh.test", "b@abcdefgh.test"],
    "name": None,
    "count": 0,
    "is_on": False,
}
COOKIE_ATTRIBUTES = "; Path=/; Domain=example.test; Max-Age=60; HttpOnly; Secure; SameSite=Lax"


def token(*, kid: str = KID, lifespan: int = 60, issued: datetime = NOW, sub: str = USER) -> str:
    issued_at = int(issued.timestamp())
    claims = {"sub": sub, "iat": issued_at, "exp": issued_at + lifespan}
    return jwt.encode(claims, KEY.key, algorithm="RS256", headers={"kid": kid})


def headers(**changes: Any) -> list[tuple[str, str]]:
    fitting = {
        "Content-Type": "application/json",
        "X-Request-Id": "a" * 32,
        "Vary": "Origin",
        "Set-Cookie": f"hanko={token()}{COOKIE_ATTRIBUTES}",
        "Server": "not recorded",
    }
    fitting |= {name.replace("_", "-"): value for name, value in changes.items()}
    return [(name, value) for name, value in fitting.items() if value is not None]


def differences(answer: Answer, recorded: dict[str, Any] = RECORDED, **options: Any) -> list[str]:
    bindings = Bindings(now=lambda: NOW, texts={"{run}": "abcdefgh"}, **options)
    published = {key: signing_keys.private_jwk()[key] for key in ("kty", "n", "e", "kid", "alg", "use")}
    return Comparison(bindings, lambda: [published]).answer(recorded, answer)


def answer(*, body: Any = BODY, status: int = 200, **changes: Any) -> Answer:
    return Answer(status, headers(**changes), json.dumps(body).encode())


def test_a_fitting_answer_has_no_difference() -> None:
    assert differences(answer()) == []


def test_the_order_of_keys_does_not_matter() -> None:
    assert differences(answer(body=dict(reversed(BODY.items())))) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", OTHER),
        ("id", USER.upper()),
        ("id", "nonsense"),
        ("again", OTHER),
        ("other", USER),
        ("at", "2026-05-04T03:02:01Z"),
        ("at", "2026-05-04T03:02:01.5+00:00"),
        ("at", "2026-05-04T04:02:01.5Z"),
        ("until", "2026-05-04T15:02:01.5Z"),
        ("until", "2026-05-04T14:02:01Z"),
        ("emails", ["b@abcdefgh.test", "a@abcdefgh.test"]),
        ("emails", ["a@abcdefgh.test"]),
        ("emails", ["a@hgfedcba.test", "b@abcdefgh.test"]),
        ("emails", None),
        ("name", ""),
        ("name", {}),
        ("count", 1),
        ("count", False),
        ("count", 0.0),
        ("count", "0"),
        ("is_on", 0),
        ("is_on", None),
        ("added", None),
    ],
)
def test_one_changed_member_is_a_difference(key: str, value: Any) -> None:
    found = differences(answer(body=BODY | {key: value}))
    assert found
    assert all(f"body.{key}" in difference for difference in found)


@pytest.mark.parametrize("key", BODY)
def test_an_absent_member_is_a_difference(key: str) -> None:
    body = {name: value for name, value in BODY.items() if name != key}
    assert f"body.{key}" in " ".join(differences(answer(body=body)))


@pytest.mark.parametrize(
    "changes",
    [
        {"Vary": None},
        {"Vary": "Origin, Cookie"},
        {"Content_Type": "application/json; charset=utf-8"},
        {"X_Request_Id": "short"},
        {"X_Request_Id": None},
        {"X_Session_Lifetime": "60"},
        {"X_RateLimit_Limit": "5"},
        {"Access_Control_Allow_Origin": "*"},
        {"Cache_Control": "no-store"},
        {"Allow": "GET"},
    ],
)
def test_one_changed_header_is_a_difference(changes: dict[str, Any]) -> None:
    (difference,) = differences(answer(**changes))
    assert next(iter(changes)).replace("_", "-") in difference


def test_a_header_that_came_twice_is_a_difference() -> None:
    twice = Answer(200, [*headers(), ("Vary", "Origin")], json.dumps(BODY).encode())
    assert len(differences(twice)) == 1


def test_a_second_cookie_is_a_difference() -> None:
    second = Answer(200, [*headers(), ("Set-Cookie", "sid=1")], json.dumps(BODY).encode())
    assert len(differences(second)) == 1


@pytest.mark.parametrize(
    "cookie",
    [
        f"sid={token()}{COOKIE_ATTRIBUTES}",
        f"hanko={token(lifespan=61)}{COOKIE_ATTRIBUTES}",
        f"hanko={token(issued=NOW - timedelta(minutes=10))}{COOKIE_ATTRIBUTES}",
        f"hanko={token(sub='nobody')}{COOKIE_ATTRIBUTES}",
        f"hanko={token(kid='unknown')}{COOKIE_ATTRIBUTES}",
        f"hanko={token()[:-9]}AAAAAAAAA{COOKIE_ATTRIBUTES}",
        f"hanko=nonsense{COOKIE_ATTRIBUTES}",
        f"hanko={token()}{COOKIE_ATTRIBUTES.replace('Max-Age=60', 'Max-Age=61')}",
        f"hanko={token()}{COOKIE_ATTRIBUTES.replace('; Secure', '')}",
        f"hanko={token()}{COOKIE_ATTRIBUTES}; Partitioned",
        f"hanko={token()}{COOKIE_ATTRIBUTES.replace('Lax', 'lax')}",
        f"hanko={token()}; Domain=example.test; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax",
        f"hanko={token()}; Path=/; Domain=example.test; Max-Age=60; Secure; HttpOnly; SameSite=Lax",
        None,
    ],
)
def test_one_change_of_a_cookie_is_a_difference(cookie: str | None) -> None:
    assert "cookie" in " ".join(differences(answer(Set_Cookie=cookie)))


def test_the_status_is_compared() -> None:
    assert differences(answer(status=201)) == ["status: 200 expected, got 201"]


@pytest.mark.parametrize(
    ("recorded", "body", "fits"),
    [
        ({"empty": True}, b"", True),
        ({"empty": True}, b"{}", False),
        ({"text": "a"}, b"a", True),
        ({"text": "a"}, b"b", False),
        ({"html": "<not compared>"}, b"<p>", True),
        ({"html": "<not compared>"}, b"", False),
        ({"bytes": "<not compared>"}, b"\xff", True),
        ({"json": None}, b"null", True),
        ({"json": None}, b"", False),
        ({"json": {"message": "<any text>"}}, b'{"message": "x"}', True),
        ({"json": {"message": "<any text>"}}, b'{"message": ""}', False),
        ({"json": {"message": "<any text>"}}, b'{"message": 1}', False),
        ({"json": {"transports": ["a", "b"]}}, b'{"transports": ["b", "a"]}', True),
    ],
)
def test_bodies_of_each_kind(recorded: dict[str, Any], body: bytes, *, fits: bool) -> None:
    assert (differences(Answer(200, [], body), {"status": 200, "body": recorded}) == []) == fits


def test_fractions_are_not_compared_where_the_database_has_none() -> None:
    whole = answer(body=BODY | {"at": "2026-05-04T03:02:01Z"})
    assert differences(whole, has_fractions=False) == []
    assert differences(whole) != []


def test_parameters_of_a_location_have_no_order() -> None:
    recorded = {
        "status": 302,
        "headers": {"Location": {"url": "http://a.test/", "query": {"a": "1", "b": "<uuid:1>"}}},
    }
    assert differences(Answer(302, [("Location", f"http://a.test/?b={USER}&a=1")], b""), recorded) == []
    assert differences(Answer(302, [("Location", "http://a.test/?a=1")], b""), recorded) != []


@pytest.mark.parametrize(
    ("status", "body", "fits"),
    [
        (200, {"anything": 1}, True),
        (400, {"code": 400, "message": "x"}, True),
        (400, {"code": 401, "message": "x"}, False),
        (400, {"message": "x"}, False),
        (400, {"code": 400, "message": "x", "details": ""}, False),
        (400, None, False),
    ],
)
def test_errors_allowed_by_a_deviation_keep_their_shape(status: int, body: Any, *, fits: bool) -> None:
    assert (shape_of_error(Answer(status, [], json.dumps(body).encode())) == []) == fits


def test_the_fitting_answer_is_not_changed_by_comparing() -> None:
    recorded = deepcopy(RECORDED)
    differences(answer(), recorded)
    assert recorded == RECORDED
