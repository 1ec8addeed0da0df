import io
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
    assert long.fault == "the row has more cells than the first one"


def test_letters_that_are_no_utf_8_stay_where_they_are():
    first, second = rows(b"email\n\xff@example.com\nbob@example.com\n")
    assert first.members == {"email": "\udcff@example.com"}
    assert second == Record(2, {"email": "bob@example.com"})


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
