"""What proves an account is read as it is, by one query."""

from uuid import uuid4

from hanko_compat.storage import account_epochs
from hanko_compat.storage.account_epochs import AccountEpoch
from hanko_compat.storage.emails import claims
from tests.factories import make_account, make_email, make_password, make_user, now
from tests.queries import recorded_queries


def find(services, user_id):
    with services.database.connection():
        return account_epochs.find(user_id)


def test_an_account_without_anything(services):
    assert find(services, make_user().id) == AccountEpoch(None, None, False, None)


def test_who_is_no_user(services):
    assert find(services, uuid4()) is None


def test_one_query_reads_all_that_proves_it(services):
    email = make_account(verified=False)
    second = make_email(user=email.user_id)
    make_password(user=email.user_id, password="the hash")
    others = make_account()
    for each in (second, others):
        services.database.transaction(lambda each=each: claims.prove(each.id, now=now()))
    with recorded_queries() as statements:
        found = find(services, email.user_id)
    assert len(statements) == 1
    assert found[:3] == ("the hash", email.id, False)
    assert found.proved_at is not None
    assert find(services, others.user_id)[:3] == (None, others.id, True)
