"""Guessing and mail bombing over HTTP."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import make_account, make_email, make_passcode, make_user

ON = {"rate_limiter.enabled": True, "hanko_compat.limits.account.tokens": 4}
PROXY = {"hanko_compat.trusted_proxies": ["127.0.0.1/32"]}
ROTATING = ("X-Forwarded-For", "X-Real-IP", "Forwarded")

Maker = Callable[..., Flask]


def guess_password(client: FlaskClient, user_id: UUID | str, **headers: str) -> int:
    body = {"user_id": str(user_id), "password": "wrong horse"}
    return client.post("/password/login", json=body, headers=headers).status_code


def guess_passcode(client: FlaskClient, passcode_id: UUID, **headers: str) -> int:
    body = {"id": str(passcode_id), "code": "000000"}
    return client.post("/passcode/login/finalize", json=body, headers=headers).status_code


def ask_for_mail(client: FlaskClient, user_id: str, email_id: str, **headers: str) -> int:
    body = {"user_id": user_id, "email_id": email_id}
    return client.post("/passcode/login/initialize", json=body, headers=headers).status_code


def sign_up(client: FlaskClient, address: str) -> dict[str, str]:
    return client.post("/users", json={"email": address}).json


@pytest.mark.parametrize("name", ROTATING)
def test_invented_addresses_gain_no_tokens(make_app: Maker, name: str) -> None:
    client = make_app({**ON, "hanko_compat.limits.lookup.tokens": 3}).test_client()
    value = "for=198.51.100.{}" if name == "Forwarded" else "198.51.100.{}"
    answers = [
        client.post("/user", json={"email": "a@example.test"}, headers={name: value.format(number)})
        for number in range(20)
    ]
    assert [answer.status_code for answer in answers] == [404] * 3 + [429] * 17


def test_nor_behind_a_proxy_which_appends_what_it_saw(make_app: Maker) -> None:
    client = make_app({**ON, **PROXY, "hanko_compat.limits.lookup.tokens": 3}).test_client()

    def look_up(forwarded_for: str) -> int:
        headers = {"X-Forwarded-For": forwarded_for}
        return client.post("/user", json={"email": "a@example.test"}, headers=headers).status_code

    assert [look_up(f"198.51.100.{number}, 203.0.113.7") for number in range(5)] == [404] * 3 + [429] * 2
    assert look_up("203.0.113.7, 203.0.113.8") == 404


def test_one_account_whatever_its_id_looks_like(make_app: Maker) -> None:
    client = make_app({"rate_limiter.enabled": True}).test_client()
    user_id = str(make_account().user_id)
    guesses = [guess_password(client, text) for text in (user_id, user_id.upper()) * 8]
    assert Counter(guesses) == {401: 5, 400: 8, 429: 3}  # upper case is no id, and not counted


def test_one_account_whoever_asks_and_whatever_is_guessed(make_app: Maker) -> None:
    client = make_app({**ON, **PROXY}).test_client()
    email = make_account()
    alias = make_email(user=email.user_id, verified=True)
    passcodes = [make_passcode(user=email.user_id, email=address) for address in (email, alias)]
    guesses = [
        *(guess_password(client, email.user_id, X_Forwarded_For=f"198.51.100.{n}") for n in range(2)),
        *(guess_passcode(client, passcode.id) for passcode in passcodes),
        *(guess_password(client, email.user_id, X_Forwarded_For=f"198.51.100.{n}") for n in range(2, 9)),
        *(guess_passcode(client, passcode.id) for passcode in passcodes),
    ]
    assert Counter(guesses) == {401: 4, 429: 9}
    assert guess_password(client, make_account().user_id, X_Forwarded_For="198.51.100.0") == 401


def test_one_address_in_many_accounts(make_app: Maker) -> None:
    """Whoever would prove somebody else's address may claim it in any number of accounts."""
    sums = {"account": {"first_day": 6, "further_days": 1}, "notice_after": 6}
    sums |= {"account_and_client": {"first_day": 3, "further_days": 1}}
    client = make_app(
        {"rate_limiter.enabled": True, **PROXY, "hanko_compat.limits.wrong_guesses": sums}
    ).test_client()
    email = make_email(user=None, address="victim@example.test", verified=False)
    guesses = [
        guess_passcode(
            client, make_passcode(user=make_user(), email=email).id, X_Forwarded_For=f"198.51.100.{number}"
        )
        for number in range(9)
    ]
    assert guesses == [401] * 6 + [429] * 3
    # An address that is proved already is of one account only, and counted there.
    proved = make_account()
    assert guess_passcode(client, make_passcode(user=proved.user_id, email=proved).id) == 401


def test_many_users_for_one_address_get_few_mails(make_app: Maker) -> None:
    client = make_app({**ON, **PROXY}).test_client(use_cookies=False)
    answers = []
    for number in range(12):
        user = sign_up(client, ("victim@example.test", "Victim@Example.Test")[number % 2])
        client_address = f"198.51.100.{number}"
        answers.append(ask_for_mail(client, user["id"], user["email_id"], X_Forwarded_For=client_address))
    assert answers == [200] * 6 + [429] * 6


def test_one_client_causes_few_mails(make_app: Maker) -> None:
    app = make_app({**ON, "hanko_compat.limits.mail_per_client.tokens": 5})
    client = app.test_client(use_cookies=False)
    users = [sign_up(client, f"user{number}@example.test") for number in range(8)]
    answers = [ask_for_mail(client, user["id"], user["email_id"]) for user in users]
    assert answers == [200] * 5 + [429] * 3


def test_the_whole_installation_sends_no_more_than_its_mail_server_takes(make_app: Maker) -> None:
    client = make_app({**ON, **PROXY, "hanko_compat.limits.mail_in_total.tokens": 5}).test_client()
    answers = []
    for number in range(8):
        user = sign_up(client, f"user{number}@example.test")
        client_address = f"198.51.100.{number}"
        answers.append(ask_for_mail(client, user["id"], user["email_id"], X_Forwarded_For=client_address))
    assert answers == [200] * 5 + [429] * 3
