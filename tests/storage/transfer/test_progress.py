"""How far imports are, in a table that is there while one is unfinished."""

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.errors.transfer import ImportStopped
from hanko_compat.storage.schema import catalogue
from hanko_compat.storage.transfer import progress
from hanko_compat.storage.transfer.progress import Progress

FIRST, SECOND = "a" * 64, "b" * 64


def begin(database, fingerprint, total=10):
    return progress.begin(database, fingerprint, total=total, now=utc_now())


def tables(database):
    with database.connection():
        return set(catalogue.columns(database))


def test_an_import_is_found_until_it_ends(database):
    assert progress.find(database, FIRST) is None
    before = begin(database, FIRST)
    begin(database, SECOND, total=5)
    after = before.plus(created=3, updated=2, skipped=1)
    database.transaction(lambda: progress.write(database, FIRST, before, after))
    assert progress.find(database, FIRST) == Progress(6, 10, created=3, updated=2, skipped=1)
    assert progress.find(database, SECOND) == Progress(0, 5)
    progress.end(database, FIRST)
    assert progress.find(database, FIRST) is None
    assert progress.find(database, SECOND) == Progress(0, 5)
    progress.end(database, SECOND)
    assert progress.TABLE not in tables(database)


def test_only_one_process_goes_on(database):
    before = begin(database, FIRST)
    with pytest.raises(ImportStopped, match="another process"):
        begin(database, FIRST)
    after = before.plus(created=1, updated=0, skipped=0)
    database.transaction(lambda: progress.write(database, FIRST, before, after))
    with pytest.raises(ImportStopped, match="another process"):
        database.transaction(lambda: progress.write(database, FIRST, before, after))
    assert progress.find(database, FIRST) == after


def test_nothing_is_noted_of_a_transaction_that_failed(database):
    before = begin(database, FIRST)

    def fail():
        progress.write(database, FIRST, before, before.plus(created=1, updated=0, skipped=0))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.transaction(fail)
    assert progress.find(database, FIRST) == before
