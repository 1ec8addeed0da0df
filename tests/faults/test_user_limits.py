"""A user whom strangers locked out gets in again at once, at every worker, when an operator says so."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import bcrypt
import pytest

from hanko_compat.storage.engine.database import open_database
from tests import factories
from tests.cli.terminal import run
from tests.factories import make_account, make_password
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.servers.hanko_compat import HankoCompat
from tests.servers.redis import Redis

pytestmark = pytest.mark.servers

PASSWORD = "correct horse battery"
FROM_MANY = {
    "rate_limiter.enabled": True,
    "hanko_compat.limits.account": {"tokens": 6, "interval": "1h"},
    "hanko_compat.limits.hashing.queue": 30,
    "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
}


@pytest.fixture(params=["database", "redis"])
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Where is counted."""
    if request.param == "database":
        return FROM_MANY
    redis: Redis = request.getfixturevalue("redis")
    address = f"127.0.0.1:{redis.port}"
    return {**FROM_MANY, "rate_limiter.store": "redis", "rate_limiter.redis_config.address": address}


@pytest.fixture
def owner(database_url: str) -> Iterator[str]:
    database = factories.write_to(open_database(database_url))
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    user_id = make_account(address="alice@example.test").user_id
    make_password(user=user_id, password=hashed)
    yield str(user_id)
    database.close_all()


def log_in(server: HankoCompat, user_id: str, password: str, address: str) -> int:
    body = {"user_id": user_id, "password": password}
    return server.request("POST", "/password/login", body, X_Forwarded_For=address).status


def test_an_operator_lets_an_owner_in_at_every_worker(
    start: Starter, settings: dict[str, Any], owner: str
) -> None:
    server = start(settings)
    config = ("--config", str(server.config))
    guesses = [partial(log_in, server, owner, "wrong", f"198.51.100.{number}") for number in range(30)]
    assert Counter(at_once(guesses)) == {401: 6, 429: 24}
    assert [log_in(server, owner, PASSWORD, "203.0.113.7") for _ in range(4)] == [429] * 4

    shown = run("limits", "show", "--user", "alice@example.test", *config).stdout
    assert "6 of 6" in shown
    assert "hanko_compat.limits.account " in shown
    assert "198.51.100" not in shown
    assert run("limits", "reset", "--user", "alice@example.test", *config).exit_code == 0

    logins = [partial(log_in, server, owner, PASSWORD, f"203.0.113.{number}") for number in range(5)]
    assert at_once(logins) == [200] * 5
