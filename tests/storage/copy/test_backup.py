"""A copy of an SQLite database: complete, private, sound, or not there at all."""

import fcntl
import os
import sqlite3
from contextlib import closing

import pytest

from hanko_compat import unfinished_files
from hanko_compat.errors.backup import BackupDamaged, BackupRefused
from hanko_compat.storage.copy import backup
from hanko_compat.storage.engine.database import Access, open_database
from hanko_compat.storage.models import User
from hanko_compat.storage.schema import migrate
from tests.factories import make_user, now, write_to

UNFINISHED = backup.PREFIX + "abcdefgh"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "hanko_compat.sqlite3"


@pytest.fixture
def database(file):
    """A database in a file, with three users."""
    database = write_to(open_database(f"sqlite:///{file}"))
    migrate.up(database)
    with database.connection():
        for _ in range(3):
            make_user()
    yield database
    database.close_all()


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "copy.sqlite3"


def users_in(path):
    copy = open_database(f"sqlite:///{path}", access=Access.READ)
    try:
        with copy.connection():
            return User.select().count()
    finally:
        copy.close_all()


def test_it_is_one_private_file_with_all_rows(database, target):
    size = backup.write(database, target, replaces=False)
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert target.stat().st_size == size
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.stat().st_nlink == 1
    assert users_in(target) == 3
    assert migrate.require_current(open_database(f"sqlite:///{target}")).owner == "us"


def test_others_write_meanwhile_and_what_they_have_not_committed_is_not_in_it(database, file, target):
    with closing(sqlite3.connect(file)) as other:
        other.execute("DELETE FROM users")
        backup.write(database, target, replaces=False)
        other.commit()
    assert users_in(target) == 3
    assert users_in(file) == 0


def test_a_file_that_is_there_is_replaced_only_when_asked_for(database, target):
    target.write_text("precious")
    with pytest.raises(BackupRefused, match="is there already: name another file, or add --force"):
        backup.write(database, target, replaces=False)
    assert target.read_text() == "precious"
    backup.write(database, target, replaces=True)
    assert users_in(target) == 3
    assert target.stat().st_mode & 0o777 == 0o600


def test_one_that_comes_meanwhile_is_not_replaced(database, target, monkeypatch):
    real = backup._verify

    def verify(path):
        target.write_text("precious")
        real(path)

    monkeypatch.setattr(backup, "_verify", verify)
    with pytest.raises(BackupRefused, match="is there already"):
        backup.write(database, target, replaces=False)
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert target.read_text() == "precious"


@pytest.mark.parametrize("replaces", [True, False])
def test_the_database_is_no_target(database, file, replaces):
    with pytest.raises(BackupRefused, match="is the database itself"):
        backup.write(database, file, replaces=replaces)
    assert users_in(file) == 3


@pytest.mark.parametrize("end", backup.COMPANIONS)
def test_nor_is_one_beside_which_another_one_has_left_its_log(database, target, end):
    companion = target.with_name(target.name + end)
    companion.touch()
    with pytest.raises(BackupRefused, match=f"{companion.name} belongs to another database"):
        backup.write(database, target, replaces=True)
    assert not target.exists()


def test_nor_a_folder_nor_a_file_in_none(database, tmp_path):
    with pytest.raises(BackupRefused, match="is a folder"):
        backup.write(database, tmp_path, replaces=True)
    with pytest.raises(BackupRefused, match="there is no folder"):
        backup.write(database, tmp_path / "none" / "copy", replaces=True)


def test_nor_what_is_no_file(database, target):
    """As root one could put a file in the place of /dev/null."""
    os.mkfifo(target)
    with pytest.raises(BackupRefused, match="is no file, and would become one"):
        backup.write(database, target, replaces=True)
    assert target.is_fifo()


@pytest.mark.parametrize("name", ["100%41", "what?", "a#b", "a'b"])
def test_a_folder_may_have_any_name(database, tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    backup.write(database, folder / name, replaces=False)
    assert [path.name for path in folder.iterdir()] == [name]


def test_a_database_that_is_damaged_leaves_no_backup(database, file, target):
    with database.connection():
        User.insert_many([{"name": "x" * 500, "created_at": now(), "updated_at": now()}] * 200).execute()
        database.peewee.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        page = database.peewee.execute_sql("SELECT rootpage FROM sqlite_master WHERE name = 'users'")
        start = (page.fetchone()[0] - 1) * 4096
    database.close_all()
    with file.open("r+b") as raw:
        raw.seek(start)
        raw.write(os.urandom(4096))
    with pytest.raises(BackupDamaged, match="no backup was written"):
        backup.write(database, target, replaces=True)
    assert list(target.parent.iterdir()) == []


def test_what_a_killed_one_has_left_behind_is_removed(database, target):
    for end in ("", "-journal"):
        (target.parent / f"{UNFINISHED}{end}").touch()
    (target.parent / ".something-else").touch()
    backup.write(database, target, replaces=False)
    assert {path.name for path in target.parent.iterdir()} == {target.name, ".something-else"}


def test_one_that_is_being_written_is_left_alone(database, target):
    unfinished = target.parent / UNFINISHED
    journal = target.parent / f"{UNFINISHED}-journal"
    journal.touch()
    with unfinished.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        backup.write(database, target, replaces=False)
        assert unfinished.exists()
        assert journal.exists()


def test_without_room_the_reason_is_told(database, target, monkeypatch):
    def fail(path, *arguments, **options):
        path.with_name(f"{path.name}-journal").touch()  # which SQLite can't remove then
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(backup.sqlite3, "connect", fail)
    with pytest.raises(BackupRefused, match=r"disk is full; look whether .* has room"):
        backup.write(database, target, replaces=False)
    assert list(target.parent.iterdir()) == []


def test_a_folder_that_nobody_may_write_into_is_named(database, target, monkeypatch):
    def fail(**options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(unfinished_files, "mkstemp", fail)
    with pytest.raises(BackupRefused, match="can't be written: Permission denied"):
        backup.write(database, target, replaces=False)


def test_file_systems_without_links_do_as_well(database, target, monkeypatch):
    def fail(self, other):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.hardlink_to", fail)
    backup.write(database, target, replaces=False)
    assert users_in(target) == 3


@pytest.mark.servers
def test_servers_have_programs_of_their_own(services, target):
    if services.database.dialect == "sqlite":
        return
    with pytest.raises(BackupRefused, match="pg_dump or mariadb-dump"):
        backup.write(services.database, target, replaces=False)
