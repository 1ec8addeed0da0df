from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.storage.engine.deletion import delete_some
from hanko_compat.storage.models import Session
from hanko_compat.storage.sessions import sessions
from tests.factories import make_session, make_user, now

LATER = timedelta(hours=1)


@pytest.fixture(autouse=True)
def connection(services):
    with services.database.connection():
        yield


def stored():
    return {row.id for row in Session.select(Session.id)}


def test_create_fills_every_column():
    user, session_id, moment = make_user(), uuid4(), now()
    sessions.create(
        session_id=session_id,
        user_id=user.id,
        created_at=moment,
        expires_at=moment + LATER,
        ip_address="192.0.2.1",
        user_agent=None,
    )
    row = Session.get_by_id(session_id)
    assert (row.user_id, row.ip_address, row.user_agent) == (user.id, "192.0.2.1", None)
    assert (row.created_at, row.updated_at, row.last_used, row.expires_at) == (*[moment] * 3, moment + LATER)


def test_find_use():
    session = make_session(last_used=None)
    assert sessions.find_use(session.id) == (session.user_id, None, session.created_at, None, 0)
    assert sessions.find_use(uuid4()) is None


def test_live_sessions_come_newest_first():
    user, moment = make_user(), now()
    ids = [
        make_session(user=user, created_at=moment + timedelta(seconds=n), expires_at=moment + LATER).id
        for n in (2, 1, 3)
    ]
    make_session(user=user, expires_at=moment)
    make_session(user=user, expires_at=None)
    make_session(expires_at=moment + LATER)
    assert sessions.list_live_ids(user_id=user.id, at=moment) == [ids[2], ids[0], ids[1]]


@pytest.mark.parametrize(
    ("last_used", "is_written"), [(None, True), (-1, True), (0, False), (1, False)], ids=str
)
def test_last_use_only_moves_on(last_used, is_written):
    moment = now()
    before = None if last_used is None else moment + timedelta(minutes=last_used)
    session, other = make_session(last_used=before), make_session(last_used=None)
    sessions.update_last_used(session.id, at=moment)
    assert Session.get_by_id(session.id).last_used == (moment if is_written else before)
    assert Session.get_by_id(other.id).last_used is None


def test_delete():
    one, two, three = (make_session().id for _ in range(3))
    assert sessions.delete([one, two, uuid4()]) == 2
    assert sessions.delete([]) == 0
    assert stored() == {three}


def test_delete_of_user():
    user = make_user()
    mine, other, foreign = make_session(user=user).id, make_session(user=user).id, make_session().id
    assert sessions.delete_of_user(user.id, but=mine) == 1
    assert stored() == {mine, foreign}
    assert sessions.delete_of_user(user.id) == 1
    assert stored() == {foreign}
    assert other not in stored()


def test_sessions_that_expired_long_ago_are_deleted_a_few_at_a_time():
    for _ in range(3):
        make_session(expires_at=now() - timedelta(days=31))
    kept = {
        make_session(expires_at=now() - timedelta(days=29)).id,
        make_session(expires_at=None).id,
        make_session().id,
    }
    expired = sessions.expired(before=now() - timedelta(days=30))
    assert [delete_some(expired, at_most=2) for _ in range(3)] == [2, 1, 0]
    assert stored() == kept
