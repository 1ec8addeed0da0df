"""A device cookie holds for one account, for half a year, and cannot be made up."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanko_compat.clock import utc_now
from hanko_compat.services.device_cookies import ID_LENGTH, LONGEST, MOST_ACCOUNTS, SEPARATOR, DeviceCookies
from tests.calls import CALLER
from tests.clock import FakeClock

ALICE, BOB = uuid4(), uuid4()

Make = Callable[..., DeviceCookies]


@pytest.fixture
def epochs() -> defaultdict[UUID, str]:
    """The epoch of each account."""
    return defaultdict(lambda: "first")


@pytest.fixture
def make(clock: FakeClock, epochs: defaultdict[UUID, str]) -> Make:
    return lambda *secrets: DeviceCookies(
        secrets=secrets or ("the secret of all",), find_epoch=epochs.__getitem__, now=clock
    )


def bringing(cookie):
    return replace(CALLER, device_cookie=cookie)


def test_a_browser_is_known_to_the_account_that_logged_in_and_to_no_other(make):
    cookies = make()
    cookie = cookies.issue(ALICE, CALLER)
    assert cookies.find(ALICE, bringing(cookie)) == cookie[:ID_LENGTH]
    assert cookies.find(BOB, bringing(cookie)) is None
    assert cookies.find(ALICE, CALLER) is None


def test_a_cookie_names_no_account(make):
    cookie = make().issue(ALICE, CALLER)
    assert str(ALICE) not in cookie
    assert ALICE.hex not in cookie


def test_a_browser_keeps_its_id_at_the_next_log_in(make, clock):
    cookies = make()
    first = cookies.issue(ALICE, CALLER)
    clock.advance(days=100)
    second = cookies.issue(ALICE, bringing(first))
    assert SEPARATOR not in second
    clock.advance(days=100)
    assert cookies.find(ALICE, bringing(first)) is None
    assert cookies.find(ALICE, bringing(second)) == first[:ID_LENGTH]


def test_each_browser_has_an_id_of_its_own(make):
    cookies = make()
    assert len({cookies.issue(ALICE, CALLER)[:ID_LENGTH] for _ in range(50)}) == 50


def test_a_cookie_ends_with_the_epoch_of_its_account(make, epochs):
    cookies = make()
    old = cookies.issue(BOB, bringing(cookies.issue(ALICE, CALLER)))
    epochs[ALICE] = "second"
    assert cookies.find(ALICE, bringing(old)) is None
    assert cookies.find(BOB, bringing(old)) is not None
    new = cookies.issue(ALICE, bringing(old))
    assert cookies.find(ALICE, bringing(new)) not in (None, old.split(SEPARATOR)[1][:ID_LENGTH])
    assert cookies.find(BOB, bringing(new)) is not None
    assert new.count(SEPARATOR) == 1


def test_cookies_of_one_account_do_not_show_it(make):
    cookies = make()
    marks = {cookies.issue(ALICE, CALLER).split(".")[0][ID_LENGTH:] for _ in range(20)}
    assert len(marks) == 20


def test_nothing_is_looked_up_for_who_brings_no_genuine_token(clock, make):
    looked_up = []

    def find_epoch(user_id):
        looked_up.append(user_id)
        return "first"

    cookies = DeviceCookies(secrets=["the secret of all"], find_epoch=find_epoch, now=clock)
    strange = make("secret of a stranger").issue(ALICE, CALLER)
    for cookie in (None, "", "junk", strange, make().issue(BOB, CALLER), "~".join([strange] * 12)):
        assert cookies.find(ALICE, bringing(cookie)) is None
    assert looked_up == []
    assert cookies.find(ALICE, bringing(make().issue(ALICE, CALLER))) is not None
    assert looked_up == [ALICE]


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


@pytest.mark.parametrize("place", [0, 10, 21, 22, 37, 39, 44, 46, 66, -1])
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


def test_three_full_cookies_are_read(make):
    cookies, full = make(), None
    for _ in range(MOST_ACCOUNTS):
        full = cookies.issue(uuid4(), bringing(full))
    ours = cookies.issue(ALICE, bringing(full))
    assert ours.count(SEPARATOR) == MOST_ACCOUNTS - 1
    assert cookies.find(ALICE, bringing(SEPARATOR.join([full, full, ours]))) is not None


def test_an_overlong_cookie_is_ignored(make):
    cookies = make()
    cookie = cookies.issue(ALICE, CALLER)
    overlong = bringing(f"{cookie}~" + "x" * LONGEST)
    assert cookies.find(ALICE, overlong) is None
    assert SEPARATOR not in cookies.issue(BOB, overlong)


@given(st.text(max_size=1200))
@example("~".join(["." * 5] * 10))
@example("A" * 22 + "0" * 16 + ".____________." + "A" * 43)
@example("A" * 22 + "0" * 16 + ".___________." + "A" * 43)
@example("é" * 22 + "0" * 16 + ".a.b")
def test_any_text_is_a_stranger(text):
    cookies = DeviceCookies(secrets=["the secret of all"], find_epoch=str, now=utc_now)
    assert cookies.find(ALICE, bringing(text)) is None
    issued = cookies.issue(ALICE, bringing(text))
    assert cookies.find(ALICE, bringing(issued)) is not None
    assert issued.isascii()
