"""Servers and browsers at one moment, over four workers: one store, one winner."""

from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest

from hanko_compat.storage.models import (
    Email,
    EmailValue,
    Identifier,
    PrimaryEmail,
    Session,
    User,
    Username,
    UserState,
)
from tests.backend.server import basic
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.faults.test_account_races import token_of
from tests.servers.hanko_compat import Answer, HankoCompat

pytestmark = pytest.mark.servers

EACH = 20
ADDRESS = "Jane@Example.test"
TABLES = (User, Email, EmailValue, PrimaryEmail, Identifier, Username, UserState, Session)


class Customer:
    """A server that calls ``/v2``."""

    def __init__(self, server: HankoCompat) -> None:
        self.server = server
        secret = server.create_secret()
        self.headers = basic(secret.project_id, secret.secret)

    def call(self, method: str, path: str, body: object = None) -> Answer:
        return self.server.request(method, f"/v2{path}", body, **self.headers)

    def user(self) -> str:
        return str(self.call("POST", "/users", {"status": "active"}).body["userID"])

    def add(self, user_id: str, value: str, type_: str = "email", status: str = "primary") -> Answer:
        body = {"identifierType": type_, "identifierValue": value, "status": status}
        return self.call("POST", f"/users/{user_id}/identifiers", body)

    def remove(self, user_id: str, identifier_id: str) -> Answer:
        return self.call("DELETE", f"/users/{user_id}/identifiers/{identifier_id}")

    def identifiers(self, user_id: str) -> list[dict[str, Any]]:
        found = self.call("GET", f"/identifiers?filter[]=userID:eq:{user_id}&pageSize=1000")
        assert found.status == 200
        listed: list[dict[str, Any]] = found.body["identifiers"]
        return listed

    def sign_up(self, address: str) -> Answer:
        """Ask at the public door."""
        return self.server.request("POST", "/users", {"email": address})


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def left(url: str) -> dict[str, int]:
    """The tables that have rows, and how many."""
    with rows.reading(url):
        counts = {table.__name__: table.select().count() for table in TABLES}
    return {name: number for name, number in counts.items() if number}


def test_one_door_gets_the_address(start: Starter, database_url: str) -> None:
    """Addresses are not verified: one server gets it, also from somebody who has just signed up with it."""
    customer = Customer(start({"email.require_verification": False}))
    users = [customer.user() for _ in range(EACH)]
    here: list[Callable[[], Answer]] = [lambda user=user: customer.add(user, ADDRESS) for user in users]
    there = [lambda: customer.sign_up(ADDRESS.upper())] * EACH

    answers = at_once([*chain.from_iterable(zip(here, there, strict=True))])

    assert statuses(answers[::2]) == {200: 1, 409: EACH - 1}
    assert statuses(answers[1::2])[200] <= 1
    assert statuses(answers[1::2]).keys() <= {200, 409}
    with rows.reading(database_url):
        (email,) = Email.select()
        assert (email.address, PrimaryEmail.get().email_id) == (ADDRESS.lower(), email.id)
        assert PrimaryEmail.get().user_id == email.user_id


def test_a_server_gives_its_user_an_address_for_which_others_wait(start: Starter, database_url: str) -> None:
    """Addresses are verified: a server's user has it, whoever waits to prove it theirs."""
    customer = Customer(start())
    users = [customer.user() for _ in range(EACH)]
    here: list[Callable[[], Answer]] = [lambda user=user: customer.add(user, ADDRESS) for user in users]
    there = [lambda: customer.sign_up(ADDRESS)] * EACH

    answers = at_once([*chain.from_iterable(zip(here, there, strict=True))])

    by_servers, by_browsers = statuses(answers[::2]), statuses(answers[1::2])
    assert (by_servers | by_browsers).keys() <= {200, 409}
    assert by_servers[200] == 1
    with rows.reading(database_url):
        (email,) = Email.select()
        assert email.user_id is not None


@pytest.mark.parametrize(
    ("type_", "value"), [("phone", "+491509123456"), ("username", "Jane"), ("email", ADDRESS)]
)
def test_one_user_gets_an_identifier(start: Starter, type_: str, value: str) -> None:
    customer = Customer(start())
    users = [customer.user() for _ in range(EACH)]
    if type_ == "username":
        for user in users[::2]:  # for them it is a further one, in another table
            assert customer.add(user, f"first of {user}", type_).status == 200

    answers = at_once(
        [
            lambda user=user, text=text: customer.add(user, text, type_)
            for user, text in zip(users, [value, value.swapcase()] * EACH, strict=False)
        ]
    )

    assert statuses(answers) == {200: 1, 409: EACH - 1}
    (winner,) = [answer.body for answer in answers if answer.status == 200]
    assert [each for each in customer.identifiers(winner["userID"]) if each["value"] == winner["value"]]


