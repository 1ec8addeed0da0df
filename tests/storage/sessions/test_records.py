from datetime import timedelta
from uuid import uuid4

import pytest
from peewee import chunked

from hanko_compat.storage.models import Session
from hanko_compat.storage.sessions import records
from hanko_compat.storage.sessions.records import At
from tests.factories import make_session, make_user, now
from tests.queries import assert_query_count, explained_queries

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture(autouse=True)
def connection(services):
    with services.database.connection():
        yield


def active(user, at, *, idle_timeout=None, most=10):
    return [row.id for row in records.list_active(user.id, at=At(at, idle_timeout), most=most)]


def test_active_sessions_of_a_user_come_newest_first():
    user, moment = make_user(), now()
    middle, oldest, newest = (
        make_session(user=user, created_at=moment + n * SECOND, expires_at=moment + HOUR).id
        for n in (2, 1, 3)
    )
    make_session(user=user, expires_at=moment)  # it has just expired
    make_session(expires_at=moment + HOUR)  # somebody else's
    without_end = make_session(user=user, created_at=moment, expires_at=None).id
    with assert_query_count(1):
        assert active(user, moment) == [newest, middle, oldest, without_end]
    assert active(user, moment, most=2) == [newest, middle]


@pytest.mark.parametrize(
    ("last_used", "is_active"), [(timedelta(minutes=30), True), (timedelta(minutes=31), False), (None, False)]
)
def test_a_session_that_was_idle_for_too_long_is_left_out(last_used, is_active):
    user, moment = make_user(), now()
    session = make_session(
        user=user,
        created_at=moment - HOUR,
        last_used=last_used and moment - last_used,
        expires_at=moment + HOUR,
    )
    found = active(user, moment, idle_timeout=timedelta(minutes=30))
    assert found == ([session.id] if is_active else [])
    assert active(user, moment) == [session.id]


def test_a_row_is_as_it_is_stored():
    moment = now()
    row = make_session(
        created_at=moment - HOUR,
        updated_at=moment,
        last_used=moment,
        expires_at=moment + HOUR,
        user_agent="Me",
    )
    (found,) = records.list_active(row.user_id, at=At(moment, None), most=10)
    assert found == (
        row.id,
        row.user_id,
        moment - HOUR,
        moment + HOUR,
        moment,
        row.ip_address,
        "Me",
        moment,
    )


def fill(database, *, users, sessions):
    """So many users with so many sessions each, and statistics of them; one of the users."""
    moment, everybody = now(), [make_user() for _ in range(users)]
    rows = [
        {
            "user": user,
            "created_at": moment - n * SECOND,
            "updated_at": moment,
            "last_used": moment,
            "expires_at": moment + HOUR,
        }
        for user in everybody
        for n in range(sessions)
    ]
    for some in chunked(rows, 500):
        Session.insert_many([{"id": uuid4(), **row} for row in some]).execute()
    database.peewee.execute_sql(
        "ANALYZE TABLE sessions" if database.dialect == "mysql" else "ANALYZE sessions"
    )
    return everybody[0]


def test_an_index_on_the_user_finds_them(services):
    database = services.database
    user, moment = fill(database, users=100, sessions=50), now()
    with explained_queries(database) as plans:
        assert len(active(user, moment, most=1000)) == 50
    (plan,) = plans
    # How the names of ours begin; MariaDB has its own, and says that it looks at fifty rows.
    assert ("'user_id', '145', 'const', '50'" if database.dialect == "mysql" else "sessions_user_id") in plan
