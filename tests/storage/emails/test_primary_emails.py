from functools import partial
from uuid import uuid4

import pytest

from hanko_compat.storage.emails import emails, primary_emails
from hanko_compat.storage.engine.database import IntegrityError
from hanko_compat.storage.models import PrimaryEmail
from hanko_compat.storage.users import users


def test_a_user_has_one_primary_address_at_most(services, clock):
    user_id = uuid4()
    with services.database.connection():
        users.create(user_id, now=clock())
        first = emails.create("first@example.test", user_id=user_id, now=clock())
        second = emails.create("second@example.test", user_id=user_id, now=clock())
        primary_emails.create(user_id=user_id, email_id=first, now=clock())
        another = partial(primary_emails.create, user_id=user_id, email_id=second, now=clock())
        with pytest.raises(IntegrityError):
            services.database.transaction(another)
        assert [row.email_id for row in PrimaryEmail.select()] == [first]
        primary_emails.delete(user_id)
        assert PrimaryEmail.select().count() == 0


def test_another_address_takes_the_place_of_the_first(services, clock):
    user_id = uuid4()
    with services.database.connection():
        users.create(user_id, now=clock())
        for name in ("first", "second"):
            email_id = emails.create(f"{name}@example.test", user_id=user_id, now=clock())
            primary_emails.replace(user_id=user_id, email_id=email_id, now=clock())
            assert [(row.user_id, row.email_id) for row in PrimaryEmail.select()] == [(user_id, email_id)]
