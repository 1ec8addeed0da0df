"""Limits hold for all workers together, and a lost Redis stops nobody."""

from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import RateLimit
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.servers.hanko_compat import HankoCompat, PatientWithRedis, UnderGunicorn, wait_until
from tests.servers.redis import Redis

pytestmark = pytest.mark.servers

LIMITED = {"rate_limiter.enabled": True, "hanko_compat.limits.lookup": {"tokens": 5, "interval": "1h"}}
BOTH_KINDS = pytest.mark.parametrize("kind", [HankoCompat, UnderGunicorn])


def statuses(server: HankoCompat, requests: list[tuple[str, dict[str, str], dict[str, str]]]) -> Counter[int]:
    """How often each status comes back when all *requests* (path, body, headers) are sent at once."""
    answers = at_once(
        [partial(server.request, "POST", path, body, **headers) for path, body, headers in requests]
    )
    return Counter(answer.status for answer in answers)


def look_up(server: HankoCompat, times: int) -> Counter[int]:
    """Ask about an address, each time as somebody else as far as headers can tell."""
    return statuses(
        server,
        [
            (
                "/user",
                {"email": "alice@example.com"},
                {
                    "X_Forwarded_For": f"198.51.100.{number}",
                    "X_Real_IP": f"198.51.100.{number}",
                    "Forwarded": f"for=198.51.100.{number}",
                },
            )
            for number in range(times)
        ],
    )


def rows(database_url: str) -> int:
    database = open_database(database_url)
    try:
        with database.connection():
            return RateLimit.select().where(RateLimit.name.startswith("lookup:")).count()
    finally:
        database.close_all()


@BOTH_KINDS
def test_four_workers_count_together(start: Starter, database_url: str, kind: type[HankoCompat]) -> None:
    server = start(LIMITED, kind=kind)

    assert look_up(server, 40) == {404: 5, 429: 35}
    assert rows(database_url) == 1


def test_four_workers_count_the_guesses_at_one_account(start: Starter) -> None:
    server = start(
        {
            "rate_limiter.enabled": True,
            "hanko_compat.limits.account": {"tokens": 6, "interval": "1h"},
            "hanko_compat.limits.hashing.queue": 6,  # the six may all fall on one worker
            "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
        }
    )
    guess = {"user_id": str(uuid4()), "password": "wrong horse"}

    answers = statuses(
        server,
        [("/password/login", guess, {"X_Forwarded_For": f"198.51.100.{number}"}) for number in range(30)],
    )

    assert answers == {401: 6, 429: 24}


def test_one_worker_counts_by_itself(start: Starter, database_url: str) -> None:
    server = start(LIMITED, workers=1)

    assert look_up(server, 20) == {404: 5, 429: 15}
    assert rows(database_url) == 0


@pytest.mark.slow
def test_without_redis_each_worker_counts_until_it_is_back(
    start: Starter, redis: Redis, on_redis: dict[str, Any]
) -> None:
    server = start({**LIMITED, **on_redis}, kind=PatientWithRedis)
    assert look_up(server, 40) == {404: 5, 429: 35}
    assert lost(server) == 0

    redis.kill()
    answers = look_up(server, 40)
    assert set(answers) <= {404, 429}
    assert 5 <= answers[404] <= 20
    assert 1 <= lost(server) <= 4

    redis.start()
    wait_until(
        lambda: look_up(server, 20) == {429: 20} and back(server) == lost(server), why=server.log.read_text
    )
    assert look_up(server, 40) == {429: 40}


def lost(server: HankoCompat) -> int:
    return server.log.read_text().count("rate_limit_store_lost")


def back(server: HankoCompat) -> int:
    return server.log.read_text().count("rate_limit_store_back")
