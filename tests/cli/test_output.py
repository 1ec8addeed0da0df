"""Tables for people, JSON for programs, and nothing of a stranger's that commands a terminal."""

import json
from datetime import UTC, datetime
from uuid import UUID

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.cli.output import BLOCK, Column, Table, harmless, print_record, print_rows, shown

COLUMNS = (Column("name"), Column("count", is_number=True), Column("status", is_coloured=True))
ROWS = (
    {"name": "alice", "count": 7, "status": "active", "secret": 1},
    {"name": "宮本", "count": 12, "status": None},
    {"name": "", "count": None, "status": "disabled"},
)


def printed(print_it, **environ):
    """What a command shows that does nothing but *print_it*."""
    command = click.Command("show", callback=print_it)
    result = CliRunner().invoke(command, env=environ, catch_exceptions=False)
    assert result.exit_code == 0
    return result


def table(rows, *, as_json=False, columns=COLUMNS):
    return printed(lambda: print_rows(columns, rows, as_json=as_json, nothing="there is nothing"))


def test_people_see_aligned_columns():
    assert table(ROWS).stdout.splitlines() == [
        "NAME   COUNT  STATUS",
        "alice      7  active",
        "宮本      12  -",
        "-          -  disabled",
    ]


def test_programs_get_all_of_each_row():
    moment = datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC)
    row = {"id": UUID(int=1), "at": moment, "is": True, "none": None, "many": ["a", UUID(int=2)]}
    (line,) = table([row], as_json=True).stdout.splitlines()
    assert json.loads(line) == {
        "id": str(UUID(int=1)),
        "at": "2026-01-02T03:04:05.6Z",
        "is": True,
        "none": None,
        "many": ["a", str(UUID(int=2))],
    }


def test_an_empty_list_is_told_to_people_beside_the_output():
    empty = table([])
    assert (empty.stdout, empty.stderr) == ("", "there is nothing\n")
    assert table([], as_json=True).output == ""


def test_long_lists_come_in_blocks_and_have_one_heading():
    rows = ({"name": "x" * (1 + number // BLOCK), "count": number} for number in range(2 * BLOCK + 1))
    lines = table(rows).stdout.splitlines()
    assert len(lines) == 2 * BLOCK + 2
    assert lines[0].startswith("NAME")
    assert lines[-1].split() == ["xxx", str(2 * BLOCK), "-"]


def test_a_row_is_printed_when_it_comes(capsys):
    table = Table(COLUMNS, as_json=False)
    assert table.print(ROWS[:1]) == 1
    assert capsys.readouterr().out.splitlines()[-1].split() == ["alice", "7", "active"]
    assert table.print([{"name": "a longer name than any", "count": 1}]) == 1
    assert capsys.readouterr().out.splitlines() == ["a longer name than any      1  -"]


def test_times_are_told_in_utc_and_lists_in_a_line():
    columns = (Column("at"), Column("many"), Column("is"), Column("map"))
    row = {
        "at": datetime.fromisoformat("2026-01-02T03:04:05+02:00"),
        "many": ["a", "b"],
        "is": False,
        "map": {"a": 1},
    }
    assert table([row], columns=columns).stdout.splitlines()[1] == '2026-01-02 01:04:05  a, b  no  {"a": 1}'


@pytest.mark.parametrize("empty", [None, "", [], (), {}], ids=repr)
def test_what_is_empty_does_not_hide(empty):
    assert shown(empty) == "-"


def test_a_record_has_a_line_for_each_member_and_entry():
    columns = (Column("id"), Column("emails", "address", text=lambda each: each["address"]))
    row = {"id": 1, "emails": [{"address": "a@x.test"}, {"address": "b@x.test"}]}
    people = printed(lambda: print_record(columns, row, as_json=False)).stdout
    assert people.splitlines() == ["ID       1", "ADDRESS  a@x.test", "         b@x.test"]
    assert json.loads(printed(lambda: print_record(columns, row, as_json=True)).stdout) == row


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ünïcode 宮本", "Ünïcode 宮本"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b2J", "\\x9b2J"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("gro\u202eevil", "gro\\u202eevil"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_commands_a_terminal_is_spelled_out(text, told):
    assert harmless(text) == told


@given(st.text(st.characters(), max_size=50))
def test_no_stored_text_commands_a_terminal_or_adds_a_line(text):
    row = {"name": text, "count": 1, "status": text}
    for as_json in (False, True):
        lines = table([row], as_json=as_json).stdout.removesuffix("\n").split("\n")
        assert len(lines) == (1 if as_json else 2)
        assert all(line.isprintable() for line in lines)
    assert json.loads(table([row], as_json=True).stdout) == row
