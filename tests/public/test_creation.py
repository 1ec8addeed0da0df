"""How many rows strangers and users may cause to be made, over HTTP."""

from collections import Counter
from collections.abc import Callable, Mapping
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hanko_compat.storage.models import AuditLog, Email, WebauthnSessionData
from tests.authenticator import Authenticator
from tests.factories import make_account, make_user
from tests.passkeys import bearer

ON = {
    "rate_limiter.enabled": True,
    "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
    "hanko_compat.limits.passkey_challenges.tokens": 3,
    "hanko_compat.limits.emails_per_user.tokens": 2,
    "hanko_compat.limits.emails_per_client.tokens": 3,
}
LOG_IN, REGISTER = "/webauthn/login/initialize", "/webauthn/registration/initialize"

Maker = Callable[..., Flask]


def count(app: Flask, table: type[Email] | type[WebauthnSessionData]) -> int:
    with app.extensions["hanko_compat"].database.connection():
        return table.select().count()


def session_of(app: Flask, user_id: UUID) -> Mapping[str, str]:
    return bearer(app.extensions["hanko_compat"], user_id)


def begin(client: FlaskClient, path: str = LOG_IN, client_address: str = "", **headers: str) -> TestResponse:
    forwarded = {"X-Forwarded-For": client_address or "198.51.100.7"}
    return client.post(path, json={}, headers=forwarded | headers)


def add(client: FlaskClient, address: str, user: Mapping[str, str], *, client_address: str) -> int:
    headers = {"X-Forwarded-For": client_address, **user}
    return client.post("/emails", json={"address": address}, headers=headers).status_code


def test_a_client_begins_a_bounded_number_of_ceremonies(make_app: Maker) -> None:
    app = make_app(ON)
    client = app.test_client()
    user = session_of(app, make_user().id)

    answers = [*(begin(client) for _ in range(2)), *(begin(client, REGISTER, **user) for _ in range(3))]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    refused = answers[-1]
    assert refused.json == {"code": 429, "message": "Too Many Requests"}
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "X-RateLimit-Limit" in refused.headers
    assert "X-RateLimit-Limit" not in answers[0].headers
    assert begin(client, client_address="198.51.100.8").status_code == 200
    assert begin(client, client_address="203.0.113.9, 198.51.100.7").status_code == 429
    assert count(app, WebauthnSessionData) == 4


def test_a_user_begins_a_bounded_number_of_registrations_from_anywhere(make_app: Maker) -> None:
    app = make_app(ON | {"hanko_compat.limits.passkey_challenges_per_user.tokens": 2})
    client = app.test_client()
    user, other = (session_of(app, make_user().id) for _ in range(2))

    answers = [begin(client, REGISTER, f"198.51.100.{number}", **user) for number in range(300)]

    assert Counter(answer.status_code for answer in answers) == {200: 2, 429: 298}
    assert count(app, WebauthnSessionData) == 2
    assert begin(client, REGISTER, "198.51.100.8", **other).status_code == 200
    assert begin(client, LOG_IN, "198.51.100.8").status_code == 200


def test_a_user_adds_a_bounded_number_of_addresses(make_app: Maker) -> None:
    app = make_app(ON)
    client = app.test_client()
    user = session_of(app, make_user().id)

    answers = [
        add(client, f"a{number}@example.test", user, client_address=f"198.51.100.{number}")
        for number in range(5)
    ]

    assert answers == [200, 200, 429, 429, 429]
    assert count(app, Email) == 2


def test_a_client_adds_a_bounded_number_of_addresses(make_app: Maker) -> None:
    app = make_app(ON)
    client = app.test_client()
    users = [session_of(app, make_user().id) for _ in range(5)]

    answers = [
        add(client, f"a{number}@example.test", user, client_address="198.51.100.7")
        for number, user in enumerate(users)
    ]

    assert answers == [200, 200, 200, 429, 429]
    assert count(app, Email) == 3


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c"])
def test_what_is_no_address_takes_nothing(make_app: Maker, address: str) -> None:
    app = make_app(ON)
    client = app.test_client()
    user = session_of(app, make_user().id)
    refused = [add(client, address, user, client_address="198.51.100.7") for _ in range(4)]
    assert refused == [400] * 4
    assert add(client, "alice@example.test", user, client_address="198.51.100.7") == 200


def test_nothing_is_limited_where_the_limiter_is_off(make_app: Maker) -> None:
    app = make_app({**ON, "rate_limiter.enabled": False})
    client = app.test_client()
    user = session_of(app, make_account().user_id)
    assert {begin(client).status_code for _ in range(6)} == {200}
    added = {
        add(client, f"a{number}@example.test", user, client_address="198.51.100.7") for number in range(6)
    }
    assert added == {200}


# What the audit log keeps of strangers

STORED = {"audit_log.storage.enabled": True}
NOBODY = "11111111-1111-4111-8111-111111111111"
NEVER_BEGUN = Authenticator().get({"publicKey": {"challenge": "bmV2ZXIgYmVndW4", "rpId": "localhost"}})


@pytest.mark.parametrize(
    ("method", "path", "body", "limit", "status"),
    [
        ("POST", "/passcode/login/initialize", {"user_id": NOBODY}, "lookup", 400),
        ("POST", "/webauthn/login/finalize", NEVER_BEGUN, "passkey_challenges", 401),
        ("GET", "/thirdparty/auth?provider=x", None, "provider_logins", 307),
        ("GET", "/thirdparty/callback?state=x&code=y", None, "provider_logins", 307),
    ],
    ids=["passcode", "passkey", "to a provider", "from a provider"],
)
def test_the_audit_log_keeps_a_bounded_number_of_a_strangers_failures(
    make_app: Maker, method: str, path: str, body: object, limit: str, status: int
) -> None:
    app = make_app(ON | STORED | {f"hanko_compat.limits.{limit}.tokens": 2})
    client = app.test_client()

    def fail(client_address: str) -> TestResponse:
        return client.open(path, method=method, json=body, headers={"X-Forwarded-For": client_address})

    answers = [fail("198.51.100.7") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [status, status, 429, 429, 429]
    assert answers[-1].json == {"code": 429, "message": "Too Many Requests"}
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    with app.extensions["hanko_compat"].database.connection():
        told = Counter(row.type == "rate_limited" for row in AuditLog.select())
    assert told == {False: 2, True: 1}
    assert fail("198.51.100.8").status_code == status
    assert fail("203.0.113.9, 198.51.100.7").status_code == 429


def test_who_comes_back_from_a_provider_is_counted_apart_from_who_is_sent_away(make_app: Maker) -> None:
    client = make_app(ON | {"hanko_compat.limits.provider_logins.tokens": 1}).test_client()
    paths = ("/thirdparty/auth", "/thirdparty/callback", "/thirdparty/auth", "/thirdparty/callback")
    assert [client.get(path).status_code for path in paths] == [307, 307, 429, 429]
