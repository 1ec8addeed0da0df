"""An epoch ends with what proves that the account is its owner's, and with nothing else."""

import pytest

from hanko_compat.services.account_epochs import AccountEpochs
from hanko_compat.storage import passwords
from hanko_compat.storage.emails import claims, emails, primary_emails
from hanko_compat.storage.models import PasswordCredential
from tests.factories import (
    make_account,
    make_email,
    make_passcode,
    make_password,
    make_session,
    make_user,
    now,
)


@pytest.fixture
def find(services):
    return AccountEpochs(services.database).find


def delete_password(user_id):
    PasswordCredential.delete().where(PasswordCredential.user == user_id).execute()


def set_primary(email):
    primary_emails.replace(user_id=email.user_id, email_id=email.id, now=now())


CHANGES = {
    "password": lambda first, _: passwords.update(user_id=first.user_id, password="new", now=now()),
    "no password": lambda first, _: delete_password(first.user_id),
    "primary address": lambda _, second: set_primary(second),
    "no primary address": lambda first, _: primary_emails.delete(first.user_id),
    "verified": lambda first, _: emails.verify(first.id, user_id=first.user_id, now=now()),
    "first proof": lambda first, _: claims.prove(first.id, now=now()),
    "first proof of another": lambda _, second: claims.prove(second.id, now=now()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_ends_with_each_change_of_what_proves_the_account(services, find, change):
    first = make_account(verified=False)
    make_password(user=first.user_id, password="old")
    second = make_email(user=first.user_id)
    before = find(first.user_id)
    assert find(first.user_id) == before
    services.database.transaction(lambda: change(first, second))
    assert find(first.user_id) != before


def test_the_first_password_begins_one(find):
    user_id = make_account().user_id
    before = find(user_id)
    make_password(user=user_id)
    assert find(user_id) != before


def test_it_does_not_end_with_what_proves_nothing(find):
    email = make_account()
    make_password(user=email.user_id)
    before = find(email.user_id)
    make_email(user=email.user_id)
    make_session(user=email.user_id)
    make_passcode(user=email.user_id, email=email)
    make_password(user=make_account().user_id)
    assert find(email.user_id) == before


def test_it_shows_nothing_of_the_password(find):
    user_id = make_user().id
    make_password(user=user_id, password="old")
    assert len(find(user_id)) == 64
    assert "old" not in find(user_id)
