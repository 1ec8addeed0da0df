"""Users of whose sign-up nothing has come, among all the others."""

from datetime import timedelta

import pytest

from hanko_compat.storage.models import EmailClaim, PrimaryEmail, User
from hanko_compat.storage.users import abandoned, users
from hanko_compat.storage.users.abandoned import Abandoned
from tests.factories import (
    make_account,
    make_credential,
    make_email,
    make_identity,
    make_metadata,
    make_otp_secret,
    make_passcode,
    make_password,
    make_primary_email,
    make_session,
    make_user,
    make_username,
    now,
)

BEFORE = now() - timedelta(days=30)
LONG_AGO = BEFORE - timedelta(days=1)


def make_empty():
    return make_user(created_at=LONG_AGO)


def make_unverified():
    """A user with a primary address that nobody has verified."""
    user = make_empty()
    make_primary_email(make_email(user=user, verified=False))
    return user


def make_claimed():
    """The same, and a server has said that the address is the user's, which nobody has proved."""
    user = make_unverified()
    EmailClaim.create(email=PrimaryEmail.get(PrimaryEmail.user == user).email_id, proved_at=None)
    return user


def make_others():
    """Users of whom something came, one for each thing that may come; and those who are new."""
    makers = (make_credential, make_metadata, make_otp_secret, make_password, make_session, make_username)
    for make_one in (make_empty, make_unverified):
        for make in makers:
            make(user=make_one())
        make_identity(email=make_email(user=None), user=make_one())
        make_passcode(email=make_email(user=None), user=make_one())
        make_email(user=make_one(), verified=True)
    make_account(user=make_empty())
    proved = make_email(user=make_empty(), verified=False)
    EmailClaim.create(email=proved, proved_at=now())
    of_a_server = [make_user(created_at=LONG_AGO, given_name=users.SETTLED) for _ in range(2)]
    make_email(user=of_a_server[0], verified=False)
    make_email(user=make_user(), verified=False)
    make_user()


ABANDONED = [
    (Abandoned.EMPTY, make_empty),
    (Abandoned.UNVERIFIED, make_unverified),
    (Abandoned.UNVERIFIED, make_claimed),
]


@pytest.mark.parametrize(("kind", "make"), ABANDONED)
def test_those_are_found_of_whom_nothing_came(services, kind, make):
    with services.database.connection():
        make_others()
        old = sorted(make().id for _ in range(3))
        everybody = users.list_page(after=None, at_most=1000)
        assert abandoned.list_among(everybody, kind, before=BEFORE) == old
        assert abandoned.count(kind, before=BEFORE) == 3
        assert abandoned.list_among(old[:1], kind, before=BEFORE) == old[:1]
        assert abandoned.list_among([], kind, before=BEFORE) == []


@pytest.mark.parametrize(("kind", "make"), ABANDONED)
def test_one_who_comes_back_meanwhile_stays(services, kind, make):
    with services.database.connection():
        found = [make().id for _ in range(3)]
        make_session(user=found[0])

    def work():
        locked = abandoned.lock_among(found, kind, before=BEFORE)
        abandoned.delete(locked)
        return locked

    deleted = services.database.transaction(work)
    assert sorted(deleted) == sorted(found[1:])
    with services.database.connection():
        assert [row.id for row in User.select()] == found[:1]
    assert services.database.transaction(lambda: abandoned.lock_among([], kind, before=BEFORE)) == []
    services.database.transaction(lambda: abandoned.delete([]))
