"""One client tries passwords and passcodes at many accounts, over HTTP."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hanko_compat.hashing import bcrypt
from hanko_compat.storage.models import RateLimit
from tests.factories import make_account, make_passcode, make_password
from tests.hashes import observed_checks

ON = {
    "rate_limiter.enabled": True,
    "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
    "hanko_compat.limits.login_per_client.tokens": 4,
}
GOOD, CODE = "correct horse", "123456"
ATTACKER, NEIGHBOUR, OWNER = "2001:db8:1:2::66", "2001:db8:1:2::77", "198.51.100.7"

Maker = Callable[..., Flask]


@pytest.fixture
def client(make_app: Maker) -> FlaskClient:
    return make_app(ON).test_client()


def log_in(client: FlaskClient, address: str, *, user_id: UUID, password: str = "wrong horse") -> int:
    body = {"user_id": str(user_id), "password": password}
    headers = {"X-Forwarded-For": address}
    return client.post("/password/login", json=body, headers=headers).status_code


def finalize(client: FlaskClient, address: str, *, passcode_id: UUID, code: str = "000000") -> int:
    body, headers = {"id": str(passcode_id), "code": code}, {"X-Forwarded-For": address}
    return client.post("/passcode/login/finalize", json=body, headers=headers).status_code


def test_passwords_of_many_accounts_are_counted_together(client: FlaskClient) -> None:
    with observed_checks() as hashes:
        answers = [log_in(client, ATTACKER, user_id=uuid4()) for _ in range(9)]
    assert answers == [401] * 4 + [429] * 5
    assert len(hashes) == 4


def test_passcodes_count_with_them_the_unknown_ones_too(client: FlaskClient) -> None:
    assert log_in(client, ATTACKER, user_id=uuid4()) == 401
    known = make_passcode()
    with observed_checks() as hashes:
        answers = [finalize(client, ATTACKER, passcode_id=uuid4()) for _ in range(2)]
        answers += [finalize(client, ATTACKER, passcode_id=known.id) for _ in range(3)]
    assert answers == [401, 401, 401, 429, 429]
    assert len(hashes) == 3
    assert finalize(client, OWNER, passcode_id=known.id, code=CODE) == 200


def test_others_are_not_kept_out_and_neighbours_are(client: FlaskClient) -> None:
    alice = make_account()
    make_password(user=alice.user_id, password=bcrypt.create(GOOD, cost=4))
    assert {log_in(client, ATTACKER, user_id=uuid4()) for _ in range(9)} == {401, 429}
    assert log_in(client, NEIGHBOUR, user_id=alice.user_id, password=GOOD) == 429
    assert log_in(client, OWNER, user_id=alice.user_id, password=GOOD) == 200


def test_what_is_refused_takes_nothing_from_an_account_and_leaves_no_row(client: FlaskClient) -> None:
    for _ in range(5):  # the first that is refused leaves a row: that an operator was told
        log_in(client, ATTACKER, user_id=uuid4())
    with client.application.extensions["hanko_compat"].database.connection():
        before = RateLimit.select().count()
    answers = {log_in(client, ATTACKER, user_id=uuid4()) for _ in range(20)}
    with client.application.extensions["hanko_compat"].database.connection():
        assert RateLimit.select().count() == before
    assert answers == {429}


def test_the_refusal_has_the_usual_form(client: FlaskClient) -> None:
    for _ in range(4):
        log_in(client, ATTACKER, user_id=uuid4())
    body, headers = {"user_id": str(uuid4()), "password": GOOD}, {"X-Forwarded-For": ATTACKER}
    refused = client.post("/password/login", json=body, headers=headers)
    assert refused.status_code == 429
    assert refused.json == {"code": 429, "message": "Too Many Requests"}
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    told = {name: refused.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")}
    assert told == {"Limit": "4", "Remaining": "0", "Reset": refused.headers["Retry-After"]}


def test_a_minute_later_the_client_may_try_again(client: FlaskClient, clock) -> None:
    assert {log_in(client, ATTACKER, user_id=uuid4()) for _ in range(5)} == {401, 429}
    clock.advance(seconds=60)
    assert log_in(client, ATTACKER, user_id=uuid4()) == 401


def test_without_limits_nothing_is_counted(make_app: Maker) -> None:
    client = make_app({**ON, "rate_limiter.enabled": False}).test_client()
    assert {log_in(client, ATTACKER, user_id=uuid4()) for _ in range(9)} == {401}
