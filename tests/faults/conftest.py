"""Servers under test, with four workers unless a test says otherwise."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.servers.hanko_compat import HankoCompat
from tests.servers.redis import Redis
from tests.servers.run import Run
from tests.settings import settings_on

Starter = Callable[..., HankoCompat]


@pytest.fixture
def start(test_run: Run, database_url: str) -> Iterator[Starter]:
    """Start a server with a changed configuration: ``start({"email.require_verification": False})``."""
    servers: list[HankoCompat] = []

    def start_one(
        changes: dict[str, Any] | None = None, *, kind: type[HankoCompat] = HankoCompat, workers: int = 4
    ) -> HankoCompat:
        server = kind(test_run, settings_on(database_url, changes), workers=workers)
        servers.append(server)
        server.start()
        return server

    yield start_one
    for server in servers:
        server.remove()


@pytest.fixture
def on_redis(redis: Redis) -> dict[str, Any]:
    """The settings with which limits are counted there."""
    return {"rate_limiter.store": "redis", "rate_limiter.redis_config.address": f"127.0.0.1:{redis.port}"}
