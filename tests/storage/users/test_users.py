from threading import Event, Thread
from uuid import uuid4

from hanko_compat.storage.models import Passcode, User, WebauthnCredential, WebauthnCredentialUserHandle
from hanko_compat.storage.users import users
from tests.factories import (
    make_user,
)


def test_a_user_is_deleted_with_its_rows(services, clock):
    mine, other = uuid4(), uuid4()
    times = {"created_at": clock(), "updated_at": clock()}
    with services.database.connection():
        for user_id in (mine, other):
            users.create(user_id, now=clock())
            handle = WebauthnCredentialUserHandle.create(user=user_id, handle=uuid4().hex, **times)
            WebauthnCredential.create(
                id=uuid4().hex, user=user_id, user_handle=handle, public_key="cose", attestation_type="none",
                aaguid=uuid4(), sign_count=0, **times,
            )  # fmt: skip
            Passcode.create(user=user_id, ttl=300, code="hash", try_count=0, **times)
        assert users.delete(mine) is True
        assert users.delete(mine) is False
        assert [user.id for user in User.select()] == [other]
        for table in (Passcode, WebauthnCredential, WebauthnCredentialUserHandle):
            assert [row.user_id for row in table.select()] == [other]


def test_a_lock_tells_whether_there_is_such_a_user(services, clock):
    user_id = uuid4()
    with services.database.connection():
        users.create(user_id, now=clock())
    assert services.database.transaction(lambda: users.lock(user_id)) is True
    assert services.database.transaction(lambda: users.lock(uuid4())) is False


def test_who_locks_a_user_waits_for_who_did_before(services, clock):
    user_id, locked, order = uuid4(), Event(), []
    with services.database.connection():
        users.create(user_id, now=clock())

    def first():
        users.lock(user_id)
        locked.set()
        order.append("first")
        follower.join(0.3)  # it can't end before this transaction does
        order.append("first ends")

    def second():
        assert locked.wait(10)
        services.database.transaction(lambda: users.lock(user_id) and order.append("second"))

    follower = Thread(target=second)
    follower.start()
    services.database.transaction(first)
    follower.join(10)
    assert order == ["first", "first ends", "second"]


def test_pages_of_users(services):
    with services.database.connection():
        ids = sorted(make_user().id for _ in range(3))
        assert users.list_page(after=None, at_most=2) == ids[:2]
        assert users.list_page(after=ids[1], at_most=2) == ids[2:]
        assert users.list_page(after=ids[2], at_most=2) == []
