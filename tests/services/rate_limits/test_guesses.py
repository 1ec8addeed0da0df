"""Guesses: what strangers may do to an account, and what they can't do to its owner."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from hanko_compat.client import Client
from hanko_compat.errors.hashing import Overloaded
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.services.rate_limits.guesses import Guess, Guesses
from hanko_compat.services.rate_limits.rate_limits import Quota, announced
from hanko_compat.services.rate_limits.storages import MemoryStorage
from hanko_compat.storage.models import RateLimit
from hanko_compat.wiring import Services
from hanko_compat.wiring.rate_limits import build_counts
from tests.clock import FakeClock
from tests.queries import recorded_queries

pytestmark = pytest.mark.one_database

Make = Callable[..., Services]
ALICE, BOB = UUID(int=1), UUID(int=2)
SERVER = Client(ip_address="10.0.0.1", user_agent="server", request_id="request-1")
IN_MEMORY = {build_counts: lambda parts: MemoryStorage(parts.now)}
# Minutes are a matter of `RateLimits`; here days are simulated.
DAYS_ONLY = {"rate_limiter.enabled": True, "hanko_compat.limits.account.tokens": 10_000}


def caller(address: str = "203.0.113.7", cookie: str | None = None) -> Client:
    return Client(ip_address=address, user_agent="test", request_id="request-1", device_cookie=cookie)


def strangers(number: int) -> list[Client]:
    return [caller(f"198.51.100.{each}") for each in range(number)]


class Told(list[UUID]):
    """The users that were told of strangers."""

    def __call__(self, user_id: UUID, client: Client) -> None:
        self.append(user_id)


@pytest.fixture(autouse=True)
def nothing_announced() -> Iterator[None]:
    token = announced.set(None)
    yield
    announced.reset(token)


@pytest.fixture
def made(make_services: Make) -> Services:
    # Of one process: stores are tested by themselves, and this is quicker.
    return make_services(DAYS_ONLY, instead=IN_MEMORY)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def guesses(made: Services, told: Told) -> Guesses:
    made.guesses._on_guessing = told
    return made.guesses


@pytest.fixture
def browser(made: Services) -> Client:
    """Alice's: she has logged in from it. A stranger has the same address."""
    return caller(cookie=made.device_cookies.issue(ALICE, caller()))


def is_compared(guess: Guess, *, is_wrong: bool = True) -> bool:
    """Whether a guess is let through; most are wrong."""
    try:
        with guess:
            guess.take()
            if is_wrong:
                guess.note_wrong()
    except RateLimited:
        return False
    return True


def overload(guess: Guess) -> None:
    guess.take()
    raise Overloaded


def compared(guesses: Guesses, client: Client, user_id: UUID = ALICE, *, tries: int = 50) -> int:
    return sum(is_compared(guesses.by_client(user_id, client)) for _ in range(tries))


def test_one_client_has_its_own_budget_for_an_account(guesses: Guesses, clock: FakeClock) -> None:
    passed = []
    for _ in range(4):
        passed.append(compared(guesses, caller()))
        clock.advance(days=1)
    assert passed == [10, 5, 5, 5]


def test_all_clients_together_have_the_accounts(guesses: Guesses, clock: FakeClock) -> None:
    passed = []
    for _ in range(4):
        passed.append(sum(compared(guesses, client, tries=11) for client in strangers(100)))
        clock.advance(days=1)
    assert passed == [30, 10, 10, 10]


def test_one_client_has_a_budget_for_all_accounts(guesses: Guesses, clock: FakeClock) -> None:
    users = [UUID(int=number) for number in range(100, 122)]
    passed = []
    for _ in range(3):
        passed.append(sum(compared(guesses, caller(), user, tries=9) for user in users))
        clock.advance(days=1)
    assert passed == [100, 100, 100]
    # What a client may not do takes nothing from the accounts.
    assert sum(compared(guesses, client, users[-1], tries=11) for client in strangers(10)) == 30


def test_a_client_that_is_refused_takes_nothing_from_the_account(guesses: Guesses) -> None:
    compared(guesses, caller(), tries=1000)
    assert sum(compared(guesses, client) for client in strangers(10)) == 20


def test_a_right_guess_and_one_that_was_not_compared_are_given_back(guesses: Guesses) -> None:
    for _ in range(200):
        assert is_compared(guesses.by_client(ALICE, caller()), is_wrong=False)
    for _ in range(200):
        with pytest.raises(Overloaded), guesses.by_client(ALICE, caller()) as guess:
            overload(guess)
    assert compared(guesses, caller()) == 10


