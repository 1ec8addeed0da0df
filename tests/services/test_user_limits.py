"""What an operator is shown of a user's limits, and that the user gets in again."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hanko_compat.client import Client
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.services.identifiers import IdentifierStatus, IdentifierType
from hanko_compat.services.user_limits import UsedLimit, UserLimits
from hanko_compat.wiring import Services
from hanko_compat.wiring.user_limits import build_user_limits
from tests.clock import FakeClock
from tests.factories import make_email, make_primary_email, make_user

Make = Callable[..., Services]


@pytest.fixture
def services(make_services: Make) -> Services:
    return make_services({"rate_limiter.enabled": True})


@pytest.fixture
def user_limits(services: Services) -> UserLimits:
    return services.get(build_user_limits)


@pytest.fixture
def alice(services: Services) -> UUID:
    return make_primary_email(make_email(address="alice@example.test")).user_id


def caller(address: str = "203.0.113.7") -> Client:
    return Client(ip_address=address, user_agent="test", request_id="request-1")


def is_refused(take: Callable[..., Any], *args: Any) -> bool:
    try:
        take(*args)
    except RateLimited:
        return True
    return False


def test_what_is_counted_is_shown_with_its_end_and_its_key(
    services: Services, user_limits: UserLimits, alice: UUID, clock: FakeClock
) -> None:
    for _ in range(7):
        is_refused(services.rate_limits.password, alice, caller())
    is_refused(services.rate_limits.password, alice, caller("203.0.113.8"))
    services.rate_limits.mail("alice@example.test", caller())
    end = clock() + timedelta(minutes=1)
    assert user_limits.list(alice) == [
        UsedLimit("hanko_compat.limits.mail_per_address", "an address", used=1, limit=6, ends_at=end),
        UsedLimit("rate_limiter.password_limits", "one client or browser", used=5, limit=5, ends_at=end),
        UsedLimit("rate_limiter.password_limits", "one client or browser", used=1, limit=5, ends_at=end),
    ]
    clock.advance(minutes=1)
    assert user_limits.list(alice) == []


def test_daily_sums_are_shown_as_they_are_now(
    services: Services, user_limits: UserLimits, alice: UUID, clock: FakeClock
) -> None:
    for _ in range(8):
        with services.guesses.by_client(alice, caller()) as guess:
            guess.take()
            guess.note_wrong()
    begin, section = clock(), "hanko_compat.limits.wrong_guesses"
    clock.advance(days=1)
    of_client, of_account = (f"{section}.account_and_client", f"{section}.account")
    end, later = begin + timedelta(days=1), begin + timedelta(days=2)
    assert user_limits.list(alice)[:1] == [
        UsedLimit(of_client, "one client or browser", used=3, limit=10, ends_at=later),
    ]
    clock.advance(seconds=-1)
    shown = {each.setting: each for each in user_limits.list(alice)}
    assert shown[of_account] == UsedLimit(of_account, "the user", used=8, limit=30, ends_at=end)
    assert shown[of_client] == UsedLimit(of_client, "one client or browser", used=8, limit=10, ends_at=later)
    user_limits.reset(alice)
    assert user_limits.list(alice) == []


def test_wrong_guesses_are_shown_until_one_more_passes(
    services: Services, user_limits: UserLimits, alice: UUID, clock: FakeClock
) -> None:
    began = clock()
    for _ in range(35):
        with contextlib.suppress(RateLimited), services.guesses.by_client(alice, caller()) as guess:
            guess.take()
            guess.note_wrong()
        clock.advance(minutes=1)
    settings = "hanko_compat.limits.wrong_guesses"
    assert user_limits.list(alice)[:2] == [
        UsedLimit(f"{settings}.account", "the user", used=10, limit=30, ends_at=began + timedelta(days=1)),
        UsedLimit(
            f"{settings}.account_and_client",
            "one client or browser",
            used=10,
            limit=10,
            ends_at=began + timedelta(days=1),
        ),
    ]
    clock.advance(days=1)
    assert [(each.used, each.limit) for each in user_limits.list(alice)] == [(5, 10)]
    assert user_limits.reset(alice) == 1
    assert user_limits.list(alice) == []


def test_wrong_guesses_of_known_browsers_are_forgotten_too(
    services: Services, user_limits: UserLimits, alice: UUID
) -> None:
    cookie = services.device_cookies.issue(alice, caller())
    browser = Client(
        ip_address="203.0.113.7", user_agent="test", request_id="request-1", device_cookie=cookie
    )
    with services.guesses.by_client(alice, browser) as guess:
        guess.take()
        guess.note_wrong()
    services.rate_limits.mail("alice@example.test", browser, user_id=alice)
    section, of_all = "hanko_compat.limits.wrong_guesses", "all browsers with a device cookie"
    shown = [(each.setting, each.whose, each.used, each.limit) for each in user_limits.list(alice)]
    assert shown == [
        ("hanko_compat.limits.account", of_all, 1, 20),
        ("hanko_compat.limits.mail_per_address", of_all, 1, 6),
        ("hanko_compat.limits.mail_per_client", "one client or browser", 1, 60),
        (f"{section}.device", "one client or browser", 1, 30),
        (f"{section}.devices", of_all, 1, 60),
    ]
    assert user_limits.reset(alice) == 5
    assert user_limits.list(alice) == []


def test_a_reset_lets_this_user_in_and_leaves_others(
    services: Services, user_limits: UserLimits, alice: UUID
) -> None:
    bob = make_email(address="bob@example.test").user_id
    limits = services.rate_limits
    for user_id in (alice, bob):
        for _ in range(6):
            is_refused(limits.password, user_id, caller())
        for _ in range(6):
            limits.mail(f"{'alice' if user_id == alice else 'bob'}@example.test", caller())
    assert user_limits.reset(alice) == 2
    assert user_limits.list(alice) == []
    assert not is_refused(limits.password, alice, caller())
    assert not is_refused(limits.mail, "alice@example.test", caller())
    assert is_refused(limits.password, bob, caller())
    assert is_refused(limits.mail, "bob@example.test", caller())


def test_mails_to_an_address_of_letters_in_both_cases_count(
    services: Services, user_limits: UserLimits
) -> None:
    user_id = make_user().id
    services.identifiers.create(
        user_id,
        type_=IdentifierType.EMAIL,
        value="Alice@Example.test",
        status=IdentifierStatus.VERIFIED,
        client=caller(),
    )
    services.rate_limits.mail("alice@example.test", caller())
    assert [each.whose for each in user_limits.list(user_id)] == ["an address"]
