"""Who may do what how often, and what callers are told."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hanko_compat.client import Client
from hanko_compat.config.model import Config
from hanko_compat.config.settings import leaves
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.services.rate_limits.rate_limits import (
    Limit,
    Quota,
    RateLimits,
    announced,
    digest,
    network_of,
)
from hanko_compat.services.rate_limits.redis_storage import FallbackStorage
from hanko_compat.services.rate_limits.storages import DatabaseStorage, MemoryStorage
from hanko_compat.storage.models import RateLimit
from hanko_compat.wiring import Services, build
from tests.clock import FakeClock
from tests.queries import assert_query_count, recorded_queries

Make = Callable[..., Services]
ON = {"rate_limiter.enabled": True}
ALICE, BOB = UUID(int=1), UUID(int=2)


def caller(address: str = "203.0.113.7") -> Client:
    return Client(ip_address=address, user_agent="test", request_id="request-1")


@pytest.fixture(autouse=True)
def nothing_announced() -> Iterator[None]:
    token = announced.set(None)
    yield
    announced.reset(token)


@pytest.fixture
def limits(make_services: Make) -> RateLimits:
    return make_services(ON).rate_limits


def passes(take: Callable[..., Any], *args: Any) -> bool:
    try:
        take(*args)
    except RateLimited:
        return False
    return True


def account(limits: RateLimits, user_id: UUID) -> None:
    limits.account(user_id, caller(), device=None)


def count(take: Callable[..., Any], *args: Any, attempts: int = 200) -> int:
    """How many of many attempts pass."""
    return sum(passes(take, *args) for _ in range(attempts))


def test_three_passcodes_as_recorded(limits: RateLimits, clock: FakeClock) -> None:
    quotas = []
    for _ in range(3):
        quotas.append(limits.passcode(ALICE, caller()))
        clock.advance(seconds=7)
    assert quotas == [Quota(3, 2, 60), Quota(3, 1, 53), Quota(3, 0, 46)]
    with pytest.raises(RateLimited) as refused:
        limits.passcode(ALICE, caller())
    assert refused.value.retry_after == 39
    assert announced.get() == Quota(3, 0, 39)
    clock.advance(seconds=39)
    assert limits.passcode(ALICE, caller()) == Quota(3, 2, 60)


def test_five_passwords_as_recorded(limits: RateLimits) -> None:
    quotas = [limits.password(ALICE, caller()) for _ in range(5)]
    assert quotas == [Quota(5, left, 60) for left in (4, 3, 2, 1, 0)]
    assert not passes(limits.password, ALICE, caller())
    assert limits.password(BOB, caller()) == Quota(5, 4, 60)
    assert limits.password(ALICE, caller("203.0.113.8")) == Quota(5, 4, 60)


def test_each_limit_has_its_own_count(limits: RateLimits) -> None:
    assert count(limits.passcode, ALICE, caller()) == 3
    assert count(limits.password, ALICE, caller()) == 5
    assert count(account, limits, ALICE) == 20
    assert count(limits.log_in, None, caller()) == 60
    assert count(limits.sign_up, caller()) == 60
    assert count(limits.look_up, caller()) == 120


def test_a_refused_attempt_does_not_lengthen_the_wait(limits: RateLimits, clock: FakeClock) -> None:
    assert count(limits.password, ALICE, caller()) == 5
    clock.advance(seconds=59)
    assert count(limits.password, ALICE, caller()) == 0
    clock.advance(seconds=1)
    assert passes(limits.password, ALICE, caller())


def test_only_recorded_limits_are_announced_while_they_last(limits: RateLimits) -> None:
    limits.password(ALICE, caller())
    limits.account(ALICE, caller(), device=None)
    limits.mail("alice@example.test", caller())
    assert announced.get() == Quota(5, 4, 60)


def test_the_limit_that_refuses_is_the_one_that_is_told(limits: RateLimits) -> None:
    limits.password(ALICE, caller())
    assert count(account, limits, ALICE) == 20
    assert announced.get() == Quota(20, 0, 60)


def test_one_client_alone_cannot_lock_a_user_out(limits: RateLimits) -> None:
    def guess(address: str) -> None:
        limits.password(ALICE, caller(address))
        limits.account(ALICE, caller(), device=None)

    assert count(guess, "198.51.100.66") == 5
    assert passes(guess, "203.0.113.7")


def test_all_clients_together_guess_a_bounded_number_of_times(limits: RateLimits, clock: FakeClock) -> None:
    def guess(number: int) -> None:
        limits.password(ALICE, caller(f"198.51.100.{number}"))
        limits.account(ALICE, caller(), device=None)

    assert sum(passes(guess, number) for number in range(100)) == 20
    clock.advance(minutes=1)
    assert passes(guess, 100)


def test_mails_to_one_address_are_limited_whoever_asks(limits: RateLimits) -> None:
    address = "alice@example.test"
    asked = [passes(limits.mail, address, caller(f"198.51.100.{number}")) for number in range(50)]
    assert sum(asked) == 6
    assert passes(limits.mail, "bob@example.test", caller())


def test_mails_that_one_client_asks_for_are_limited(limits: RateLimits) -> None:
    asked = [passes(limits.mail, f"user{number}@example.test", caller()) for number in range(100)]
    assert sum(asked) == 60


def test_mails_of_the_whole_installation_are_limited(make_services: Make) -> None:
    limits = make_services({**ON, "hanko_compat.limits.mail_in_total.tokens": 10}).rate_limits
    asked = [
        passes(limits.mail, f"user{number}@example.test", caller(f"198.51.100.{number}"))
        for number in range(30)
    ]
    assert sum(asked) == 10


def test_who_asks_as_often_as_hanko_allows_gets_every_mail(limits: RateLimits, clock: FakeClock) -> None:
    """Whatever the moments at which the windows of user and address begin."""

    def ask() -> None:
        limits.passcode(ALICE, caller())
        limits.mail("alice@example.test", caller())

    limits.mail("alice@example.test", caller("198.51.100.1"))
    clock.advance(seconds=10)
    for pause in (0, 30, 10, 20, 0, 0, 60, 0, 0):
        clock.advance(seconds=pause)
        assert passes(ask)


def test_what_is_off_limits_nothing(make_services: Make) -> None:
    limits = make_services({"rate_limiter.enabled": False}).rate_limits
    with recorded_queries() as statements:
        assert count(limits.passcode, ALICE, caller()) == 200
        assert count(limits.mail, "alice@example.test", caller()) == 200
        assert limits.password(ALICE, caller()) is None
    assert statements == []
    assert announced.get() is None


def test_the_configuration_decides(make_services: Make, clock: FakeClock) -> None:
    limits = make_services(
        {
            **ON,
            "rate_limiter.passcode_limits": {"tokens": 2, "interval": "1h"},
            "rate_limiter.password_limits": {"tokens": 7, "interval": "1500ms"},
            "hanko_compat.limits.account": {"tokens": 1, "interval": "10s"},
            "hanko_compat.limits.signup.tokens": 4,
            "hanko_compat.limits.lookup.tokens": 5,
            "hanko_compat.limits.mail_per_address.tokens": 8,
            "hanko_compat.limits.mail_per_client.tokens": 9,
        }
    ).rate_limits
    assert limits.passcode(ALICE, caller()) == Quota(2, 1, 3600)
    assert limits.password(ALICE, caller()) == Quota(7, 6, 2)
    assert count(account, limits, ALICE) == 1
    assert count(limits.sign_up, caller()) == 4
    assert count(limits.look_up, caller()) == 5
    assert count(limits.mail, "alice@example.test", caller()) == 8
    clock.advance(seconds=10)
    assert passes(account, limits, ALICE)


def test_an_unannounced_limit_costs_one_statement(limits: RateLimits) -> None:
    with assert_query_count(1):
        limits.account(ALICE, caller(), device=None)
    with assert_query_count(2):
        limits.password(ALICE, caller())


def test_refusals_are_counted_by_limit(make_services: Make) -> None:
    services = make_services(ON)
    assert count(services.rate_limits.password, ALICE, caller(), attempts=8) == 5
    sample = services.metrics.registry.get_sample_value
    assert sample("hanko_compat_rate_limited_total", {"limit": "password"}) == 3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", ""),
        ("not an address", "not an address"),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(address: str, network: str) -> None:
    assert network_of(caller(address)) == network


def test_stores_learn_neither_addresses_nor_ids() -> None:
    limit = Limit("mail_per_address", 6, timedelta(minutes=1))
    name = digest(limit, ("alice@example.test",))
    assert name.startswith("mail_per_address:")
    assert "alice" not in name
    assert digest(limit, ("a", "b")) != digest(limit, ("ab", ""))


def test_what_is_counted_for_a_user_is_found_by_its_id() -> None:
    limit = Limit("password", 5, timedelta(minutes=1))
    for_alice, for_bob = (digest(limit, (str(user_id),)) for user_id in (ALICE, BOB))
    assert for_alice != for_bob
    assert digest(limit, (str(ALICE), "203.0.113.7")).startswith(f"{for_alice}:")
    assert digest(limit, ()) == "password"


def test_each_limit_knows_the_key_that_sets_it(limits: RateLimits) -> None:
    keys = {".".join(leaf.path) for leaf in leaves(Config)}
    settings = {getattr(limits._rules, rule.name).setting for rule in fields(limits._rules)}
    assert {f"{setting}.tokens" for setting in settings} <= keys
    assert len(settings) == len(fields(limits._rules))


def test_the_names_of_all_limits_fit_the_table(limits: RateLimits) -> None:
    for rule in fields(limits._rules):
        limit = getattr(limits._rules, rule.name)
        assert len(digest(limit, (str(ALICE), "203.0.113.7"))) <= RateLimit.name.max_length


@pytest.mark.parametrize(
    ("changes", "workers", "storage"),
    [
        ({}, 1, MemoryStorage),
        ({}, 4, DatabaseStorage),
        ({}, None, DatabaseStorage),
        (
            {"rate_limiter.store": "redis", "rate_limiter.redis_config.address": "localhost:6379"},
            1,
            FallbackStorage,
        ),
    ],
)
def test_the_store_holds_for_all_processes(
    make_config: Callable[..., Any], changes: dict[str, Any], workers: int | None, storage: type
) -> None:
    services = build(make_config({**ON, **changes}), workers=workers)
    assert type(services.rate_limits._storage) is storage
