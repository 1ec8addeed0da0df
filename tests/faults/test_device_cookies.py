"""Somebody could log in for a while and has collected device cookies: they don't add up, and they end."""

from functools import partial
from http.cookies import SimpleCookie
from threading import Event
from typing import Any

import pytest

from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.faults.test_guessing import (
    HOME,
    NO_MINUTES,
    PASSWORD,
    SETTINGS,
    Owner,
    cookie_of,
    log_in,
    statuses,
)
from tests.faults.test_guessing import initialize as ask_for_mail
from tests.servers.hanko_compat import Answer, HankoCompat, PatientWithRedis

pytestmark = pytest.mark.servers

GUESSES = "hanko_compat.limits.wrong_guesses"
HURRIED = {
    **SETTINGS,
    **NO_MINUTES,
    "session.limit": 1000,  # or the owner's session makes room for the thief's
    f"{GUESSES}.account_and_client": {"first_day": 3, "further_days": 1},
    f"{GUESSES}.device": {"first_day": 4, "further_days": 1},
    f"{GUESSES}.devices": {"first_day": 6, "further_days": 1},
}
THIEF, NEW = "192.0.2.66", "another horse battery"


def collect(server: HankoCompat, owner: Owner, number: int) -> list[str]:
    """Log in so often as a browser that keeps no cookie."""
    return [cookie_of(log_in(server, owner.id, address=THIEF)) for _ in range(number)]


def change_password(server: HankoCompat, owner: Owner, *, cookie: str = "") -> Answer:
    """As the owner does, with a session from home."""
    answer = log_in(server, owner.id, cookie=cookie)
    token = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie", [])))["hanko"].value
    headers = {"Authorization": f"Bearer {token}", "X_Forwarded_For": HOME, "Cookie": cookie}
    return server.request("PUT", "/password", {"user_id": owner.id, "password": NEW}, **headers)


def use_up_the_share(server: HankoCompat, owner: Owner) -> None:
    """From now on the thief's address lets known browsers in only."""
    guess = partial(log_in, server, owner.id, "wrong horse", address=THIEF)
    assert statuses([guess] * 6) == {401: 3, 429: 3}


def guess_with_all(server: HankoCompat, url: str) -> None:
    """Six guesses with any number of cookies, and the share of one stranger."""
    owner = Owner(url)
    guesses = [
        partial(log_in, server, owner.id, "wrong horse", address=THIEF, cookie=cookie)
        for cookie in collect(server, owner, 8)
        for _ in range(4)
    ]
    assert statuses(guesses) == {401: 6 + 3, 429: 23}
    assert log_in(server, owner.id).status == 200


def mail_with_all(server: HankoCompat, url: str) -> None:
    owner = Owner(url)
    asking = [
        partial(ask_for_mail, server, owner.id, address=THIEF, cookie=cookie)
        for cookie in collect(server, owner, 4)
        for _ in range(3)
    ]
    assert statuses(asking) == {200: 6, 429: 6}
    assert ask_for_mail(server, owner.id).status == 200


def outlive_the_password(server: HankoCompat, url: str) -> None:
    """All cookies of before end with it; the browser in which it is changed gets a new one."""
    owner = Owner(url)
    mine, *stolen = collect(server, owner, 4)
    use_up_the_share(server, owner)
    assert log_in(server, owner.id, address=THIEF, cookie=stolen[0]).status == 200
    kept = cookie_of(change_password(server, owner, cookie=mine))
    enter = partial(log_in, server, owner.id, NEW, address=THIEF)
    assert statuses([partial(enter, cookie=cookie) for cookie in [mine, *stolen]]) == {429: 4}
    assert enter(cookie=kept).status == 200


def log_in_meanwhile(server: HankoCompat, url: str) -> None:
    """While the password is changed, log in with the old one until it is refused."""
    owner, has_begun = Owner(url), Event()

    def collect_all() -> list[str]:
        answers = []
        while (answer := log_in(server, owner.id, address="198.51.100.66")).status == 200:
            answers.append(answer)
            has_begun.set()
        lines = [line for each in answers for line in each.headers.get_all("Set-Cookie", [])]
        return [line.partition(";")[0] for line in lines if line.startswith("hanko_compat_device=")]

    def change() -> Answer:
        # The first log-ins take longest: each makes a new hash of one that costs less.
        assert has_begun.wait(60)
        return change_password(server, owner)

    changed, *found = at_once([change, *[collect_all] * 6])
    collected = [cookie for cookies in found for cookie in cookies]
    assert collected
    assert log_in(server, owner.id, NEW, cookie=cookie_of(changed)).status == 200
    use_up_the_share(server, owner)
    # Those that were handed out last are the ones that might have been made after the change.
    last = [cookie for cookies in found for cookie in cookies[-3:]]
    enter = [partial(log_in, server, owner.id, NEW, address=THIEF, cookie=cookie) for cookie in last]
    assert statuses(enter) == {429: len(last)}


def logged_by_all(server: HankoCompat, url: str) -> str:
    """Try each attack; return what the server logs."""
    for attack in (guess_with_all, mail_with_all, outlive_the_password, log_in_meanwhile):
        attack(server, url)
    return server.log.read_text()


def test_collected_cookies_do_not_add_up_and_end(start: Starter, database_url: str) -> None:
    log = logged_by_all(start(HURRIED), database_url)
    assert "device_not_remembered" not in log
    assert not {PASSWORD, NEW} & set(log.split('"'))


@pytest.mark.one_database
def test_the_same_where_redis_counts(start: Starter, database_url: str, on_redis: dict[str, Any]) -> None:
    log = logged_by_all(start({**HURRIED, **on_redis}, kind=PatientWithRedis), database_url)
    assert not {"device_not_remembered", "rate_limit_store_lost"} & set(log.split('"'))
