"""Statements give what the query itself gives, and are built once for each database."""

import gc
import weakref
from pathlib import Path
from uuid import uuid4

import pytest

from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Email, User
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring import Services
from tests.clock import FakeClock
from tests.factories import make_email, make_user
from tests.faults.racing import at_once


@pytest.fixture
def database(services: Services) -> Database:
    return services.database


def test_a_statement_finds_what_the_query_finds(database: Database) -> None:
    find = Statement(
        lambda: Email.select().where(
            (Email.user == argument("user_id", Email.user)) & (Email.verified == True)  # noqa: E712
        ),
    )
    with database.connection():
        user, other = make_user(), make_user()
        make_email(user=user, address="unverified@example.test", verified=False)
        make_email(user=user, address="verified@example.test", verified=True)
        make_email(user=other, address="other@example.test", verified=True)
        assert [row.address for row in find.rows(user_id=user.id)] == ["verified@example.test"]
        assert find.first(user_id=other.id).user_id == other.id
        assert find.first(user_id=uuid4()) is None


def test_a_value_may_stand_in_several_places_and_be_null(database: Database, clock: FakeClock) -> None:
    create = Statement(
        lambda: User.insert(
            id=argument("id", User.id),
            name=argument("name", User.name),
            created_at=argument("now", User.created_at),
            updated_at=argument("now", User.updated_at),
        ),
    )
    user_id, now = uuid4(), clock().replace(microsecond=0)
    with database.connection():
        assert create.count(id=user_id, name=None, now=now) == 1
        row = User.get_by_id(user_id)
    assert (row.name, row.created_at, row.updated_at) == (None, now, now)


def test_a_statement_tells_how_many_rows_it_touched(database: Database) -> None:
    rename = Statement(
        lambda: User.update(name=argument("name", User.name)).where(User.id == argument("id", User.id)),
    )
    with database.connection():
        user = make_user()
        assert rename.count(id=user.id, name="Alice") == 1
        assert rename.count(id=uuid4(), name="Alice") == 0
        assert User.get_by_id(user.id).name == "Alice"


def test_a_value_that_is_not_given_is_an_error(database: Database) -> None:
    find = Statement(lambda: User.select().where(User.id == argument("id", User.id)))
    with database.connection(), pytest.raises(KeyError):
        find.rows()


def test_a_statement_is_built_once_for_each_database(database: Database, tmp_path: Path) -> None:
    built = []

    def build() -> object:
        built.append(User._meta.database.resolve())
        return User.select(User.id).where(User.id == argument("id", User.id)).tuples()

    find = Statement(build)
    with database.connection():
        user = make_user()
        assert [find.first(id=user.id) for _ in range(3)] == [(user.id,)] * 3
    other = open_database(f"sqlite:///{tmp_path}/other.sqlite3")
    migrate.up(other)
    with other.connection():
        assert find.first(id=user.id) is None
    other.close_all()
    assert built == [database.peewee, other.peewee]


@pytest.mark.usefixtures("hasty_threads")
def test_threads_may_share_a_statement_from_its_first_run(database: Database) -> None:
    with database.connection():
        user = make_user()
    for _ in range(50):
        find = Statement(
            lambda: User.select(User.id, User.name).where(User.id == argument("id", User.id)).tuples(),
        )

        def look(find: Statement = find) -> object:
            with database.connection():
                return find.first(id=user.id)

        assert at_once([look] * 4) == [(user.id, None)] * 4
        assert look() == (user.id, None)


def test_rows_of_a_table_are_read_alike_each_time(database: Database) -> None:
    find = Statement(lambda: Email.select().where(Email.address == argument("address", Email.address)))
    with database.connection():
        user = make_user()
        first = make_email(user=user, address="first@example.test", verified=True)
        second = make_email(user=None, address="second@example.test", verified=False)
        assert find.rows(address="nobody@example.test") == []
        for email in (first, second, first):
            found = find.first(address=email.address)
            assert isinstance(found, Email)
            assert vars(found)["__data__"] == vars(Email.get_by_id(email.id))["__data__"]
            assert found.dirty_fields == []


def test_what_is_known_of_rows_keeps_no_connection_open(database: Database) -> None:
    find = Statement(lambda: Email.select().where(Email.address == argument("address", Email.address)))
    with database.connection():
        _, cursor = find._execute({"address": "alice@example.test"})
        seen = weakref.ref(cursor)
        find._built[database.peewee].rows(cursor)
        del cursor, _
        gc.collect()
    assert seen() is None
