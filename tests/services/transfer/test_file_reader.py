"""What needs no database: entries are checked and kept, and their rows are made in the order of their IDs."""

import json
import tracemalloc
from collections import Counter
from io import BytesIO

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.errors.transfer import ImportStopped
from hanko_compat.services.transfer.file_reader import FileReader, Packed
from tests.services.transfer.samples import FULL, USER_ID, entry, file_of

FIRST, LAST = "00" + USER_ID[2:], "ff" + USER_ID[2:]


def reader_of(database, file, batch=2):
    return FileReader(file, database, now=utc_now, batch=batch)


@pytest.fixture
def database(services):
    return services.database


def test_entries_are_checked_in_batches(database):
    file = file_of(entry("a@b.test", user_id=USER_ID), entry("x", nickname="x"), entry("c@b.test"))
    first, second = reader_of(database, file).check(is_kept=False)
    assert (first.count, [each.number for each in first.entries]) == (2, [1])
    assert first.faults == {2: [("emails[0].address", "is no e-mail address")]}
    assert first.keys == [("user_id", USER_ID, 1), ("emails.address", "a@b.test", 1)]
    assert first.unknown == Counter(nickname=1)
    assert (second.count, [each.number for each in second.entries], second.faults) == (1, [3], {})
    assert first.size + second.size == len(file.getvalue())


def test_what_is_kept_comes_in_order_with_its_rows(database):
    entries = (entry("a@b.test", user_id=LAST), entry("c@b.test"), {}, entry("d@b.test", user_id=FIRST))
    reader = reader_of(database, file_of(*entries))
    list(reader.check(is_kept=True))
    batches = list(reader.prepare(skip=0))
    assert [[each.number for each in batch] for batch, _ in batches] == [[2, 4], [1]]
    assert [[each.table for each in prepared] for _, prepared in batches] == [
        ["users", "emails", "primary_emails"]
    ] * 2
    ((rest, _),) = reader.prepare(skip=2)
    assert rest == batches[1][0]


def test_nothing_is_kept_unasked(database):
    reader = reader_of(database, file_of(entry()))
    list(reader.check(is_kept=False))
    assert list(reader.prepare(skip=0)) == []


def test_an_entry_is_read_again_as_it_was(database):
    (checked,) = reader_of(database, file_of(FULL)).check(is_kept=False)
    (packed,) = checked.entries
    number, account = packed.unpack()
    assert (number, str(account.user_id), account.password.text) == (1, USER_ID, FULL["password"]["password"])


def test_an_entry_that_is_wrong_after_all_stops_the_import(database):
    good = reader_of(database, file_of(entry("a@b.test"))).check(is_kept=False)
    (packed,) = next(good).entries
    broken = Packed(7, packed.members.replace(b"a@b.test", b"a b.test"))
    with pytest.raises(ImportStopped, match=r"entry 7: emails\[0\]\.address is no e-mail address"):
        broken.unpack()


def test_memory_does_not_grow_with_the_file(database):
    count = 10_000
    file = BytesIO(json.dumps([entry(f"{number}@b.test") for number in range(count)]).encode())
    tracemalloc.start()
    try:
        reader = reader_of(database, file, batch=100)
        assert sum(checked.count for checked in reader.check(is_kept=True)) == count
        assert sum(len(batch) for batch, _ in reader.prepare(skip=0)) == count
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(file.getvalue())
