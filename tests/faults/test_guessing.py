"""Strangers guess at accounts and ask for mails in their names; their owners log in meanwhile."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from threading import Thread
from typing import Any
from uuid import uuid4

import bcrypt
import pytest

from hanko_compat.storage.models import RateLimit
from tests.factories import make_account, make_email, make_passcode, make_password, make_user
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.servers.hanko_compat import Answer, HankoCompat, PatientWithRedis, wait_until

pytestmark = pytest.mark.servers

PASSWORD, CODE = "correct horse battery", "123456"
SETTINGS: dict[str, Any] = {
    "rate_limiter.enabled": True,
    "email_delivery.enabled": False,
    "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
    "hanko_compat.limits.hashing.queue": 40,  # what one worker gets of the flood waits for its turn
}
# As if minutes had passed, so that a day takes seconds.
NO_MINUTES = {
    "rate_limiter.password_limits": {"tokens": 1000, "interval": "1m"},
    "hanko_compat.limits.account.tokens": 1000,
    "hanko_compat.limits.login_per_client.tokens": 1000,
}
HOME = "203.0.113.7"  # the owner's address
_numbers = count()


@dataclass
class Owner:
    """A user with a verified address and a password."""

    url: str
    cost: int = 4

    def __post_init__(self) -> None:
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(self.cost)).decode()
        with rows.reading(self.url):
            account = make_account(address=f"owner{next(_numbers)}@example.test")
            make_password(user=account.user_id, password=hashed)
        self.id, self.email_id = str(account.user_id), account.id

    def passcode(self) -> str:
        """The id of a passcode that was mailed to the owner, as if the owner had read it."""
        with rows.reading(self.url):
            return str(make_passcode(email=self.email_id, user=self.id, code=CODE).id)


def log_in(
    server: HankoCompat, user_id: str, password: str = PASSWORD, *, address: str = HOME, cookie: str = ""
) -> Answer:
    body = {"user_id": user_id, "password": password}
    return server.request("POST", "/password/login", body, X_Forwarded_For=address, Cookie=cookie)


def finalize(
    server: HankoCompat, passcode_id: str, code: str = CODE, *, address: str = HOME, cookie: str = ""
) -> Answer:
    body = {"id": passcode_id, "code": code}
    return server.request("POST", "/passcode/login/finalize", body, X_Forwarded_For=address, Cookie=cookie)


def initialize(server: HankoCompat, user_id: str, *, address: str = HOME, cookie: str = "") -> Answer:
    body = {"user_id": user_id}
    return server.request("POST", "/passcode/login/initialize", body, X_Forwarded_For=address, Cookie=cookie)


def cookie_of(answer: Answer) -> str:
    """The device cookie that a log-in hands out."""
    assert answer.status == 200
    cookies = [each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie", [])]
    (device,) = [each for each in cookies if each.startswith("hanko_compat_device=")]
    return device


def statuses(calls: list[Callable[[], Answer]]) -> Counter[int]:
    return Counter(answer.status for answer in at_once(calls))


def guess_at_many_users(server: HankoCompat, url: str) -> int:
    """Line 1: one client, 22 known users."""
    users = [Owner(url).id for _ in range(22)]
    guesses = [partial(log_in, server, user, "wrong horse", address="192.0.2.9") for user in users]
    assert sum((statuses(guesses) for _ in range(6)), Counter()) == {401: 100, 429: 32}
    # And the owner of one of them, behind another address, has lost nothing.
    return log_in(server, users[0]).status


def guess_at_one_passcode(server: HankoCompat, url: str) -> list[int]:
    """Line 2: one ``initialize``, thirty wrong codes at a time."""
    owner = Owner(url)
    cookie = cookie_of(log_in(server, owner.id))
    started = initialize(server, owner.id, address="198.51.100.10")
    assert started.status == 200
    guess = partial(finalize, server, started.body["id"], "wrong!", address="198.51.100.10")
    answers = at_once([guess] * 30)
    told = Counter((answer.status, answer.body["message"]) for answer in answers)
    assert told[401, "Unauthorized"] == 2
    assert told.keys() <= {
        (401, "Unauthorized"),
        (401, "passcode not found"),
        (410, "max attempts reached"),
    }
    with rows.reading(url):
        counted = [
            row.hits for row in RateLimit.select().where(RateLimit.name.startswith("guesses_account:"))
        ]
    assert counted in ([], [3])  # in Redis, or here

    return [
        log_in(server, owner.id, cookie=cookie).status,
        finalize(server, owner.passcode(), cookie=cookie).status,
        log_in(server, owner.id, address="192.0.2.1").status,
        finalize(server, owner.passcode(), address="192.0.2.2").status,
    ]


def flood_from_a_hundred_addresses(server: HankoCompat, url: str) -> list[int]:
    """Line 2: strangers lock out strangers, and nobody else, not even behind the address of one of them."""
    owner = Owner(url)
    cookie = cookie_of(log_in(server, owner.id))
    addresses = [HOME, *(f"198.51.100.{number}" for number in range(1, 100))]
    flood = [partial(log_in, server, owner.id, "wrong horse", address=address) for address in addresses]
    owners = [partial(log_in, server, owner.id, cookie=cookie)] * 3
    answers = at_once([*flood, *owners])
    # Of a minute's twenty the owner has taken one, before the browser was known.
    assert Counter(answer.status for answer in answers[:100]) == {401: 19, 429: 81}
    by_code = finalize(server, owner.passcode(), cookie=cookie).status
    assert log_in(server, owner.id, address="192.0.2.3").status == 429
    # What a browser is handed out at one account is worth nothing at another one.
    other = Owner(url)
    for address in addresses[:25]:
        log_in(server, other.id, "wrong horse", address=address)
    assert log_in(server, other.id, cookie=cookie, address="192.0.2.4").status == 429
    return [*(answer.status for answer in answers[100:]), by_code]


def use_up_the_mails(server: HankoCompat, url: str) -> list[int]:
    """Line 2: six mails of strangers, one of them at the owner's own address."""
    owner = Owner(url)
    cookie = cookie_of(log_in(server, owner.id))
    strangers = [
        partial(initialize, server, owner.id, address=address) for address in (HOME, "198.51.100.11")
    ]
    assert statuses(strangers * 3) == {200: 6}
    assert statuses(strangers) == {429: 2}
    assert initialize(server, owner.id, address="198.51.100.12").status == 429
    return [initialize(server, owner.id, cookie=cookie).status for _ in range(4)]