def test_identifiers_of_one_user_made_and_deleted_at_once(start: Starter, database_url: str) -> None:
    """All of them primary: each takes that from another, or leaves none."""
    customer = Customer(start())
    user = customer.user()
    kinds = {"email": "user{}@example.test", "phone": "+4915091234{:02}", "username": "User{}"}
    values = [(text.format(number), type_) for number in range(7) for type_, text in kinds.items()]

    made = at_once([lambda value=value: customer.add(user, *value) for value in values])

    assert statuses(made) == {200: len(values)}
    listed = customer.identifiers(user)
    assert {each["value"] for each in listed} == {value for value, _ in values}
    primary = Counter(each["type"] for each in listed if each["status"] == "primary")
    assert primary == {"email": 1, "phone": 1, "username": 1}

    ids = [answer.body["identifierID"] for answer in made]
    more = [(f"more{number}@example.test", "email") for number in range(5)]
    changes: list[Callable[[], Answer]] = [
        *(lambda key=key: customer.remove(user, key) for key in ids * 2),
        *(lambda value=value: customer.add(user, *value) for value in more),
    ]
    answers = at_once(changes)

    assert statuses(answers[: 2 * len(ids)]) == {200: len(ids), 400: len(ids)}
    assert statuses(answers[2 * len(ids) :]) == {200: len(more)}
    assert {each["value"] for each in customer.identifiers(user)} == {value for value, _ in more}
    assert left(database_url) == {"User": 1, "Email": len(more), "PrimaryEmail": 1}


def test_a_user_who_is_deleted_while_everything_is_added(start: Starter, database_url: str) -> None:
    customer = Customer(start())
    for _ in range(5):
        delete_while_adding(customer, customer.user())
        assert left(database_url) == {}


def delete_while_adding(customer: Customer, user: str) -> None:
    addresses = [(f"{user}-{number}@example.test", "email") for number in range(8)]
    names = [(f"{user}-{number}", "username") for number in range(4)]
    adding: list[Callable[[], Answer]] = [
        *(lambda value=value: customer.add(user, *value) for value in addresses + names),
        *(
            lambda status=status: customer.call("PATCH", f"/users/{user}", {"status": status})
            for status in ("disabled", "active", "pending")
        ),
    ]
    deleting = [lambda: customer.call("DELETE", f"/users/{user}")] * 3

    answers = at_once([*adding[:6], *deleting, *adding[6:]])

    assert statuses(answers).keys() <= {200, 400}, [each.body for each in answers if each.status > 400]
    assert statuses(answers[6:9]) == {200: 1, 400: 2}


def test_who_is_disabled_has_no_session_however_it_races(start: Starter, database_url: str) -> None:
    """Log-ins under way end with none, at every process."""
    customer = Customer(start({"email.require_verification": False, "session.limit": 100}))
    signed_up = customer.sign_up(ADDRESS)
    user, password = signed_up.body["user_id"], "correct horse"
    headers = {"Authorization": f"Bearer {token_of(signed_up)}"}
    set_ = customer.server.request("PUT", "/password", {"user_id": user, "password": password}, **headers)
    assert set_.status == 201
    log_in = {"user_id": user, "password": password}

    answers = at_once(
        [
            *[lambda: customer.server.request("POST", "/password/login", log_in)] * 6,
            lambda: customer.call("PATCH", f"/users/{user}", {"status": "disabled"}),
        ]
    )

    assert answers[-1].status == 200
    assert statuses(answers[:-1]).keys() <= {200, 401, 403, 503}
    tokens = [token_of(answer) for answer in answers[:-1] if answer.status == 200]
    for token in [token_of(signed_up), *tokens] * 4:
        headers = {"Authorization": f"Bearer {token}"}
        assert customer.server.request("GET", "/me", **headers).status == 401
    assert "Session" not in left(database_url)
    assert customer.call("GET", "/sessions").body["paging"]["totalItems"] == 0


@pytest.mark.parametrize("target", ["//v2/users", "/%76%32/users", "/v2/./users", "/v2/users/"])
def test_another_spelling_of_a_path_is_another_path(start: Starter, target: str) -> None:
    customer = Customer(start(workers=1))
    assert customer.server.request("GET", target, **customer.headers).status == 404
