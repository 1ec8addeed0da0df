"""A table in a temporary file: what is put in comes out, and a full disk is told."""

import resource
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from hanko_compat.errors.transfer import TemporaryFileFailed
from hanko_compat.storage.transfer.duplicates import Seen
from hanko_compat.storage.transfer.sorting import Sorted
from hanko_compat.storage.transfer.temporary import TemporaryTable


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may have more than a few pages."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_rows_come_out_as_they_were_put_in() -> None:
    rows = [("a", 1), ("b", 2)]
    with closing(TemporaryTable("kept", "name TEXT", "number INTEGER")) as table:
        table.add(rows)
        assert list(table.read("SELECT * FROM kept ORDER BY name")) == rows
        assert list(table.read("SELECT number FROM kept WHERE name = ?", ["b"])) == [(2,)]


def fill_sorted(kept: Sorted) -> None:
    for number in range(50_000):
        kept.add(b"key", number, b"x" * 1_000)


def fill_seen(seen: Seen) -> None:
    for number in range(200_000):
        seen.add([("emails.address", f"{number}@example.test", number)])


@pytest.mark.parametrize(("kind", "fill"), [(Sorted, fill_sorted), (Seen, fill_seen)])
def test_a_full_disk_is_told_with_its_remedy(full_disk: None, kind: Any, fill: Any) -> None:
    remedy = "a temporary file fails: .*; make room where SQLITE_TMPDIR, TMPDIR or /var/tmp is"
    with closing(kind()) as kept, pytest.raises(TemporaryFileFailed, match=remedy):
        fill(kept)
