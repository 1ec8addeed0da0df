"""Passwords and addresses changed many times at one moment, over four workers."""

from collections import Counter

import pytest

from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.servers.hanko_compat import Answer, HankoCompat

pytestmark = pytest.mark.servers

WITH_SESSION = {"email.require_verification": False}
GOOD = "correct horse"


class Caller:
    """A user who signed up at *server*, with a session."""

    def __init__(self, server: HankoCompat, address: str) -> None:
        self.server = server
        answer = server.request("POST", "/users", {"email": address})
        self.user_id = answer.body["user_id"]
        self.token = token_of(answer)

    def send(self, method: str, path: str, body: object = None, *, token: str | None = None) -> Answer:
        """Send a request with the user's session, or another one."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.server.request(method, path, body, **headers)

    def set_password(self, password: str, *, token: str | None = None) -> Answer:
        """Ask for a new password."""
        return self.send("PUT", "/password", {"user_id": self.user_id, "password": password}, token=token)

    def log_in(self, password: str) -> Answer:
        """Ask for a session."""
        body = {"user_id": self.user_id, "password": password}
        return self.server.request("POST", "/password/login", body)


def token_of(answer: Answer) -> str:
    """The session token that an answer hands out."""
    cookies = [line for line in answer.headers.get_all("Set-Cookie") if line.startswith("hanko=")]
    return cookies[0].partition("=")[2].partition(";")[0]


def test_no_more_addresses_than_are_allowed(start: Starter) -> None:
    alice = Caller(start({**WITH_SESSION, "email.limit": 3}), "alice@example.com")
    bodies = [{"address": f"more{number}@example.com"} for number in range(20)]

    answers = at_once([lambda body=body: alice.send("POST", "/emails", body) for body in bodies])

    assert Counter(answer.status for answer in answers) == {200: 2, 409: 18}
    assert len(alice.send("GET", "/emails").body) == 3


def test_one_of_many_users_gets_an_address(start: Starter) -> None:
    server = start(WITH_SESSION)
    users = [Caller(server, f"user{number}@example.com") for number in range(12)]
    wanted = {"address": "wanted@example.com"}

    answers = at_once([lambda user=user: user.send("POST", "/emails", wanted) for user in users])

    assert Counter(answer.status for answer in answers) == {200: 1, 400: 11}
    assert sum(len(user.send("GET", "/emails").body) for user in users) == 13


def test_one_of_two_sessions_changes_the_password(start: Starter) -> None:
    alice = Caller(start(WITH_SESSION), "alice@example.com")
    assert alice.set_password(GOOD).status == 201
    tokens = [alice.token, token_of(alice.log_in(GOOD))]
    passwords = ["the first of two", "the second of two"]

    answers = at_once(
        [
            lambda token=token, password=password: alice.set_password(password, token=token)
            for token, password in zip(tokens, passwords, strict=True)
        ]
    )

    statuses = [answer.status for answer in answers]
    assert sorted(statuses) == [200, 401]
    winner = statuses.index(200)
    lives = [alice.send("GET", "/me", token=token).status == 200 for token in tokens]
    assert lives == [winner == 0, winner == 1]
    assert [alice.log_in(password).status for password in (GOOD, *passwords)] == [
        401,
        *(200 if index == winner else 401 for index in range(2)),
    ]


def test_no_session_of_the_old_password_outlives_its_change(start: Starter) -> None:
    # All seven may fall on one worker, and none of them may be turned away by its queue.
    settings = {**WITH_SESSION, "session.limit": 50, "hanko_compat.limits.hashing.queue": 7}
    alice = Caller(start(settings), "alice@example.com")
    assert alice.set_password(GOOD).status == 201

    answers = at_once([lambda: alice.set_password("another horse")] + [lambda: alice.log_in(GOOD)] * 6)

    assert answers[0].status == 200
    assert {answer.status for answer in answers[1:]} <= {200, 401}
    for answer in answers[1:]:
        if answer.status == 200:
            assert alice.send("GET", "/me", token=token_of(answer)).status == 401
    assert alice.send("GET", "/me").status == 200