def test_a_guess_that_a_minutes_limit_refuses_is_given_back(make_services: Make, clock: FakeClock) -> None:
    guesses = make_services({**DAYS_ONLY, "hanko_compat.limits.account.tokens": 5}).guesses
    passed = []
    for _ in range(4):
        passed.append(compared(guesses, caller()))
        clock.advance(minutes=1)
    assert passed == [5, 5, 0, 0]


def test_a_client_without_budget_takes_no_token_of_a_minute(make_services: Make) -> None:
    guesses = make_services({**DAYS_ONLY, "hanko_compat.limits.account.tokens": 11}).guesses
    assert compared(guesses, caller(), tries=500) == 10
    assert compared(guesses, caller("198.51.100.1")) == 1


def test_what_is_compared_when_a_process_dies_stays_counted(guesses: Guesses) -> None:
    for _ in range(9):
        guesses.by_client(ALICE, caller()).take()
    assert compared(guesses, caller()) == 1


def test_a_known_browser_is_counted_apart(guesses: Guesses, browser: Client) -> None:
    assert sum(compared(guesses, client, tries=11) for client in [caller(), *strangers(100)]) == 30
    assert compared(guesses, browser, tries=29) == 29
    assert is_compared(guesses.by_client(ALICE, browser), is_wrong=False)


def test_guesses_of_a_known_browser_take_nothing_from_others(guesses: Guesses, browser: Client) -> None:
    assert compared(guesses, browser, tries=30) == 30
    assert compared(guesses, caller()) == 10
    assert compared(guesses, caller(), BOB) == 10


def test_a_known_browser_that_has_used_up_its_own_sum_is_a_stranger(
    guesses: Guesses, browser: Client, clock: FakeClock
) -> None:
    assert compared(guesses, browser, tries=100) == 30 + 10
    assert compared(guesses, caller()) == 0
    clock.advance(days=1)
    assert compared(guesses, browser, tries=100) == 10 + 5


def test_a_cookie_is_good_for_its_account_only(guesses: Guesses, made: Services) -> None:
    of_bob = caller(cookie=made.device_cookies.issue(BOB, caller()))
    assert compared(guesses, of_bob) == 10
    assert compared(guesses, caller(cookie="a.b.c")) == 0


def test_a_log_in_frees_the_counter_of_its_own_browser_only(
    guesses: Guesses, browser: Client, made: Services
) -> None:
    assert compared(guesses, caller()) == 10
    assert compared(guesses, browser, tries=29) == 29
    # As every log-in does.
    assert made.known_devices.remember(ALICE, browser) is not None
    assert compared(guesses, browser, tries=30) == 30
    assert compared(guesses, caller()) == 0
    made.known_devices.remember(ALICE, caller())
    assert compared(guesses, caller()) == 0


def test_no_log_in_frees_what_all_known_browsers_have_together(
    guesses: Guesses, browser: Client, made: Services
) -> None:
    other = caller("198.51.100.66", made.device_cookies.issue(ALICE, caller()))
    for _ in range(6):
        assert compared(guesses, browser, tries=10) == 10
        made.known_devices.remember(ALICE, browser)
    assert compared(guesses, other, tries=20) == 10, "as a stranger"


def test_servers_pass_on_guesses_that_count_for_the_account(guesses: Guesses) -> None:
    assert sum(is_compared(guesses.by_server(ALICE, SERVER)) for _ in range(50)) == 30
    assert compared(guesses, caller()) == 0
    users = [UUID(int=number) for number in range(100, 120)]
    assert sum(is_compared(guesses.by_server(user, SERVER)) for user in users for _ in range(20)) == 400


def test_who_is_refused_learns_for_how_long(guesses: Guesses, clock: FakeClock) -> None:
    compared(guesses, caller())
    for hours, seconds in ((23, 60), (0.9875, 45)):
        clock.advance(hours=hours)
        with pytest.raises(RateLimited) as refused, guesses.by_client(ALICE, caller()) as guess:
            guess.take()
        # A minute at most: some frontends let nobody try before, and the owner may be let in meanwhile.
        assert refused.value.retry_after == seconds
        assert announced.get() == Quota(10, 0, seconds)


def test_the_refusal_is_counted_by_its_limit(made: Services, guesses: Guesses) -> None:
    compared(guesses, caller(), tries=13)
    sample = made.metrics.registry.get_sample_value
    assert sample("hanko_compat_rate_limited_total", {"limit": "guesses_account_and_client"}) == 3


