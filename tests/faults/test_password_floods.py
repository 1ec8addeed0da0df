"""One client floods four workers with passwords, and the others log in all the same."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.faults.test_account_races import GOOD, Caller
from tests.servers.hanko_compat import HankoCompat, wait_until
from tests.servers.process import PATIENCE

pytestmark = pytest.mark.servers

BEHIND_PROXY = {
    "email.require_verification": False,
    "rate_limiter.enabled": True,
    "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
}
NO_LIMIT = {
    "hanko_compat.limits.login_per_client.tokens": 1_000_000,
    "hanko_compat.limits.wrong_guesses.client.first_day": 1_000_000,
}
ATTACKER = "198.51.100.66"
FLOODERS = 28  # at a time; with two CPUs four workers have places for 24


def guess(server: HankoCompat) -> int:
    """Try a password of a user that nobody knows, as the attacker."""
    body = {"user_id": str(uuid4()), "password": "wrong horse"}
    return server.request("POST", "/password/login", body, X_Forwarded_For=ATTACKER).status


@contextmanager
def flood(server: HankoCompat) -> Iterator[Counter[int]]:
    """Keep the server busy during the block; what is yielded counts the answers. It is killed at the end."""
    over, answers = Event(), Counter[int]()

    def guess_on() -> None:
        while not over.is_set():
            try:
                answers[guess(server)] += 1
            except (OSError, HTTPException):
                if not over.is_set():
                    raise

    with ThreadPoolExecutor(FLOODERS) as pool:
        calls = [pool.submit(guess_on) for _ in range(FLOODERS)]
        try:
            wait_until(lambda: answers[503] > 2, why=lambda: f"no flood: {answers}")
            yield answers
        finally:
            over.set()
            server.kill_all()  # or it would go on hashing for those who wait, at a low priority
    for call in calls:
        call.result(PATIENCE)


@pytest.fixture(params=["database", "redis"])
def store(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings of the place where limits are counted."""
    return request.getfixturevalue("on_redis") if request.param == "redis" else {}


def test_others_log_in_while_one_client_has_all_places(start: Starter) -> None:
    server = start(BEHIND_PROXY | NO_LIMIT)
    others = [Caller(server, f"user{number}@example.com") for number in range(2)]
    for each in others:
        assert each.set_password(GOOD).status == 201

    with flood(server) as answers:
        statuses = [
            server.request(
                "POST",
                "/password/login",
                {"user_id": each.user_id, "password": GOOD},
                X_Forwarded_For=f"203.0.113.{number}",
            ).status
            for number, each in enumerate(others)
        ]

    assert statuses == [200] * len(others)
    assert set(answers) == {401, 503}


def test_four_workers_count_what_a_client_tries_at_all_accounts(
    start: Starter, store: dict[str, Any]
) -> None:
    few = {"tokens": 5, "interval": "1h"}
    server = start(BEHIND_PROXY | store | {"hanko_compat.limits.login_per_client": few})

    answers = Counter(at_once([partial(guess, server)] * 30))

    assert answers == {401: 5, 429: 25}
