"""A copy of an SQLite database while it is used: complete, checked, and there all at once or not at all."""

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from hanko_compat.errors.backup import BackupDamaged, BackupRefused
from hanko_compat.storage.engine.database import Database
from hanko_compat.unfinished_files import remains_of, remove, unfinished

PREFIX = ".hanko-compat-backup-"
"""How the names of unfinished copies begin, beside the file that each is to become."""
COMPANIONS = ("-wal", "-shm", "-journal")
"""Files that SQLite keeps beside a database, and would take for those of a copy of the same name."""


def write(database: Database, target: Path, *, replaces: bool) -> int:
    """Copy *database* to *target*, which only its owner can read; return the length in bytes.

    Others read and write meanwhile; the copy has what was committed when it began. With *replaces* it takes
    the place of a file that is there.

    Raises:
        BackupRefused: the database is no file, or the target can't be written, or is there.
        BackupDamaged: the copy is not sound, as the database is not, or the disk.
        DatabaseUnavailable: the database can't be read.
    """
    _check(database, target, replaces=replaces)
    try:
        _remove_unfinished(target.parent)
        with unfinished(target.parent, prefix=PREFIX) as (path, _):
            try:
                _copy(database, path)
            finally:  # on a full disk SQLite can't, and leaves its journal
                for end in COMPANIONS:
                    path.with_name(path.name + end).unlink(missing_ok=True)
            _verify(path)
            _sync(path)
            size = path.stat().st_size
            _put(path, target, replaces=replaces)
        _sync(target.parent)
    except OSError as error:
        raise BackupRefused(f"{target} can't be written: {error.strerror or error}") from error
    return size


def _check(database: Database, target: Path, *, replaces: bool) -> None:
    if database.dialect != "sqlite":
        raise BackupRefused(
            f"{database.name} is no file: use the server's own program, pg_dump or mariadb-dump;"
            " docs/operations.md says how"
        )
    if not target.parent.is_dir():
        raise BackupRefused(f"there is no folder {target.parent}: make it first")
    if target.is_dir():
        raise BackupRefused(f"{target} is a folder: name a file in it")
    if target.exists():
        if not target.is_file():
            raise BackupRefused(f"{target} is no file, and would become one: name another")
        if target.samefile(database.peewee.path):
            raise BackupRefused(f"{target} is the database itself: name another file")
        if not replaces:
            raise BackupRefused(f"{target} is there already: name another file, or add --force")
    for companion in (Path(f"{target}{end}") for end in COMPANIONS):
        if companion.exists():
            raise BackupRefused(
                f"{companion} belongs to another database {target.name}, and SQLite would take it for the"
                " copy's: remove it, or name another file"
            )


def _remove_unfinished(folder: Path) -> None:
    """Remove what a backup that was killed has left behind."""
    for path in remains_of(folder, prefix=PREFIX):  # a copy before its companions
        is_companion = path.name.endswith(COMPANIONS)
        if is_companion and path.with_name(path.name.rpartition("-")[0]).exists():
            continue
        remove(path)


def _copy(database: Database, path: Path) -> None:
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            # In one step: it reads one state of the database, and nobody who writes makes it begin again.
            with database.connection():
                database.peewee.connection().backup(copy)
            # One file, without a log beside it. Serving from it switches the log on again.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupRefused(
            f"{database.name} can't be copied: {error}; look whether {path.parent} has room, and whether"
            " `hanko-compat doctor` finds the database sound"
        ) from error


def _verify(path: Path) -> None:
    """Open the copy as a server would, and read all of it."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as copy:
            faults = [line for (line,) in copy.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        raise BackupDamaged(f"the copy can't be read: {error}; no backup was written") from error
    if faults != ["ok"]:
        raise BackupDamaged(f"the copy is damaged: {faults[0]}; no backup was written. Check the disk")


def _put(path: Path, target: Path, *, replaces: bool) -> None:
    """Give the copy its name, in one step; a file that came meanwhile stays as it is."""
    if replaces:
        path.replace(target)
        return
    try:
        target.hardlink_to(path)
    except FileExistsError as error:
        raise BackupRefused(f"{target} is there already: name another file, or add --force") from error
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EMLINK}:
            raise
        path.rename(target)  # a file system without links


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
