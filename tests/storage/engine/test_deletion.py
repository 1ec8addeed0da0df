from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanko_compat.storage.engine import deletion
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.engine.deletion import Old, Progress
from hanko_compat.storage.models import RevokedKey
from tests.signing_keys import MADE_AT


@pytest.fixture
def database(database_url):
    database = open_database(database_url)
    with database.connection():
        yield database
    database.close_all()


def add(*kids):
    for number, kid in enumerate(kids):
        RevokedKey.insert(kid=kid, revoked_at=MADE_AT + timedelta(days=number)).execute()


def old(*, before):
    is_old = RevokedKey.revoked_at < MADE_AT + timedelta(days=before)
    return Old(RevokedKey, is_old, (RevokedKey.revoked_at,))


def delete(*, before, at_most=10):
    return deletion.delete_some(old(before=before), at_most=at_most)


def kids():
    return sorted(row.kid for row in RevokedKey.select())


@pytest.mark.usefixtures("database")
def test_the_first_rows_that_meet_the_condition_are_deleted():
    add("d", "c", "b", "a")
    assert deletion.count(old(before=3)) == 3
    assert delete(before=3, at_most=2) == 2
    assert kids() == ["a", "b"]
    assert delete(before=3) == 1
    assert delete(before=3) == 0
    assert kids() == ["a"]


@pytest.mark.usefixtures("database")
def test_a_row_that_changed_meanwhile_stays(monkeypatch):
    add("a", "b")
    real = sorted

    def change(found):
        RevokedKey.update(revoked_at=MADE_AT + timedelta(days=9)).where(RevokedKey.kid == "a").execute()
        return real(found)

    monkeypatch.setattr(deletion, "sorted", change, raising=False)
    assert delete(before=3) == 1
    assert kids() == ["a"]


@pytest.mark.usefixtures("database")
def test_a_walk_goes_through_the_table_by_its_key():
    add("c", "a", "b", "d")  # the first three are old
    walk = partial(deletion.delete_among, old(before=3), look_at=3)
    assert walk(after=None, at_most=2) == Progress(2, "b")
    assert walk(after="b", at_most=2) == Progress(1, None)
    assert walk(after="z", at_most=2) == Progress(0, None)
    assert kids() == ["d"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    ages=st.lists(st.booleans(), max_size=25),
    look_at=st.integers(1, 12),
    at_most=st.integers(1, 12),
)
def test_a_walk_deletes_exactly_what_is_old(database, ages, look_at, at_most):
    RevokedKey.delete().execute()
    for number, is_old in enumerate(ages):
        moment = MADE_AT + timedelta(days=0 if is_old else 2)
        RevokedKey.insert(kid=f"{number * 7919 % 10007:05}", revoked_at=moment).execute()
    after, deleted, steps = None, 0, 0
    while True:
        step = deletion.delete_among(old(before=1), after=after, look_at=look_at, at_most=at_most)
        deleted, after, steps = deleted + step.deleted, step.after, steps + 1
        assert step.deleted <= at_most
        assert steps <= 2 * len(ages) + 2
        if after is None:
            break
    assert deleted == sum(ages)
    assert RevokedKey.select().count() == len(ages) - deleted