# What the owner is told


def test_the_owner_is_told_on_the_first_day_and_once_a_day(
    guesses: Guesses, told: Told, clock: FakeClock
) -> None:
    days = []
    for _ in range(4):
        for client in strangers(4):
            compared(guesses, client)
            clock.advance(minutes=1)
        days.append(len(told))
        clock.advance(days=1)
    assert (days, set(told)) == ([1, 2, 3, 4], {ALICE})


def test_the_tenth_wrong_guess_is_told(guesses: Guesses, told: Told) -> None:
    compared(guesses, caller(), tries=9)
    assert told == []
    is_compared(guesses.by_server(ALICE, SERVER))
    assert told == [ALICE]


def test_a_notice_that_is_one_mail_too_many_waits(make_services: Make, told: Told, clock: FakeClock) -> None:
    changes = {**DAYS_ONLY, "hanko_compat.limits.mail_in_total.tokens": 1}
    services = make_services(changes, instead=IN_MEMORY)
    guesses = services.guesses
    guesses._on_guessing = told
    services.rate_limits.mail("somebody@example.test", caller())
    assert compared(guesses, caller(), tries=10) == 10
    assert (told, announced.get()) == ([], None)
    clock.advance(minutes=1)
    compared(guesses, caller("198.51.100.1"), tries=2)
    assert told == [ALICE]


def test_nobody_guesses_for_ever_beneath_the_notice(guesses: Guesses, told: Told, clock: FakeClock) -> None:
    for _ in range(30):
        assert compared(guesses, caller(), tries=1) == 1
        clock.advance(days=1)
    assert told == [ALICE] * 3


def test_the_owner_is_not_told_of_own_mistakes(
    guesses: Guesses, told: Told, browser: Client, clock: FakeClock
) -> None:
    compared(guesses, browser, tries=30)
    for _ in range(20):
        assert is_compared(guesses.by_client(ALICE, caller()), is_wrong=False)
    for _ in range(24):  # nine wrong ones in a month, on new devices
        compared(guesses, caller(), tries=3)
        clock.advance(days=10, seconds=1)
    assert told == []


def test_the_configuration_decides(make_services: Make, clock: FakeClock) -> None:
    section = "hanko_compat.limits.wrong_guesses"
    changes = {f"{section}.{name}": {"first_day": 4, "further_days": 2} for name in ("client", "device")}
    changes |= {f"{section}.account": {"first_day": 6, "further_days": 2}, f"{section}.notice_after": 5}
    changes |= {f"{section}.account_and_client": {"first_day": 3, "further_days": 1}}
    services, told = make_services({**DAYS_ONLY, **changes}), Told()
    guesses = services.guesses
    guesses._on_guessing = told
    browser = caller(cookie=services.device_cookies.issue(BOB, caller()))
    assert compared(guesses, caller()) == 3
    assert compared(guesses, caller(), UUID(int=3)) == 1
    assert compared(guesses, caller("198.51.100.1")) == 3
    assert compared(guesses, browser, BOB) == 4
    assert told == [ALICE]
    clock.advance(days=1)
    assert [compared(guesses, caller()), compared(guesses, browser, BOB)] == [1, 3]


def test_where_limits_are_off_nothing_is_counted(make_services: Make) -> None:
    guesses = make_services({"rate_limiter.enabled": False}).guesses
    told = guesses._on_guessing = Told()
    with recorded_queries() as statements:
        assert compared(guesses, caller(), tries=500) == 500
        assert sum(is_compared(guesses.by_server(ALICE, SERVER)) for _ in range(500)) == 500
    assert (statements, told) == ([], [])


def test_stores_learn_neither_addresses_nor_ids(make_services: Make) -> None:
    services = make_services(DAYS_ONLY)
    browser = caller(cookie=services.device_cookies.issue(ALICE, caller()))
    compared(services.guesses, caller())
    compared(services.guesses, browser)
    with services.database.connection():
        names = [row.name for row in RateLimit.select()]
    assert {name.partition(":")[0] for name in names} == {
        "account",
        "guesses_account",
        "guesses_account_and_client",
        "guesses_client",
        "guesses_device",
        "guesses_devices",
        "guesses_told",
        "guesses_untold",
        "mail_in_total",
        "struck_guesses_account_and_client",
    }
    secrets: list[Any] = [ALICE, ALICE.hex, "203.0.113.7", (browser.device_cookie or "").partition(".")[0]]
    assert not [name for name in names if any(str(secret) in name for secret in secrets)]
    assert max(map(len, names)) <= RateLimit.name.max_length


