"""How likely a guesser is to be right, with the defaults, and whatever the number of its clients."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from hanko_compat.client import Client
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.services.one_time_codes import DIGITS, LENGTH
from hanko_compat.services.rate_limits.guesses import Guesses
from hanko_compat.services.rate_limits.storages import MemoryStorage
from hanko_compat.wiring import Services
from hanko_compat.wiring.rate_limits import build_counts
from tests.clock import FakeClock
from tests.markdown import page

CODES = len(DIGITS) ** LENGTH
ALICE = UUID(int=1)
ON = {"rate_limiter.enabled": True}


class Guesser:
    """Somebody with as many addresses as help, who guesses at one account whenever a guess is let through."""

    def __init__(self, guesses: Guesses, clock: FakeClock) -> None:
        self.guesses = guesses
        self.clock = clock
        self.clients = 0
        self.moments: list[float] = []

    def guess(self, cookie: str | None = None) -> bool:
        """Guess wrong, from an address that was never seen before, perhaps with a stolen device cookie."""
        self.clients += 1
        client = Client(
            ip_address=f"2001:db8:{self.clients:x}::1",
            user_agent="guesser",
            request_id="request-1",
            device_cookie=cookie,
        )
        try:
            with self.guesses.by_client(ALICE, client) as guess:
                guess.take()
                guess.note_wrong()
        except RateLimited:
            return False
        self.moments.append(self.clock().timestamp())
        return True

    def guess_all(self) -> int:
        """Guess until the account refuses; a minute's limit is waited for."""
        before = len(self.moments)
        while self.guess() or self._waits():
            pass
        return len(self.moments) - before

    def guess_with(self, cookies: Sequence[str]) -> None:
        """Guess with every cookie while a minute lets something pass, then as strangers."""
        while sum(map(self.guess, cookies)):
            self.clock.advance(minutes=1)
        self.guess_all()

    def _waits(self) -> bool:
        self.clock.advance(minutes=1)
        return self.guess()

    def within(self, span: timedelta) -> int:
        """The most guesses in any span of this length."""
        most = begin = 0
        for end, moment in enumerate(self.moments):
            while moment - self.moments[begin] >= span.total_seconds():
                begin += 1
            most = max(most, end - begin + 1)
        return most


@pytest.fixture
def services(make_services: Callable[..., Services]) -> Services:
    # As one worker counts: all stores have the same arithmetic, and here a year takes a second.
    return make_services(ON, instead={build_counts: lambda parts: MemoryStorage(parts.now)})


@pytest.fixture
def told() -> list[UUID]:
    return []


@pytest.fixture
def guesser(services: Services, clock: FakeClock, told: list[UUID]) -> Guesser:
    guesses = services.guesses
    guesses._on_guessing = lambda user_id, _client: told.append(user_id)
    return Guesser(guesses, clock)


def chance(guesses: int) -> float:
    """How likely one of so many guesses at codes is right, at most: the sum of their chances."""
    return guesses / CODES


@pytest.mark.slow
@pytest.mark.one_database
def test_a_greedy_guesser(guesser: Guesser, told: list[UUID]) -> None:
    """Takes whatever is there, at once: on the first day most."""
    assert guesser.guess_all() == 30
    assert told == [ALICE]
    for _ in range(2 * 365):
        guesser.clock.advance(hours=24)
        guesser.guess_all()
    assert guesser.within(timedelta(days=1)) <= 40
    assert guesser.within(timedelta(days=31)) <= 30 + 31 * 10
    assert guesser.within(timedelta(days=365)) <= 3680
    assert chance(guesser.within(timedelta(days=31))) < 1 / 1000
    assert chance(guesser.within(timedelta(days=365))) < 1 / 200


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize("rest", [1, 2, 3, 4, 7])
def test_a_guesser_who_lets_the_account_rest(guesser: Guesser, rest: int) -> None:
    """Until the bucket is empty, or partly so: no better than a greedy one."""
    end = guesser.clock() + timedelta(days=366)
    while guesser.clock() < end:
        guesser.guess_all()
        guesser.clock.advance(days=rest)
    assert guesser.within(timedelta(days=31)) <= 30 + 31 * 10
    assert guesser.within(timedelta(days=365)) <= 3680


@pytest.mark.one_database
@pytest.mark.slow
def test_a_guesser_who_waits_for_the_moment_at_which_room_comes(guesser: Guesser) -> None:
    """A guess opens the bucket; the rest comes right before something leaves it, and right after."""
    assert guesser.guess()
    guesser.clock.advance(hours=23, minutes=50)
    assert guesser.guess_all() == 29
    for _ in range(366):
        guesser.clock.advance(minutes=10)
        guesser.guess_all()
        guesser.clock.advance(hours=23, minutes=49)
        guesser.guess_all()
    assert guesser.within(timedelta(days=31)) <= 30 + 31 * 10
    assert guesser.within(timedelta(days=365)) <= 3680


@pytest.mark.slow
@pytest.mark.one_database
def test_a_guesser_with_any_number_of_stolen_device_cookies(guesser: Guesser, services: Services) -> None:
    """Cookies that stay good for the year, and strangers beside them."""
    owner = Client(ip_address="203.0.113.7", user_agent="owner", request_id="request-1")
    for day in range(2 * 365):
        if day % 150 == 0:  # before they end
            stolen = [services.device_cookies.issue(ALICE, owner) for _ in range(20)]
        guesser.guess_with(stolen)
        guesser.clock.advance(days=1)
    assert guesser.within(timedelta(days=1)) <= 103
    assert guesser.within(timedelta(days=31)) <= 493
    assert guesser.within(timedelta(days=365)) <= 4835
    assert chance(493) < 1 / 1000
    assert chance(4835) < 1 / 200


ROW = re.compile(r"^\| (\d+) (hours|days) \| ([\d,]+) \| 1 in ([\d,]+) \|", re.MULTILINE)
STRANGERS, AND_DEVICES = (30, 10), (30 + 60, 10 + 3)
"""What passes on a first day and on each further one, as the page adds it up."""


@pytest.mark.parametrize(
    ("row", "first_day", "further_days"),
    [
        (row, *sums)
        for row, sums in zip(
            ROW.findall(page("docs/rate-limits.md").text),
            [STRANGERS] * 3 + [AND_DEVICES] * 3,
            strict=True,
        )
    ],
    ids=str,
)
def test_the_page_of_limits_adds_up(row: tuple[str, ...], first_day: int, further_days: int) -> None:
    length, unit, guesses, one_in = (each.replace(",", "") for each in row)
    days = timedelta(**{unit: int(length)}).days
    assert int(guesses) == first_day + days * further_days
    assert int(one_in) == CODES // int(guesses)
