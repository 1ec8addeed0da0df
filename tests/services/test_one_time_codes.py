from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.client import Client
from hanko_compat.errors.hashing import Overloaded
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.hashing.hasher import NO_PASSCODE, Hasher
from hanko_compat.services.one_time_codes import OneTimeCodes, Verdict, new_code
from tests.hashes import observed_checks, occupied

CODE_ID, RIGHT, WRONG = uuid4(), "123456", "654321"
USER_ID, CLIENT = uuid4(), "203.0.113.9"
CALLER = Client(ip_address=CLIENT, user_agent="test", request_id="request-1")


class Memory:
    """A table of one code in memory."""

    def __init__(self):
        self.tries = {CODE_ID: 0}

    def count_try(self, code_id, *, limit):
        if code_id not in self.tries:
            return None
        if self.tries[code_id] == limit:
            return limit + 1
        self.tries[code_id] += 1
        return self.tries[code_id]

    def give_try_back(self, code_id):
        self.tries[code_id] -= 1

    def end(self, code_id):
        del self.tries[code_id]


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def hasher():
    return Hasher(concurrency=1, queue=0)


@pytest.fixture
def codes(services, hasher, clock, memory):
    return OneTimeCodes(services.database, hasher=hasher, rows=memory, now=clock)


@pytest.fixture
def guesses(make_services):
    return make_services({"rate_limiter.enabled": True}).guesses


@pytest.fixture
def compare(codes, guesses):
    hashed = codes.hash(RIGHT, client=CLIENT)

    def compare(code):
        with guesses.by_client(USER_ID, CALLER) as guess:
            return codes.compare(code, code_id=CODE_ID, hashed=hashed, guess=guess, client=CLIENT)

    return compare


def test_the_right_code_is_right_and_not_used_up_by_that(compare, memory):
    assert [compare(RIGHT), compare(RIGHT)] == [Verdict.RIGHT] * 2
    assert memory.tries == {CODE_ID: 2}


def test_the_third_wrong_code_ends_it(compare, memory):
    assert [compare(WRONG) for _ in range(4)] == [
        Verdict.WRONG,
        Verdict.WRONG,
        Verdict.LAST_WRONG,
        Verdict.GONE,
    ]
    assert memory.tries == {}
    assert compare(RIGHT) is Verdict.GONE


def test_the_third_try_may_be_right_and_a_fourth_is_not_evaluated(compare):
    assert [compare(code) for code in (WRONG, WRONG, RIGHT, RIGHT)] == [
        Verdict.WRONG,
        Verdict.WRONG,
        Verdict.RIGHT,
        Verdict.NO_TRY_LEFT,
    ]


def test_a_try_that_nobody_had_time_for_is_given_back(compare, memory, hasher):
    with occupied(hasher._passcodes):
        for _ in range(5):
            with pytest.raises(Overloaded):
                compare(RIGHT)
    assert memory.tries == {CODE_ID: 0}
    assert compare(RIGHT) is Verdict.RIGHT


def test_a_try_that_a_limit_refuses_is_given_back(compare, memory, make_services, guesses):
    for _ in range(10):
        with guesses.by_client(USER_ID, CALLER) as guess:
            guess.take()
            guess.note_wrong()
    with observed_checks() as hashes:
        for _ in range(5):
            with pytest.raises(RateLimited):
                compare(RIGHT)
    assert (memory.tries, hashes) == ({CODE_ID: 0}, [])


def test_what_is_not_compared_takes_nothing_from_the_account(compare, memory, guesses):
    memory.tries.clear()
    assert {compare(WRONG) for _ in range(50)} == {Verdict.GONE}
    memory.tries[CODE_ID] = 3
    assert {compare(WRONG) for _ in range(50)} == {Verdict.NO_TRY_LEFT}
    memory.tries[CODE_ID] = 0
    assert compare(RIGHT) is Verdict.RIGHT


def test_where_no_code_is_stored_as_much_is_computed(codes):
    with observed_checks() as hashes:
        codes.compare_with_none(RIGHT, client=CLIENT)
    assert hashes == [NO_PASSCODE]


def test_a_code_counts_until_its_time_is_over(codes, clock):
    expires_at = clock() + timedelta(minutes=5)
    clock.advance(minutes=5)
    assert not codes.is_over(expires_at)
    clock.advance(seconds=1)
    assert codes.is_over(expires_at)


def test_no_hash_is_like_another(codes):
    made = {codes.hash(RIGHT, client=CLIENT) for _ in range(3)}
    assert len(made) == 3
    assert RIGHT not in "".join(made)


def test_codes_have_six_digits_of_all_ten_and_keep_their_zeros():
    codes = [new_code() for _ in range(2000)]
    assert all(len(code) == 6 and set(code) <= set("0123456789") for code in codes)
    assert {code[0] for code in codes} == set("0123456789")
    assert len(set(codes)) > 1900
