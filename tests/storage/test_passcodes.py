from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.storage import passcodes
from hanko_compat.storage.engine.database import IntegrityError
from hanko_compat.storage.engine.deletion import delete_some
from hanko_compat.storage.models import Email, Passcode
from tests.factories import make_email, make_passcode, make_user, now

LIMIT = 3


@pytest.fixture(autouse=True)
def connection(services):
    with services.database.connection():
        yield


def tries(passcode):
    return Passcode.get_by_id(passcode.id).try_count


def count_try(passcode_id):
    return passcodes.count_try(passcode_id, limit=LIMIT, now=now())


def test_a_passcode_is_found_as_it_was_written():
    email, passcode_id, moment = make_email(), uuid4(), now()
    passcodes.create(
        passcode_id, user_id=email.user_id, email_id=email.id, hashed_code="hash", ttl=300, now=moment
    )
    found = passcodes.find(passcode_id)
    assert (found.user_id, found.email_id, found.code) == (email.user_id, email.id, "hash")
    assert (found.ttl, found.try_count, found.created_at) == (300, 0, moment)


@pytest.mark.parametrize("gone", ["user_id", "email_id"])
def test_a_passcode_needs_its_user_and_address(services, gone):
    email = make_email()
    ids = {"user_id": email.user_id, "email_id": email.id} | {gone: uuid4()}
    with pytest.raises(IntegrityError):
        services.database.transaction(
            lambda: passcodes.create(uuid4(), **ids, hashed_code="hash", ttl=300, now=now())
        )


@pytest.mark.parametrize("missing", ["user", "email"])
def test_passcodes_of_flows_are_not_found(missing):
    passcode = make_passcode(**{missing: None}, **({"user": make_user()} if missing == "email" else {}))
    assert passcodes.find(passcode.id) is None


def test_tries_are_counted_up_to_the_limit():
    passcode, other = make_passcode(), make_passcode()
    assert [count_try(passcode.id) for _ in range(5)] == [1, 2, 3, LIMIT + 1, LIMIT + 1]
    assert (tries(passcode), tries(other)) == (LIMIT, 0)


def test_a_passcode_that_is_gone_has_no_tries():
    assert count_try(uuid4()) is None


def test_a_try_can_be_given_back():
    passcode = make_passcode(try_count=2)
    passcodes.give_try_back(passcode.id)
    assert tries(passcode) == 1
    passcodes.give_try_back(passcode.id)
    passcodes.give_try_back(passcode.id)
    assert tries(passcode) == 0


def test_tries_at_one_moment_get_different_numbers(services):
    passcode = make_passcode()
    with ThreadPoolExecutor(6) as pool:
        numbers = pool.map(lambda _: services.database.transaction(lambda: count_try(passcode.id)), range(6))
        assert sorted(numbers) == [1, 2, 3, 4, 4, 4]


def test_one_caller_consumes_a_passcode(services):
    passcode, other = make_passcode(), make_passcode()
    with ThreadPoolExecutor(6) as pool:
        won = pool.map(
            lambda _: services.database.transaction(lambda: passcodes.consume(passcode.id)), range(6)
        )
        assert sorted(won) == [False] * 5 + [True]
    assert passcodes.find(other.id) is not None


def test_all_passcodes_of_a_user_go_at_once():
    mine, others = make_passcode(), make_passcode()
    make_passcode(email=mine.email)
    assert passcodes.delete_of_user(mine.user_id) == 2
    assert [row.id for row in Passcode.select()] == [others.id]


def test_old_passcodes_are_deleted_a_few_at_a_time_and_those_of_flows_stay():
    long_ago = now() - timedelta(days=2)
    old = [make_passcode(created_at=long_ago) for _ in range(3)]
    kept = [
        make_passcode(),
        make_passcode(created_at=long_ago, ttl=301),
        make_passcode(created_at=long_ago, email=None, user=make_user()),
        make_passcode(created_at=long_ago, user=None),
    ]
    expired = passcodes.old(before=now() - timedelta(days=1), ttl=300)
    assert [delete_some(expired, at_most=2) for _ in range(3)] == [2, 1, 0]
    assert {row.id for row in Passcode.select()} == {row.id for row in kept}
    assert Email.select().count() == len(old) + len(kept) - 1
