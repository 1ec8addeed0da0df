"""A device cookie holds for one account, for half a year, and cannot be made up."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanko_compat.clock import utc_now
from hanko_compat.services.device_cookies import MOST_ACCOUNTS, SEPARATOR, DeviceCookies
from tests.calls import CALLER
from tests.clock import FakeClock

ALICE, BOB = uuid4(), uuid4()

Make = Callable[..., DeviceCookies]


@pytest.fixture
def make(clock: FakeClock) -> Make:
    return lambda *secrets: DeviceCookies(secrets=secrets or ("the secret of all",), now=clock)


def bringing(cookie):
    return replace(CALLER, device_cookie=cookie)


def test_a_browser_is_known_to_the_account_that_logged_in_and_to_no_other(make):
    cookies = make()
    cookie = cookies.issue(ALICE, CALLER)
    assert cookies.find(ALICE, bringing(cookie)) == cookie.split(".")[0]
    assert cookies.find(BOB, bringing(cookie)) is None
    assert cookies.find(ALICE, CALLER) is None


def test_a_cookie_names_no_account(make):
    cookie = make().issue(ALICE, CALLER)
    assert str(ALICE) not in cookie
    assert ALICE.hex not in cookie


def test_each_log_in_gives_a_new_id(make):
    cookies = make()
    first = cookies.issue(ALICE, CALLER)
    second = cookies.issue(ALICE, bringing(first))
    assert SEPARATOR not in second
    assert cookies.find(ALICE, bringing(second)) not in (None, cookies.find(ALICE, bringing(first)))


def test_the_accounts_that_logged_in_last_are_remembered(make):
    cookies, users, cookie = make(), [uuid4() for _ in range(6)], None
    for user_id in users:
        cookie = cookies.issue(user_id, bringing(cookie))
    known = [user_id for user_id in users if cookies.find(user_id, bringing(cookie))]
    assert known == users[-MOST_ACCOUNTS:]
    assert len(cookie) < 400


def test_a_cookie_is_good_for_half_a_year(make, clock):
    cookies = make()
    cookie = cookies.issue(ALICE, CALLER)
    clock.advance(days=179, hours=23)
    assert cookies.find(ALICE, bringing(cookie)) is not None
    clock.advance(hours=2)
    assert cookies.find(ALICE, bringing(cookie)) is None


def test_a_clock_that_is_slow_takes_the_cookie_of_another_host(make, clock):
    cookies = make()
    cookie = cookies.issue(ALICE, CALLER)
    clock.advance(seconds=-90)
    assert cookies.find(ALICE, bringing(cookie)) is not None


def test_secrets_may_be_rotated(make):
    cookie = make("old secret").issue(ALICE, CALLER)
    assert make("new secret", "old secret").find(ALICE, bringing(cookie)) is not None
    assert make("new secret").find(ALICE, bringing(cookie)) is None
    new = make("new secret", "old secret").issue(ALICE, CALLER)
    assert make("new secret").find(ALICE, bringing(new)) is not None


@pytest.mark.parametrize("place", [0, 10, 21, 23, 28, 30, 50, -1])
def test_a_changed_character_makes_it_worthless(make, place):
    cookies = make()
    cookie = cookies.issue(ALICE, CALLER)
    changed = list(cookie)
    # One that differs in its highest bit, too: the lowest of the last one count for nothing.
    changed[place] = "A" if cookie[place] not in "ABCD" else "z"
    assert cookies.find(ALICE, bringing("".join(changed))) is None


def test_one_of_another_host_does_not_hide_ours(make):
    cookies = make()
    cookie = cookies.issue(ALICE, CALLER)
    planted = make("secret of a stranger").issue(ALICE, CALLER)
    for joined in (f"{planted}~{cookie}", f"junk~{cookie}", f"~~{cookie}~", f'"{planted}"~{cookie}'):
        assert cookies.find(ALICE, bringing(joined)) is not None


def test_an_overlong_cookie_is_ignored(make):
    cookies = make()
    cookie = cookies.issue(ALICE, CALLER)
    overlong = bringing(f"{cookie}~" + "x" * 1024)
    assert cookies.find(ALICE, overlong) is None
    assert SEPARATOR not in cookies.issue(BOB, overlong)


@given(st.text(max_size=1200))
@example("~".join(["." * 5] * 10))
@example("A" * 22 + ".____________." + "A" * 43)
@example("A" * 22 + ".___________." + "A" * 43)
@example("é" * 22 + ".a.b")
def test_any_text_is_a_stranger(text):
    cookies = DeviceCookies(secrets=["the secret of all"], now=utc_now)
    assert cookies.find(ALICE, bringing(text)) is None
    issued = cookies.issue(ALICE, bringing(text))
    assert cookies.find(ALICE, bringing(issued)) is not None
    assert issued.isascii()
