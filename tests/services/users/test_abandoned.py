"""Sign-ups of which nothing has come."""

from datetime import timedelta

import pytest

from hanko_compat.storage.models import AuditLog, User
from tests.calls import CALLER
from tests.factories import make_account, make_email, make_primary_email, make_user

AUDITED = {"audit_log.storage.enabled": True}
UNVERIFIED = {"hanko_compat.cleanup.unverified_sign_ups": "1440h"}  # 60 days


def users_of(services):
    with services.database.connection():
        return {row.id for row in User.select()}


def deletions(services):
    with services.database.connection():
        deleted = AuditLog.select().where(AuditLog.type == "user_deleted")
        assert {row.meta_source_ip for row in deleted} <= {""}
        return {row.actor_user_id for row in deleted}


def make_unverified(**changes):
    email = make_email(verified=False, user=make_user(**changes))
    make_primary_email(email)
    return email.user_id


def test_they_are_deleted_after_a_month_and_it_is_recorded(make_services, clock):
    services = make_services(AUDITED)
    with services.database.connection():
        ids = {make_user(created_at=clock()).id for _ in range(5)}
        account = make_account(created_at=clock()).user_id
    clock.advance(days=29)
    services.clean_up.runs.run()
    assert users_of(services) == ids | {account}
    clock.advance(days=2)
    services.clean_up.runs.run()
    assert users_of(services) == {account}
    assert deletions(services) == ids


def test_users_who_never_verified_an_address_are_deleted_only_where_that_is_wanted(make_services, clock):
    services = make_services(AUDITED)
    with services.database.connection():
        user_id = make_unverified(created_at=clock())
    clock.advance(days=59)
    wanted = make_services(AUDITED | UNVERIFIED)
    wanted.clean_up.runs.run()
    # What is asked for does not make that time shorter.
    wanted.clean_up.runs.run(kept=timedelta(days=1))
    clock.advance(days=2)
    services.clean_up.runs.run()
    assert users_of(services) == {user_id}
    assert wanted.clean_up.runs.look()[-1].rows == 1
    wanted.clean_up.runs.run()
    assert users_of(services) == set()
    assert deletions(services) == {user_id}


def test_more_than_one_step_takes(services, clock):
    with services.database.connection():
        made = clock() - timedelta(days=31)
        User.insert_many([{"created_at": made, "updated_at": made} for _ in range(230)]).execute()
    services.clean_up.runs.run()
    assert users_of(services) == set()


@pytest.mark.parametrize("kept", [None, timedelta(0)])
def test_a_sign_up_that_is_under_way_is_left_alone(services, clock, kept):
    services.users.accounts.sign_up("alice@example.test", client=CALLER)
    clock.advance(hours=23)
    services.clean_up.runs.run(kept=kept)
    assert len(users_of(services)) == 1


def test_never_on_a_database_of_hanko(make_services, clock):
    services = make_services(UNVERIFIED)
    with services.database.connection():
        users = {make_user(created_at=clock()).id, make_unverified(created_at=clock())}
        make_email(user=None, verified=False, created_at=clock())
        services.database.peewee.execute_sql("CREATE TABLE schema_migration (version varchar(14) NOT NULL)")
    clock.advance(days=90)
    done = services.clean_up.runs.run()
    assert users_of(services) == users
    assert {"unclaimed_addresses", "empty_users", "unverified_sign_ups"}.isdisjoint(
        each.name for each in done
    )
