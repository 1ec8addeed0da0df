from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest

from hanko_compat.storage.sessions import token_subjects
from hanko_compat.storage.users import records as user_records
from hanko_compat.storage.users import users
from tests.factories import make_account, make_email, make_metadata, make_user, make_username, now
from tests.queries import assert_query_count


@pytest.fixture(autouse=True)
def connection(services):
    with services.database.connection():
        yield


def test_a_user_with_everything_in_one_query():
    names = ("Alice Liddell", "Alice", "Liddell", "https://a.test/a.png")
    user = make_user(**dict(zip(("name", "given_name", "family_name", "picture"), names, strict=True)))
    email = make_account(user=user, address="alice@example.test", verified=False)
    make_email(user=email.user_id, address="second@example.test")
    make_username(user=email.user_id, username="alice")
    make_metadata(user=email.user_id, public_metadata='{"a":1}', unsafe_metadata=None)
    make_account()
    with assert_query_count(1):
        found = token_subjects.find(email.user_id)
    known = (email.user_id, "alice@example.test", False, "alice", *names)
    assert found == (*known, '{"a":1}', None, None, None)


def test_a_user_with_nothing():
    user = make_user()
    make_email(user=user)
    assert token_subjects.find(user.id) == (user.id, *[None] * 11)


def test_nobody():
    assert token_subjects.find(uuid4()) is None


def test_a_user_is_read_and_locked(services):
    email = make_account(address="alice@example.test")
    row = services.database.transaction(lambda: token_subjects.lock(email.user_id))
    assert row == token_subjects.find(email.user_id)
    assert services.database.transaction(lambda: token_subjects.lock(uuid4())) is None


def test_of_two_who_lock_a_user_one_waits(services):
    user_id, order, has_locked = make_user().id, [], Event()

    def first():
        token_subjects.lock(user_id)
        has_locked.set()
        wait([second], timeout=0.2)
        order.append("first")

    def follow():
        has_locked.wait()
        services.database.transaction(lambda: order.append(token_subjects.lock(user_id) and "second"))

    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(follow)
        services.database.transaction(first)
        second.result()
    assert order == ["first", "second"]


def test_who_waited_reads_what_the_other_wrote(services):
    """PostgreSQL alone would read the locked row anew, and the rows of other tables as they were before."""
    user_id, has_locked = make_user().id, Event()

    def disable():
        users.lock(user_id)
        has_locked.set()
        wait([reading], timeout=0.2)
        user_records.update(user_id, name=None, status="disabled", now=now() + timedelta(seconds=1))

    def read():
        has_locked.wait()
        return services.database.transaction(lambda: token_subjects.lock(user_id))

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        services.database.transaction(disable)
        assert reading.result().status == "disabled"
