"""Users of a Hanko whose address has a form that is not taken any more log in as they did there."""

import re

import pytest

from hanko_compat.hashing import bcrypt
from hanko_compat.storage.models import Email, User
from tests.calls import CALLER
from tests.factories import make_account, make_email, make_passcode, make_password
from tests.sessions import issue_session

pytestmark = pytest.mark.every_case

LONGEST = "y" * 241 + "@example.test"
HAVE = [
    '"a b"@example.test',
    '"a\\\\\\"b"@example.test',
    '"quoted"@example.test',
    "a@\uff45xample.test",
    "a@exa\u00admple.test",
    "a@example\u3002co.test",
    "a@foo~bar.test",
    "a@" + "d" * 70 + ".test",
    "jose\u0301@example.test",
    LONGEST + "z",
]
GOOD = "correct horse"
HASH = bcrypt.create(GOOD, cost=4)
TOO_LONG = "{} must be a maximum of {} characters in length"
each_address = pytest.mark.parametrize("address", HAVE, ids=lambda address: ascii(address)[:30])


def services_of(client):
    return client.application.extensions["hanko_compat"]


def rows(client):
    with services_of(client).database.connection():
        return [table.select().count() for table in (User, Email)]


def add(client, address, headers):
    answer = client.post("/emails", json={"address": address}, headers=headers)
    return answer.status_code, answer.json["message"]


@each_address
def test_a_user_is_found_and_logs_in_by_passcode(client, inbox, address):
    email = make_account(address=address)
    found = client.post("/user", json={"email": address.upper() if address.isascii() else address})
    assert (found.status_code, found.json["id"]) == (200, str(email.user_id))
    body = {"user_id": found.json["id"], "email_id": found.json["email_id"]}
    started = client.post("/passcode/login/initialize", json=body)
    assert started.status_code == 200
    (mail,) = inbox.messages()
    code = re.search(r"\b[0-9]{6}\b", mail["Subject"])[0]
    finished = client.post("/passcode/login/finalize", json={"id": started.json["id"], "code": code})
    assert finished.status_code == 200


@each_address
def test_a_user_logs_in_by_password(client, address):
    user_id = make_account(address=address).user_id
    make_password(user=user_id, password=HASH)
    answer = client.post("/password/login", json={"user_id": str(user_id), "password": GOOD})
    assert answer.status_code == 200
    token = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    me = client.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert [email["address"] for email in me.json["emails"]] == [address]


@each_address
def test_the_address_is_taken(client, address):
    owner, other = make_account(address=address), make_account()
    before = rows(client)
    assert client.post("/users", json={"email": address}).status_code == 409
    for user_id in (owner.user_id, other.user_id):
        token = issue_session(services_of(client), user_id, client=CALLER).token
        assert add(client, address, {"Authorization": f"Bearer {token}"}) == (400, "Bad Request")
    assert rows(client) == before


@each_address
def test_a_sign_up_that_began_elsewhere_ends_here(client, address):
    waiting = make_email(user=None, verified=False, address=address)
    answer = client.post("/users", json={"email": address})
    assert (answer.status_code, answer.json["email_id"]) == (200, str(waiting.id))
    passcode = make_passcode(user=answer.json["id"], email=waiting)
    body = {"id": str(passcode.id), "code": "123456"}
    assert client.post("/passcode/login/finalize", json=body).status_code == 200


@each_address
def test_nobody_else_gets_such_an_address(client, address):
    token = issue_session(services_of(client), make_account().user_id, client=CALLER).token
    before = rows(client)
    for name, answer in (
        ("email", client.post("/users", json={"email": address})),
        (
            "address",
            client.post("/emails", json={"address": address}, headers={"Authorization": f"Bearer {token}"}),
        ),
    ):
        wrong = f"{name} must be a valid email address"
        message = TOO_LONG.format(name, 120) if len(address) > 120 else wrong
        assert (answer.status_code, answer.json["message"]) == (400, message)
    assert client.post("/user", json={"email": address}).status_code == 404
    assert rows(client) == before


@pytest.mark.parametrize("length", [256, 10_000])
def test_an_address_that_fits_no_column_is_nobodys(client, length):
    address = "@example.test".rjust(length, "x")
    assert client.post("/user", json={"email": address}).status_code == 404
    answer = client.post("/users", json={"email": address})
    assert (answer.status_code, answer.json["message"]) == (400, TOO_LONG.format("email", 120))


@pytest.mark.parametrize(
    "text", ["x" * 255, "x" * 256, "@" * 300, "x" * 300 + "@example", "a@b." + "x@" * 500]
)
@pytest.mark.parametrize("path", ["/users", "/user"])
def test_a_long_text_that_is_no_address_is_told_so(client, path, text):
    answer = client.post(path, json={"email": text})
    assert (answer.status_code, answer.json["message"]) == (400, "email must be a valid email address")


def test_look_alikes_are_not_each_other(client):
    make_account(address="a@example.test")
    for address in ("a@\uff45xample.test", "a@exa\u00admple.test", '"a"@example.test'):
        assert client.post("/user", json={"email": address}).status_code == 404
