from uuid import uuid4

import pytest

from hanko_compat.errors.users import UserBlocked, UserNotFound
from hanko_compat.jose.session_token import TokenEmail, TokenSubject
from hanko_compat.services.sessions import subjects
from hanko_compat.storage.models import UserState
from tests.factories import make_account, make_metadata, make_user, make_username, now

BOTH = pytest.mark.parametrize("read", [subjects.get, subjects.lock])


@pytest.fixture
def run(services):
    """Call something in a transaction."""
    return services.database.transaction


@BOTH
def test_all_that_a_token_tells(run, read):
    user = make_user(
        name="Alice Liddell", given_name="Alice", family_name="Liddell", picture="https://a.test/a"
    )
    email = make_account(user=user, address="alice@example.test", verified=False)
    make_username(user=email.user_id, username="alice")
    make_metadata(user=email.user_id, public_metadata='{"a":1}', unsafe_metadata='{"b":2}')
    assert run(lambda: read(email.user_id)) == TokenSubject(
        user_id=email.user_id,
        email=TokenEmail("alice@example.test", is_primary=True, is_verified=False),
        username="alice",
        name="Alice Liddell",
        given_name="Alice",
        family_name="Liddell",
        picture="https://a.test/a",
        public_metadata={"a": 1},
        unsafe_metadata={"b": 2},
    )


@BOTH
def test_a_user_with_nothing(run, read):
    user = make_user()
    assert run(lambda: read(user.id)) == TokenSubject(user.id)


@BOTH
def test_nobody(run, read):
    with pytest.raises(UserNotFound):
        run(lambda: read(uuid4()))


@BOTH
@pytest.mark.parametrize("status", ["pending", "disabled"])
def test_who_may_not_log_in(services, run, read, status):
    user = make_user()
    with services.database.connection():
        UserState.create(user=user, status=status, created_at=now())
    with pytest.raises(UserBlocked):
        run(lambda: read(user.id))
