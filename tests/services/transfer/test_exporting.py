"""What an export holds, an import makes again: nothing of a user is lost."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.services.transfer.exporting import Exporter, write
from hanko_compat.services.transfer.importing import OnConflict
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import Email, Identity
from hanko_compat.storage.schema import migrate
from hanko_compat.storage.users import users
from tests import factories
from tests.factories import make_account, make_email, make_identity, make_user, make_username
from tests.services.transfer.runs import export, import_into
from tests.services.transfer.samples import FULL
from tests.storage import restored

DAY = {"created_at": "2023-06-07T13:42:49Z", "updated_at": "2023-06-07T13:42:49Z"}


@pytest.fixture
def database(services):
    return services.database


def delete_user(database, user_id):
    database.transaction(lambda: users.delete(user_id))


def in_a_thread(work):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def test_a_user_with_everything_comes_back_as_it_was(database):
    assert import_into(database, FULL) == []
    assert export(database) == [FULL]


def test_an_export_can_be_imported_elsewhere_and_is_the_same_there(database, tmp_path):
    with database.connection():
        address = make_account(address="joe@example.test")
        make_username(user=address.user, username="joe")
        make_identity(email=address, data='{"a":1}')
        make_email(user=address.user, verified=False)
        make_user(given_name=users.SETTLED)
        make_username()
    assert import_into(database, FULL) == []
    first = export(database)
    assert len(first) == 4
    there = open_database(f"sqlite:///{tmp_path}/there.sqlite3")
    migrate.up(there)
    try:
        assert import_into(there, *first) == []
        assert export(there) == first
    finally:
        there.close_all()
        factories.write_to(database)


def test_of_somebody_who_has_nothing_yet_only_the_number_is_told(database):
    with database.connection():
        make_user()
    exporter = Exporter(database)
    assert (list(exporter.entries()), exporter.unfinished) == ([], 1)


def test_an_old_identity_belongs_to_the_user_of_its_address(database):
    with database.connection():
        address = make_account()
        make_identity(email=address, user=None, provider_user_id="old")
        make_identity(email=make_account(), user=address.user, provider_user_id="foreign")
    found = {
        each["provider_user_id"]: each.get("email")
        for entry in export(database)
        if entry["user_id"] == str(address.user_id)
        for each in entry["identities"]
    }
    assert found == {"old": address.address, "foreign": None}


def test_addresses_that_nobody_has_are_not_exported(database):
    with database.connection():
        make_email(user=None)
    assert export(database) == []


def test_all_users_are_those_of_one_moment(database, monkeypatch):
    monkeypatch.setattr("hanko_compat.storage.transfer.reading.BATCH", 1)
    with database.connection():
        ids = sorted(make_account().user_id for _ in range(3))
    entries = Exporter(database).entries()
    first = next(entries)
    in_a_thread(lambda: delete_user(database, ids[2]))
    assert [first["user_id"], *[each["user_id"] for each in entries]] == [str(each) for each in ids]
    assert len(export(database)) == 2


def test_the_users_of_many_batches_are_all_there(database, monkeypatch):
    monkeypatch.setattr("hanko_compat.storage.transfer.reading.BATCH", 2)
    with database.connection():
        ids = sorted(str(make_account().user_id) for _ in range(5))
    assert [entry["user_id"] for entry in export(database)] == ids


@pytest.mark.parametrize("entries", [[], [{"a": 1}], [{"a": "\u00e4"}, {"b": 2}]])
def test_the_file_is_an_array_with_an_entry_a_line(entries):
    parts = []
    assert write(iter(entries), parts.append) == len(entries)
    text = "".join(parts)
    assert json.loads(text) == entries
    assert text.count("\n") == (len(entries) + 2 if entries else 1)


def test_what_the_file_does_not_date_is_dated_now_in_the_order_of_the_file(database):
    names = [f"{number}@example.test" for number in range(5)]
    emails = [{"address": name, "is_primary": name == names[3]} for name in names]
    import_into(database, {"emails": emails, **DAY})
    with database.connection():
        stored = Email.select(Email.address, Email.created_at).order_by(Email.created_at, Email.id).tuples()
        assert database.dialect == "mysql" or [address for address, _ in stored] == names
        assert all(moment > utc_now().replace(year=2026 - 1) for _, moment in stored)
    (entry,) = export(database)
    assert {name: entry[name] for name in DAY} == DAY


def test_an_identity_that_is_there_is_not_made_again(database):
    import_into(database, FULL)
    problems = import_into(database, FULL | {"user_id": None}, on_conflict=OnConflict.SKIP)
    with database.connection():
        assert Identity.select().count() == 2
    assert {field.rpartition(".")[2] for _, field, _ in problems} >= {"address", "provider_user_id"}


@pytest.mark.servers
@pytest.mark.parametrize("folder", restored.FOLDERS)
def test_a_database_of_hankos_is_exported_and_takes_an_import(restore, folder):
    database = restore(folder).database
    before = export(database)
    assert before
    assert import_into(database, FULL) == []
    assert [entry for entry in export(database) if entry != FULL] == before
    assert FULL in export(database)