def guess_at_one_address(server: HankoCompat, url: str) -> None:
    """Line 1, from the other side: forty accounts that claim an address which nobody has proved."""
    with rows.reading(url):
        email = make_email(user=None, verified=False)
        passcodes = [str(make_passcode(user=make_user(), email=email, code=CODE).id) for _ in range(40)]
    guesses = [
        partial(finalize, server, passcode, "wrong!", address=f"198.51.100.{number}")
        for number, passcode in enumerate(passcodes)
    ]
    assert statuses(guesses) == {401: 30, 429: 10}


def test_one_client_guesses_at_many_users(start: Starter, database_url: str) -> None:
    assert guess_at_many_users(start({**SETTINGS, **NO_MINUTES}), database_url) == 200


def test_many_accounts_guess_at_one_address(start: Starter, database_url: str) -> None:
    server = start(SETTINGS)
    guess_at_one_address(server, database_url)
    owner = Owner(database_url)  # of another address
    assert finalize(server, owner.passcode(), address="198.51.100.39").status == 200


def test_thirty_wrong_codes_at_a_time_take_three_guesses(start: Starter, database_url: str) -> None:
    assert guess_at_one_passcode(start(SETTINGS), database_url) == [200] * 4


def test_an_owner_logs_in_under_a_flood_from_a_hundred_addresses(start: Starter, database_url: str) -> None:
    assert flood_from_a_hundred_addresses(start(SETTINGS), database_url) == [200] * 4


def test_strangers_do_not_use_up_the_owners_mails(start: Starter, database_url: str) -> None:
    assert use_up_the_mails(start(SETTINGS), database_url) == [200] * 3 + [429]


@pytest.mark.one_database
def test_the_same_where_redis_counts(start: Starter, database_url: str, on_redis: dict[str, Any]) -> None:
    server = start({**SETTINGS, **on_redis}, kind=PatientWithRedis)
    hurried = start({**SETTINGS, **NO_MINUTES, **on_redis}, kind=PatientWithRedis)
    assert guess_at_one_passcode(server, database_url) == [200] * 4
    assert use_up_the_mails(server, database_url) == [200] * 3 + [429]
    assert flood_from_a_hundred_addresses(server, database_url) == [200] * 4
    assert guess_at_many_users(hurried, database_url) == 200
    guess_at_one_address(server, database_url)
    assert counted(database_url, "guesses_account") == 0, "Redis has counted"


def counted(url: str, name: str) -> int:
    with rows.reading(url):
        found = RateLimit.select(RateLimit.hits).where(RateLimit.name.startswith(f"{name}:"))
        return sum(row.hits for row in found)


def test_a_guess_stays_counted_when_the_host_dies_while_it_is_compared(
    start: Starter, database_url: str
) -> None:
    server = start({**SETTINGS, **NO_MINUTES})
    owner, slow = Owner(database_url), Owner(database_url, cost=13)  # half a second for each comparison
    assert [log_in(server, owner.id, "wrong horse").status for _ in range(6)] == [401] * 6

    def guess() -> None:
        with pytest.raises((OSError, EOFError)):
            log_in(server, slow.id, "wrong horse")

    thread = Thread(target=guess)
    thread.start()
    wait_until(lambda: counted(database_url, "guesses_account") == 7, why=server.log.read_text)
    server.kill_all()
    thread.join()
    server.start()

    assert counted(database_url, "guesses_account") == 7
    assert [log_in(server, owner.id, "wrong horse").status for _ in range(6)] == [401] * 4 + [429] * 2


def test_what_does_not_exist_is_bounded_too(start: Starter, database_url: str) -> None:
    """One client and users that nobody is: as many guesses as at users, and few rows."""
    server = start({**SETTINGS, **NO_MINUTES, "hanko_compat.limits.wrong_guesses.client.first_day": 5})
    guesses = [partial(log_in, server, str(uuid4()), "wrong horse") for _ in range(15)]
    assert sum((statuses(guesses) for _ in range(2)), Counter()) == {401: 5, 429: 25}
    assert counted(database_url, "guesses_account") == 5
