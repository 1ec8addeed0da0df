import io
import re
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.user_files import UserFileUnreadable
from hanko_compat.services.convert.csv_stream import csv_records
from hanko_compat.services.user_files.records import Record


def rows(content):
    if isinstance(content, str):
        content = content.encode()
    return [*csv_records(io.BytesIO(content), needs=("email", "username"))]


ALICE, BOB = (
    {"email": "alice@example.com", "name": "Liddell, Alice"},
    {"email": "bob@example.com", "name": 'é\n"b"'},
)
TABLE = 'email,name\r\nalice@example.com,"Liddell, Alice"\r\n\r\nbob@example.com,"é\n""b"""\r\n'


@pytest.mark.parametrize(
    "content",
    [
        TABLE,
        TABLE.replace("\r\n", "\n"),
        TABLE.rstrip(),
        TABLE.replace("email,name", ' email ,"name"'),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        'email;name\nalice@example.com;Liddell, Alice\nbob@example.com;"é\n""b"""\n',
    ],
)
def test_tables_of_all_makes(content):
    assert rows(content) == [Record(1, ALICE), Record(2, BOB)]


def test_cells_that_are_missing_or_too_many():
    short, long = rows("email,name,x\na@example.com\na@example.com,b,c,d\n")
    assert short == Record(1, {"email": "a@example.com"})
    assert long == Record(2, fault="line 3: more cells than the first row has")


def test_letters_that_are_no_utf_8_stay_where_they_are():
    first, second = rows(b"email\n\xff@example.com\nbob@example.com\n")
    assert first.members == {"email": "\udcff@example.com"}
    assert second == Record(2, {"email": "bob@example.com"})


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ('b@example.com,"x\nc@example.com,y\nd@example.com,z\n', "lines 4 to 6: .*unexpected end of data"),
        ('b@example.com,"x"y\n', "line 4: .*expected after"),
    ],
)
def test_no_row_is_swallowed_without_a_word(rest, told):
    """Quotation marks that never end take every row behind them into one cell."""
    first, second = rows(f"email,name\n\na@example.com,\n{rest}")
    assert first.members == {"email": "a@example.com", "name": ""}
    assert (second.number, second.members) == (2, {})
    assert re.match(told, second.fault)


def test_a_line_without_end_does_not_fill_the_memory():
    class Endless(io.RawIOBase):
        """A header, and 30 MB without the end of a line."""

        def __init__(self):
            self.parts = [b"email\n", *[b"x" * 8192] * 4000]

        def readable(self):
            return True

        def readinto(self, buffer):
            part = self.parts.pop(0)[: len(buffer)] if self.parts else b""
            buffer[: len(part)] = part
            return len(part)

    tracemalloc.start()
    try:
        found = [*csv_records(io.BufferedReader(Endless()), needs=("email",))]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found
    assert all("field larger than" in record.fault for record in found)
    assert peak < 10_000_000


def test_a_file_that_is_closed_early_is_no_fault():
    """As where the disk is full that the users are written to."""
    stream = io.BytesIO(TABLE.encode())
    records = csv_records(stream, needs=("email",))
    assert next(records) == Record(1, ALICE)
    stream.close()
    records.close()
    with pytest.raises(StopIteration):
        next(records)


def test_a_cell_without_end_costs_what_is_in_it():
    first, *others = rows('email\na@example.com\n"' + "x\n" * 150_000)
    assert first == Record(1, {"email": "a@example.com"})
    assert "field larger than" in others[0].fault


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "it has 'nothing'"),
        ("\n", "it has 'nothing'"),
        ("name,mail\nx,y\n", "among them email or username; it has 'name, mail'"),
        ("email,email\nx,y\n", "a column twice: 'email'"),
        ("\x1b[31m,x\n", "it has '.x1b"),
        (b"\xff\xfee", "UTF-16"),
    ],
)
def test_what_is_no_table_is_told(content, told):
    with pytest.raises(UserFileUnreadable, match=told):
        rows(content)


@given(
    st.binary(max_size=200)
    | st.text(alphabet='email,;"\n\r\0é', max_size=60).map(lambda text: b"email\n" + text.encode())
)
def test_any_bytes_come_to_an_end(content):
    with suppress(UserFileUnreadable):
        assert len(rows(content)) <= len(content)
