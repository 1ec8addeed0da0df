"""Many sign-ups at one moment, over four workers."""

from collections import Counter

import pytest

from tests.faults import rows
from tests.faults.conftest import Starter
from tests.faults.load import sign_up_at_once

pytestmark = pytest.mark.servers

ONE_ADDRESS = ["alice@example.com"] * 50


def test_one_of_fifty_gets_a_verified_address(start: Starter, database_url: str) -> None:
    server = start({"email.require_verification": False})

    answers = sign_up_at_once(server, ONE_ADDRESS)

    assert Counter(answer.status for answer in answers) == {200: 1, 409: 49}
    assert rows.count_rows(database_url) == {"User": 1, "Email": 1, "PrimaryEmail": 1, "Session": 1}


def test_fifty_share_an_unverified_address(start: Starter, database_url: str) -> None:
    server = start({"email.require_verification": True})

    answers = sign_up_at_once(server, ONE_ADDRESS)

    assert Counter(answer.status for answer in answers) == {200: 50}
    assert len({answer.body["email_id"] for answer in answers}) == 1
    assert len({answer.body["id"] for answer in answers}) == 50
    assert rows.count_rows(database_url) == {"User": 50, "Email": 1, "PrimaryEmail": 0, "Session": 0}


def test_two_hundred_addresses_at_once(start: Starter, database_url: str) -> None:
    server = start({"email.require_verification": False})
    addresses = [f"user{number}@example.com" for number in range(200)]

    answers = sign_up_at_once(server, addresses)

    assert Counter(answer.status for answer in answers) == {200: 200}
    assert rows.complete_users(database_url) == set(addresses)
