"""Rows in bulk are what single rows would be, whatever characters they have."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import IntegrityError

from hanko_compat.storage.models import Email, User, WebauthnCredential
from hanko_compat.storage.transfer import bulk
from hanko_compat.storage.transfer.rows import TABLES, CredentialRow, EmailRow, UserRow

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def user_row(**changes):
    row = UserRow(uuid4(), NOW, NOW, None, None, None, None)
    return row._replace(**changes)


def insert(database, *rows):
    by_kind = {}
    for row in rows:
        by_kind.setdefault(type(row), []).append(row)
    database.transaction(lambda: bulk.insert(database, bulk.prepare(database, by_kind)))


def test_each_kind_of_row_has_all_columns_of_its_table():
    for kind, model in TABLES.items():
        assert set(kind._fields) == set(model._meta.columns), kind


def test_tables_come_before_those_that_refer_to_them():
    seen = set()
    for model in TABLES.values():
        seen.add(model)
        assert set(model._meta.refs.values()) <= seen


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.none() | TEXT, min_size=1, max_size=5))
def test_any_text_is_stored_as_it_is(database, names):
    rows = [user_row(name=name) for name in names]
    insert(database, *rows)
    with database.connection():
        stored = dict(User.select(User.id, User.name).tuples())
    assert [stored[row.id] for row in rows] == names


@pytest.mark.parametrize("name", ["\\N", "\\.", "a\tb\nc\rd\\e\x0b\x08\x0c", "", " ", "'; --", "%s", "$1"])
def test_text_that_means_something_to_a_database_is_stored_as_it_is(database, name):
    row = user_row(name=name, picture=name)
    insert(database, row)
    with database.connection():
        stored = User.get_by_id(row.id)
    assert (stored.name, stored.picture) == (name, name)


def test_values_of_every_kind_are_read_as_they_were_written(database):
    user = user_row()
    credential = CredentialRow(
        "AAAA", user.id, "key", "none", UUID(int=7), 2**31 - 1, NOW, NOW, None, True, False, None, True, None
    )
    insert(database, credential, user)
    with database.connection():
        stored = WebauthnCredential.select().dicts().get()
    assert stored == {
        name if not name.endswith("_id") else name[:-3]: value for name, value in credential._asdict().items()
    }


def test_of_rows_that_a_key_refuses_none_is_stored(database):
    user = user_row()
    email = EmailRow(uuid4(), user.id, "jane@example.test", True, NOW, NOW)
    with pytest.raises(IntegrityError):
        insert(database, user, email, email._replace(id=uuid4()))
    with database.connection():
        assert (User.select().count(), Email.select().count()) == (0, 0)
