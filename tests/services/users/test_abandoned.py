"""Sign-ups that nobody confirmed."""

from datetime import timedelta

import pytest

from hanko_compat.services.clean_up import EVERY
from hanko_compat.services.users import abandoned
from hanko_compat.storage.models import AuditLog, User
from tests.calls import CALLER
from tests.factories import make_account, make_user


@pytest.fixture(autouse=True)
def from_the_first_on(monkeypatch):
    """A look begins with the first user, not with a random one, and takes in all of them."""
    monkeypatch.setattr(abandoned, "AT_MOST", 1000)
    monkeypatch.setattr(abandoned, "uuid4", lambda: "00000000-0000-0000-0000-000000000000")


def sign_up_many(services):
    for number in range(EVERY):
        services.users.accounts.sign_up(f"new{number}@example.test", client=CALLER)


def old_users(services, clock):
    with services.database.connection():
        return User.select().where(User.created_at < clock() - timedelta(days=1)).count()


def test_they_are_deleted_after_a_month_and_it_is_recorded(make_services, clock):
    services = make_services({"audit_log.storage.enabled": True})
    with services.database.connection():
        ids = {make_user(created_at=clock()).id for _ in range(5)}
        account = make_account(created_at=clock())
    clock.advance(days=29)
    sign_up_many(services)
    assert old_users(services, clock) == 6
    clock.advance(days=2)
    sign_up_many(services)
    with services.database.connection():
        deleted = AuditLog.select().where(AuditLog.type == "user_deleted")
        assert {row.actor_user_id for row in deleted} == ids
        assert {row.meta_source_ip for row in deleted} == {""}
        assert not User.select().where(User.id.in_(ids)).exists()
        assert User.select().where(User.id == account.user_id).exists()


def test_never_on_a_database_of_hanko(services, clock):
    with services.database.connection():
        make_user(created_at=clock())
        services.database.peewee.execute_sql("CREATE TABLE schema_migration (version varchar(14) NOT NULL)")
    clock.advance(days=60)
    sign_up_many(services)
    assert old_users(services, clock) == 1
