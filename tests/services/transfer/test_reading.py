"""The file is read entry by entry, and what is no array of entries is told from what is one."""

import io
import json
import tracemalloc

import pytest

from hanko_compat.errors.user_files import UserFileUnreadable
from hanko_compat.services.transfer.reading import entries, fingerprint
from hanko_compat.services.user_files.json_stream import LONGEST


def read(content):
    return list(entries(io.BytesIO(content)))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"[]", []),
        (b" \n[ ]\n", []),
        (b"[{}]", [{}]),
        (b"[null]", [None]),
        (b'[{"a": 1}, {"b": [1.5, true]}]\n', [{"a": 1}, {"b": [1.5, True]}]),
        (b'\xef\xbb\xbf[{"a": "\xc3\xa4"}]', [{"a": "\u00e4"}]),
        ('[{"a": "\u00e4"}]'.encode("utf-16"), [{"a": "\u00e4"}]),
        (b'[{"a": "\xff"}, {}]', [{"a": "\udcff"}, {}]),  # of which only the first is refused
    ],
)
def test_entries_are_read(content, found):
    assert read(content) == found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "does not begin with a JSON array"),
        (b"null", "does not begin with a JSON array"),
        (b"{}", "does not begin with a JSON array"),
        (b'{"users": []}', "does not begin with a JSON array"),
        (b'"[]"', "does not begin with a JSON array"),
        (b"[", "no JSON from record 1 on"),
        (b"[{}", "no JSON from record 1 on"),
        (b"[{}, {}", "no JSON from record 2 on"),
        (b"[{},", "no JSON from record 2 on"),
        (b"[{} {}]", "no JSON from record 1 on"),
        (b"[{}] [{}]", "something stands behind the array of 1 users"),
        (b"[{'a': 1}]", "no JSON from record 1 on"),
        (b"[" + b"9" * 5000 + b"]", "no JSON from record 1 on"),
    ],
)
def test_what_is_no_array_is_refused_with_the_record_that_breaks_it(content, words):
    with pytest.raises(UserFileUnreadable, match=words):
        read(content)


def test_an_entry_without_end_is_refused_before_it_fills_the_memory():
    with pytest.raises(UserFileUnreadable, match=r"record 2 on.* longer than"):
        read(b'[{}, {"a": "' + b"x" * (2 * LONGEST))


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_an_entry_of_many_levels_is_refused_before_it_fills_the_memory(opening):
    with pytest.raises(UserFileUnreadable, match=r"record 2 on.*too many brackets"):
        read(b"[{}," + opening * 5_000)


def test_memory_does_not_grow_with_the_file():
    file = io.BytesIO(json.dumps([{"emails": [{"address": "x" * 400}]}] * 20_000).encode())
    tracemalloc.start()
    try:
        assert sum(1 for _ in entries(file)) == 20_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_the_reader_tells_how_much_it_has_read():
    content = json.dumps([{"a": "b" * 1000}] * 200).encode()
    steps: list[int] = []
    assert len(list(entries(io.BytesIO(content), steps.append))) == 200
    assert (sum(steps), len(steps) > 2) == (len(content), True)


def test_a_file_is_known_by_its_content():
    first, second = io.BytesIO(b"[{}]"), io.BytesIO(b"[{}]")
    second.read()
    assert fingerprint(first) == fingerprint(second) != fingerprint(io.BytesIO(b"[{} ]"))