@pytest.mark.usefixtures("hasty_threads")
def test_never_more_are_compared_at_once(guesses: Guesses, told: Told) -> None:
    gate = Barrier(12, timeout=30)

    def guess(number: int) -> int:
        gate.wait()
        return compared(guesses, caller(f"198.51.100.{number % 4}"), tries=6)

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(guess, range(12))) == 30
    assert told == [ALICE]


def test_collected_device_cookies_do_not_add_up(made: Services, guesses: Guesses, clock: FakeClock) -> None:
    """Whoever could log in for an hour may have done so a thousand times."""
    collected = [caller(cookie=made.device_cookies.issue(ALICE, caller())) for _ in range(30)]
    passed = []
    for _ in range(3):
        passed.append(sum(compared(guesses, browser, tries=31) for browser in collected))
        clock.advance(days=1)
    # Beside what the address of all of them has as a stranger: 10, then 5.
    assert passed == [60 + 10, 3 + 5, 3 + 5]


def test_one_stolen_device_cookie_locks_no_other_browser_out(
    made: Services, guesses: Guesses, browser: Client
) -> None:
    stolen = caller("198.51.100.66", made.device_cookies.issue(ALICE, caller()))
    assert compared(guesses, stolen) == 30 + 10
    assert compared(guesses, browser, tries=30) == 30


def test_mails_of_collected_device_cookies_do_not_add_up(made: Services, browser: Client) -> None:
    collected = [caller(cookie=made.device_cookies.issue(ALICE, caller())) for _ in range(20)]
    sent = 0
    for each in collected:
        with contextlib.suppress(RateLimited):
            made.rate_limits.mail("alice@example.test", each, user_id=ALICE)
            sent += 1
    assert sent == 6


def test_one_stolen_device_cookie_stops_no_mail_to_another_browser(made: Services, browser: Client) -> None:
    stolen = caller("198.51.100.66", made.device_cookies.issue(ALICE, caller()))
    limits = made.rate_limits
    for _ in range(20):
        with contextlib.suppress(RateLimited):
            limits.passcode(ALICE, stolen)
            limits.mail("alice@example.test", stolen, user_id=ALICE)
    limits.passcode(ALICE, browser)
    limits.mail("alice@example.test", browser, user_id=ALICE)
    assert announced.get() == Quota(3, 2, 60)


def test_collected_device_cookies_share_the_minute(make_services: Make, clock: FakeClock) -> None:
    services = make_services({"rate_limiter.enabled": True}, instead=IN_MEMORY)
    collected = [caller(cookie=services.device_cookies.issue(ALICE, caller())) for _ in range(30)]
    passed = []
    for _ in range(2):
        passed.append(sum(compared(services.guesses, browser, tries=1) for browser in collected))
        clock.advance(minutes=1)
    assert passed == [20, 20]
    assert compared(services.guesses, caller("198.51.100.1")) == 10


def test_an_address_that_many_accounts_claim_counts_like_one(guesses: Guesses, clock: FakeClock) -> None:
    """Nobody has to guess at one account, who may make any number of them."""
    passed = []
    for day in range(3):
        tried = [
            guesses.by_client(UUID(int=1000 + day * 50 + number), client, unproved="victim@example.test")
            for number in range(50)
            for client in strangers(8)
        ]
        passed.append(sum(map(is_compared, tried)))
        clock.advance(days=1)
    assert passed == [30, 10, 10]


def test_one_client_has_a_share_of_an_address(guesses: Guesses) -> None:
    tried = [guesses.by_client(UUID(int=1000 + n), caller(), unproved="a@example.test") for n in range(40)]
    assert sum(map(is_compared, tried)) == 10
    # And others have the rest, as has who guesses at another address.
    other = caller("198.51.100.1")
    assert is_compared(guesses.by_client(ALICE, other, unproved="a@example.test"))
    assert is_compared(guesses.by_client(ALICE, caller(), unproved="b@example.test"))


def test_browsers_known_to_accounts_that_claim_an_address_do_not_add_up(
    made: Services, guesses: Guesses
) -> None:
    tried = []
    for number in range(20):
        user_id = UUID(int=1000 + number)
        browser = caller(f"198.51.100.{number}", made.device_cookies.issue(user_id, caller()))
        tried += [guesses.by_client(user_id, browser, unproved="victim@example.test") for _ in range(6)]
    assert sum(map(is_compared, tried)) == 30
