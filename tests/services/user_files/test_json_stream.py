import io
import json
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanko_compat.errors.user_files import UserFileUnreadable
from hanko_compat.services.user_files.json_stream import LONGEST, PIECE, json_records
from hanko_compat.services.user_files.records import Record

A, B = {"a": 1}, {"b": [2, {"c": "é\n"}]}


def records(content, **options):
    if isinstance(content, str):
        content = content.encode()
    return [*json_records(io.BytesIO(content), **options)]


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1}, {"b": [2, {"c": "é\\n"}]}]',
        ' \n[{"a": 1}\n,\n{"b": [2, {"c": "\\u00e9\\n"}]}\n]\n\n',
        '{"a": 1}\n{"b": [2, {"c": "é\\n"}]}\n',
        '{"a": 1}{"b": [2, {"c": "é\\n"}]}',
        '[{"a": 1}]\n[]\n[{"b": [2, {"c": "é\\n"}]}]',
        '{"users": [{"a": 1}, {"b": [2, {"c": "é\\n"}]}]}',
        '{"realm": {"users": [{"x": 1}]}, "users": [{"a": 1}], "users": [{"b": [2, {"c": "é\\n"}]}], "z": 1}',
    ],
)
def test_all_forms_have_the_same_records(text):
    wanted = [Record(1, A), Record(2, B)]
    assert records(text, arrays={"users"}) == wanted
    assert records(b"\xef\xbb\xbf" + text.encode(), arrays={"users"}) == wanted
    assert records(text.encode("utf-16"), arrays={"users"}) == wanted
    assert records(text, arrays={"users"}, piece=1) == wanted


def test_numbers_that_come_in_pieces():
    text = b'{"a": 12345, "b": -1.5e3, "c": true}\n[{"a": 12345}, 678]'
    first, second, third = records(text, piece=1)
    assert first.members == {"a": 12345, "b": -1500.0, "c": True}
    assert second.members == {"a": 12345}
    assert third.fault


@pytest.mark.parametrize("text", ["[]", "[ ]", '{"users": []}', "[][]"])
def test_no_records(text):
    assert records(text, arrays={"users"}) == []


def test_an_array_of_another_name_is_a_member():
    assert records('{"users": [1]}') == [Record(1, {"users": [1]})]


@pytest.mark.parametrize("element", ["null", "7", "12", '"x"', "[]", "true", "[[1]]"])
def test_elements_that_are_no_objects_are_refused_one_by_one(element):
    first, second = records(f'[{element}, {{"a": 1}}]')
    assert first == Record(1, fault="the record is no JSON object")
    assert second == Record(2, A)


@pytest.mark.parametrize(
    "line",
    [
        '{"a": }',
        '{"a": 1',
        "{a: 1}",
        '{"a" 1}',
        '{"a": 1 "b": 2}',
        '{"a": "x\x01"}',
        '{"a": 1,}',
        "{7: 1}",
    ],
)
def test_a_broken_line_costs_its_own_record_only(line):
    first, broken, last = records(f'{{"a": 1}}\n{line}\n{{"a": 1}}\n')
    assert (first, last) == (Record(1, A), Record(3, A))
    assert broken.number == 2
    assert broken.fault.startswith("no JSON: ")


def test_letters_that_are_no_utf_8_stay_where_they_are():
    first, second = records(b'[{"a": "\xff"}, {"a": 1}]')
    assert first.members == {"a": "\udcff"}
    assert second == Record(2, A)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing in the file"),
        (" \n", "nothing in the file"),
        ("x", "neither a JSON object nor an array"),
        ("7", "neither a JSON object nor an array"),
        ("<html>", "neither a JSON object nor an array"),
        ('[{"a": 1}] x', "after record 1 stands neither"),
        ("[", "from record 1 on"),
        ('[{"a": 1}', "from record 1 on.*ends behind it"),
        ('[{"a": 1},', "from record 2 on"),
        ('[{"a": 1} {"a": 2}]', "from record 1 on.*no comma"),
        ('[{"a": 1}, {"a": secret}]', "from record 2 on"),
        ('{"users": [{"a": 1}', "from record 1 on"),
        ('{"users": [{"a": 1}], "x": }', "from record 2 on"),
        ("[" * 200_000, "too many brackets"),
        ('[{"a":' * 100_000, "too many brackets"),
    ],
)
def test_files_that_end_or_break_are_told(text, told):
    with pytest.raises(UserFileUnreadable, match=told) as caught:
        records(text, arrays={"users"})
    assert "secret" not in str(caught.value)


def test_numbers_that_are_no_json_are_no_obstacle():
    assert len(records('[{"a": NaN, "b": -Infinity}, {"a": 1}]')) == 2


def test_a_broken_file_in_utf_16_is_told():
    with pytest.raises(UserFileUnreadable, match="UTF-16"):
        records(b"\xff\xfe[\x00\x00\xd8")


def test_a_record_without_end_is_given_up():
    endless = b'[{"a": "' + b"x" * (LONGEST + 2 * PIECE)
    with pytest.raises(UserFileUnreadable, match="longer than"):
        records(endless)


def test_records_larger_than_a_piece():
    large = {"a": "x" * (2 * PIECE), "n": 123456789}
    assert [each.members for each in records(json.dumps([large, A, large]))] == [large, A, large]


USER = b'{"email": "alice@example.com", "about": "' + b"x" * 2000 + b'"},'


class Endless(io.RawIOBase):
    """An array of many users that is never in memory as a whole."""

    def __init__(self, number):
        self._parts = iter([b"[", *([USER] * number), b"{}]"])
        self._part = b""

    def readable(self):
        return True

    def readinto(self, buffer):
        part = self._part or next(self._parts, b"")
        taken = min(len(part), len(buffer))
        buffer[:taken], self._part = part[:taken], part[taken:]
        return taken


def test_memory_does_not_grow_with_the_file():
    tracemalloc.start()
    count = sum(1 for _ in json_records(io.BufferedReader(Endless(4_000))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 4_001
    assert peak < 4_000 * len(USER) / 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(st.lists(JSON, max_size=5), st.sampled_from([None, 1, "\t"]))
def test_what_was_written_is_read(values, indent):
    read = records(json.dumps(values, indent=indent))
    assert [each.number for each in read] == [*range(1, len(values) + 1)]
    for value, record in zip(values, read, strict=True):
        assert record.members == value if isinstance(value, dict) else record.fault


@given(st.binary(max_size=200) | st.text(alphabet='[]{}:,"\\ \nau1', max_size=60).map(str.encode))
def test_any_bytes_come_to_an_end(content):
    with suppress(UserFileUnreadable):
        assert len(records(content, arrays={"a"})) <= len(content)
