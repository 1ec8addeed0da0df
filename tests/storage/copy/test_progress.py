"""How far a copy is, kept with the rows that were copied."""

import pytest

from hanko_compat.errors.database import CopyRefused
from hanko_compat.storage.copy import progress as copy_progress
from hanko_compat.storage.copy.progress import Progress
from hanko_compat.storage.copy.tables import Tally
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.schema import catalogue

FIRST = Progress("key ä", Tally(2, 2**127 + 1))


def test_a_database_knows_no_copy_until_one_begins(database: Database) -> None:
    assert not copy_progress.is_unfinished(database)
    assert copy_progress.find_source(database) is None


def test_a_copy_that_began_is_known_by_its_source(database: Database) -> None:
    copy_progress.begin(database, source="a" * 64, tables=["users", "emails"])
    assert copy_progress.is_unfinished(database)
    assert copy_progress.find_source(database) == "a" * 64
    assert copy_progress.read(database) == {"users": Progress(), "emails": Progress()}


def test_beginning_again_keeps_what_is_noted(database: Database) -> None:
    copy_progress.begin(database, source="a", tables=["users"])
    with database.connection():
        copy_progress.write(database, "users", Progress(), FIRST)
    copy_progress.begin(database, source="a", tables=["users", "sessions"])
    assert copy_progress.read(database) == {"users": FIRST, "sessions": Progress()}


def test_a_copy_that_was_killed_before_its_first_note_began_nothing(database: Database) -> None:
    copy_progress.begin(database, source="a", tables=[])
    assert copy_progress.is_unfinished(database)
    assert copy_progress.find_source(database) is None


def test_only_one_of_two_gets_further(database: Database) -> None:
    copy_progress.begin(database, source="a", tables=["users"])
    with database.connection():
        copy_progress.write(database, "users", Progress(), FIRST)
        with pytest.raises(CopyRefused, match="another process"):
            copy_progress.write(database, "users", Progress(), Progress("other", Tally(1, 1)))
    assert copy_progress.read(database) == {"users": FIRST}


def test_what_is_taken_back_was_not_noted(database: Database) -> None:
    copy_progress.begin(database, source="a", tables=["users"])

    def note_and_fail() -> None:
        copy_progress.write(database, "users", Progress(), FIRST)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        database.transaction(note_and_fail)
    assert copy_progress.read(database) == {"users": Progress()}


def test_the_end_leaves_nothing(database: Database) -> None:
    with database.connection():
        before = catalogue.columns(database)
    copy_progress.begin(database, source="a", tables=["users"])
    copy_progress.end(database)
    with database.connection():
        assert catalogue.columns(database) == before
    assert not copy_progress.is_unfinished(database)
