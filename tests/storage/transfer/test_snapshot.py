"""A snapshot does not change, and leaves its connection as it was."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hanko_compat.storage.models import User
from hanko_compat.storage.transfer.snapshot import snapshot
from tests.factories import make_user


def count(database):
    with database.connection():
        return User.select().count()


def in_a_thread(work):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_what_others_write_is_seen_after_it(database):
    with snapshot(database):
        assert User.select().count() == 0
        in_a_thread(make_user)
        assert in_a_thread(lambda: count(database)) == 1
        assert User.select().count() == 0
    assert count(database) == 1


def test_the_connection_can_be_written_with_afterwards(database):
    with pytest.raises(ZeroDivisionError), snapshot(database):
        raise ZeroDivisionError
    database.transaction(make_user)
    assert count(database) == 1
