from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.storage import passwords as password_credentials
from hanko_compat.storage.engine.database import IntegrityError
from hanko_compat.storage.models import PasswordCredential
from hanko_compat.storage.users import users


@pytest.fixture(autouse=True)
def connection(services):
    with services.database.connection():
        yield


@pytest.fixture
def user_id(clock):
    """The id of a user without a password."""
    new = uuid4()
    users.create(new, now=clock())
    return new


def test_a_user_without_a_password_is_told_from_no_user(clock, user_id):
    assert password_credentials.find(uuid4()) is None
    assert password_credentials.find(user_id) == (user_id, None)
    password_credentials.create(user_id=user_id, password="hash", now=clock())
    assert password_credentials.find(user_id) == (user_id, "hash")


def test_a_user_has_one_password_at_most(services, clock, user_id):
    password_credentials.create(user_id=user_id, password="hash", now=clock())
    with pytest.raises(IntegrityError):
        services.database.transaction(
            lambda: password_credentials.create(user_id=user_id, password="other", now=clock())
        )
    assert password_credentials.find(user_id).password == "hash"


def test_another_hash_takes_the_place_of_the_one_that_was_read(clock, user_id):
    other = uuid4()
    users.create(other, now=clock())
    for owner in (user_id, other):
        password_credentials.create(user_id=owner, password="hash", now=clock())
    password_credentials.replace(user_id=user_id, old="an older one", new="new")
    assert password_credentials.find(user_id).password == "hash"
    password_credentials.replace(user_id=user_id, old="hash", new="new")
    assert password_credentials.find(user_id).password == "new"
    assert password_credentials.find(other).password == "hash"


def test_a_change_is_of_one_user_and_says_whether_there_was_a_password(clock, user_id):
    other = uuid4()
    users.create(other, now=clock())
    made = clock()
    password_credentials.create(user_id=other, password="theirs", now=made)
    assert not password_credentials.update(user_id=user_id, password="new", now=clock())
    password_credentials.create(user_id=user_id, password="hash", now=made)
    assert password_credentials.update(user_id=user_id, password="new", now=made + timedelta(minutes=1))
    row = PasswordCredential.get(PasswordCredential.user == user_id)
    assert (row.password, row.updated_at - row.created_at) == ("new", timedelta(minutes=1))
    assert password_credentials.find(other).password == "theirs"
