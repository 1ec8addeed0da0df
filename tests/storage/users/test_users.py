from datetime import timedelta
from threading import Event, Thread
from uuid import UUID, uuid4

from hanko_compat.storage.models import Passcode, User, WebauthnCredential, WebauthnCredentialUserHandle
from hanko_compat.storage.users import users
from tests.factories import (
    make_credential,
    make_email,
    make_identity,
    make_metadata,
    make_otp_secret,
    make_passcode,
    make_password,
    make_session,
    make_user,
    make_username,
    now,
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


def test_sign_ups_of_which_nothing_came_are_deleted(services):
    with services.database.connection():
        long_ago = now() - timedelta(days=31)
        old = [make_user(created_at=long_ago).id for _ in range(4)]
        makers = (make_credential, make_email, make_metadata, make_otp_secret, make_password, make_session)
        for make in (*makers, make_username):
            make(user=make_user(created_at=long_ago))
        make_identity(email=make_email(user=None), user=make_user(created_at=long_ago))
        make_passcode(email=make_email(user=None), user=make_user(created_at=long_ago))
        make_user(created_at=long_ago, given_name=users.SETTLED)
        make_user()
        everybody = User.select().count()
        smallest, before = UUID(int=0), now() - timedelta(days=30)
        found = users.list_abandoned(before=before, after=smallest, at_most=everybody)
        assert sorted(found) == sorted(old)
        assert users.list_abandoned(before=before, after=max(old), at_most=everybody) == []
        looked_at = [users.list_abandoned(before=before, after=smallest, at_most=n) for n in range(1, 3)]
        assert all(len(each) <= n for n, each in enumerate(looked_at, 1))
        make_email(user=found[0])
    deleted = services.database.transaction(lambda: users.delete_abandoned(found))
    assert sorted(deleted) == sorted(found[1:])
    with services.database.connection():
        assert User.select().count() == everybody - 3
        assert services.database.transaction(lambda: users.delete_abandoned([])) == []
