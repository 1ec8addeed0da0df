"""A limit that strikes shows in a metric, in the log and in the audit log, and the answer stays 429."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from hanko_compat.client import Client
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.services.events import Event, Events
from hanko_compat.services.rate_limits.rate_limits import Limit, Refused
from hanko_compat.services.rate_limits.refusals import RefusalAudit
from hanko_compat.services.rate_limits.storages import MemoryStorage
from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.models import AuditLog
from hanko_compat.wiring import Services
from tests.clock import FakeClock
from tests.factories import make_account
from tests.queries import recorded_queries

Make = Callable[..., Services]
ON = {"rate_limiter.enabled": True, "audit_log.storage.enabled": True}
EVENT = "rate_limited"


@pytest.fixture
def services(make_services: Make) -> Services:
    return make_services(ON)


@pytest.fixture
def alice(services: Services) -> UUID:
    return make_account().user_id  # type: ignore[no-any-return]


def caller(address: str = "203.0.113.7") -> Client:
    return Client(ip_address=address, user_agent="test", request_id="request-1")


def refusals(take: Callable[..., Any], *args: Any, attempts: int) -> int:
    refused = 0
    for _ in range(attempts):
        try:
            take(*args)
        except RateLimited:
            refused += 1
    return refused


def rows(services: Services) -> list[AuditLog]:
    with services.database.connection():
        return list(AuditLog.select().where(AuditLog.type == EVENT).order_by(AuditLog.created_at))


def test_the_first_refusal_is_an_event_with_user_and_limit(services: Services, alice: UUID) -> None:
    assert refusals(services.rate_limits.password, alice, caller(), attempts=5) == 0
    assert rows(services) == []
    assert refusals(services.rate_limits.password, alice, caller(), attempts=50) == 50
    (row,) = rows(services)
    assert (row.actor_user_id, row.meta_source_ip, row.error) == (alice, "203.0.113.7", "rate limit exceeded")
    assert row.details == '{"limit":"password","retry_after":60,"setting":"rate_limiter.password_limits"}'


def test_a_flood_from_many_addresses_is_one_event_in_each_window(
    services: Services, alice: UUID, clock: FakeClock
) -> None:
    for _ in range(2):
        for number in range(30):
            refusals(services.rate_limits.password, alice, caller(f"198.51.100.{number}"), attempts=6)
        clock.advance(seconds=60)
    assert [row.actor_user_id for row in rows(services)] == [alice, alice]


def test_each_limit_and_user_has_an_event_of_its_own(services: Services, alice: UUID) -> None:
    bob = make_account().user_id
    for user_id in (alice, bob):
        refusals(services.rate_limits.password, user_id, caller(), attempts=6)
        refusals(services.rate_limits.passcode, user_id, caller(), attempts=6)
    found = {(row.actor_user_id, row.details.split(",")[0]) for row in rows(services)}
    limits = ('{"limit":"passcode"', '{"limit":"password"')
    assert found == {(user_id, limit) for user_id in (alice, bob) for limit in limits}
    assert len(rows(services)) == 4


def test_a_limit_of_a_client_has_an_event_for_each_client(services: Services) -> None:
    for address in ("203.0.113.7", "203.0.113.8"):
        refusals(services.rate_limits.sign_up, caller(address), attempts=70)
    found = sorted((row.meta_source_ip, row.actor_user_id) for row in rows(services))
    assert found == [("203.0.113.7", None), ("203.0.113.8", None)]


def test_a_client_that_makes_users_up_fills_no_table(make_services: Make) -> None:
    services = make_services({**ON, "hanko_compat.limits.login_per_client.tokens": 150})
    refused = 0
    for _ in range(200):
        try:
            services.rate_limits.log_in(user_id := uuid4(), caller())
            with services.guesses.by_client(user_id, caller()) as guess:
                guess.take()
                guess.note_wrong()
        except RateLimited:
            refused += 1
    assert refused == 100
    found = sorted((row.details.split('"')[3], row.actor_user_id) for row in rows(services))
    assert found == [("guesses_client", None), ("login_per_client", None)]


def test_a_user_that_a_caller_made_up_is_not_named(services: Services) -> None:
    refusals(services.rate_limits.password, uuid4(), caller(), attempts=6)
    (row,) = rows(services)
    assert row.actor_user_id is None


def test_log_and_metric_tell_of_it_without_user_and_client(
    services: Services, alice: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        refusals(services.rate_limits.password, alice, caller(), attempts=20)
    (line,) = (record for record in caplog.records if record.getMessage() == "rate_limited")
    assert (vars(line)["limit"], vars(line)["setting"]) == ("password", "rate_limiter.password_limits")
    assert not {str(alice), "203.0.113.7"} & set(map(str, vars(line).values()))
    sample = services.metrics.registry.get_sample_value
    assert sample("hanko_compat_rate_limited_total", {"limit": "password"}) == 15


def test_a_later_refusal_writes_nothing(services: Services, alice: UUID) -> None:
    refusals(services.rate_limits.password, alice, caller(), attempts=6)
    with recorded_queries() as statements:
        assert refusals(services.rate_limits.password, alice, caller(), attempts=1) == 1
    assert not [statement for statement in statements if "audit_logs" in str(statement)]


@dataclass
class Lost:
    """A listener that can't write."""

    def __call__(self, event: Event) -> None:
        raise DatabaseUnavailable


def test_an_event_that_cannot_be_written_changes_no_answer(
    database_url: str, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    database: Database = open_database(database_url)
    audit = RefusalAudit(database, events=Events(durable=[Lost()]), storage=MemoryStorage(clock))
    limit = Limit("password", 5, clock() - clock(), setting="rate_limiter.password_limits")
    with caplog.at_level(logging.WARNING):
        audit.note(Refused(limit, 60, uuid4(), caller()))
    database.close_all()
    assert [record.getMessage() for record in caplog.records] == ["audit_event_lost"]
