"""Challenges over four workers: guessed at all at once, and kept over a crash."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from hanko_compat.storage.models import Challenge
from tests.backend.server import basic
from tests.backend.test_challenges import ADDRESS, COMPLETED, EXPIRED, NUMBER, WRONG, body, other_than
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.gateway import HttpGateway
from tests.servers.hanko_compat import Answer, HankoCompat

pytestmark = pytest.mark.servers

SMS = "hanko_compat.backend_api.sms"


class Backend:
    """A customer's server, with a user that has an address and a number."""

    def __init__(self, server: HankoCompat) -> None:
        self.server = server
        secret = server.create_secret()
        self.headers = basic(secret.project_id, secret.secret)
        self.user_id = self.call("POST", "", {"status": "active"}).body["userID"]
        for type_, value in (("email", ADDRESS), ("phone", NUMBER)):
            new = {"identifierType": type_, "identifierValue": value, "status": "pending"}
            assert self.call("POST", f"/{self.user_id}/identifiers", new).status == 200

    def call(self, method: str, path: str, sent: Any) -> Answer:
        return self.server.request(method, f"/v2/users{path}", sent, **self.headers)

    def challenge(self, **changes: str) -> dict[str, Any]:
        answer = self.call("POST", f"/{self.user_id}/challenges", body(**changes))
        assert answer.status == 200, answer.body
        made: dict[str, Any] = answer.body
        return made

    def verify_at_once(self, made: dict[str, Any], codes: list[str]) -> list[Answer]:
        path = f"/{self.user_id}/challenges/{made['challengeID']}"
        return at_once([partial(self.call, "PATCH", path, {"value": code}) for code in codes])


def told(answers: list[Answer]) -> Counter[tuple[str, str]]:
    """What the refused ones were told."""
    refused = [answer.body["error"]["validation"] for answer in answers if answer.status == 400]
    return Counter((each["field"], each["message"]) for validation in refused for each in validation)


def stored(url: str) -> list[tuple[str, int]]:
    with rows.reading(url):
        return [(row.status, row.tries) for row in Challenge.select()]


@pytest.fixture
def backend(start: Starter) -> Backend:
    return Backend(start({"email_delivery.enabled": False}))


def test_of_fifty_wrong_codes_at_most_three_are_evaluated(backend: Backend, database_url: str) -> None:
    made = backend.challenge()
    answers = backend.verify_at_once(made, [other_than(made["value"])] * 50)
    assert told(answers) == dict.fromkeys(WRONG, 3) | dict.fromkeys(EXPIRED, 47)
    assert stored(database_url) == [("expired", 3)]


def test_of_twenty_right_codes_one_completes(backend: Backend, database_url: str) -> None:
    made = backend.challenge()
    answers = backend.verify_at_once(made, [made["value"]] * 20)
    assert Counter(answer.status for answer in answers) == {200: 1, 400: 19}
    assert told(answers).keys() <= COMPLETED | EXPIRED
    ((status, tries),) = stored(database_url)
    assert status == "completed"
    assert 1 <= tries <= 3


@pytest.fixture
def gateway() -> Iterator[HttpGateway]:
    with HttpGateway(status=503) as gateway:
        yield gateway


@pytest.mark.one_database  # the outbox is tried on each by its own tests
def test_a_code_for_a_phone_survives_a_crash(start: Starter, gateway: HttpGateway) -> None:
    server = start(
        {
            "email_delivery.enabled": False,
            f"{SMS}.url": gateway.url,
            f"{SMS}.private_networks": ["127.0.0.0/8"],
        }
    )
    backend = Backend(server)
    made = backend.challenge(value=NUMBER, type_="sms_otp")
    gateway.wait_for(1)
    server.kill_all()
    gateway.status = 200
    known = len(gateway.received)
    server.start()
    message = gateway.wait_for(known + 1)[-1]
    assert json.loads(message.body)["to"] == NUMBER
    assert made["value"] in json.loads(message.body)["text"]
    (answer,) = backend.verify_at_once(made, [made["value"]])
    assert (answer.status, answer.body["status"]) == (200, "completed")
