"""What commands print: tables for people, and with ``--json`` one object a line for programs.

A row is a mapping of plain values. All of it goes to programs; columns say what of it people see, and how.
Nothing that is stored reaches the terminal as it is: names, addresses and user agents are strangers' texts.
"""

import io
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from hanko_compat import rfc3339
from hanko_compat.batches import batches

Row = Mapping[str, Any]

NOTHING = "-"
"""What people see where there is no value: with blanks between columns an empty cell would hide."""

GAP = "  "
BLOCK = 200
"""Rows whose widths make the columns; longer lists are printed block by block, in memory for a block."""

COLOURS = {
    "ok": "green",
    "active": "green",
    "disabled": "red",
    "pending": "yellow",
    "warning": "yellow",
    "FAIL": "red",
    "dead": "red",
    "missing": "red",
}
"""The colours of words that say how something is; on a terminal only, as click sees to."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
"""The option of each command that lists something; the command gets it as *as_json*."""


def shown(value: Any) -> str:
    """A value as people read it; times are in UTC."""
    if value is None or (isinstance(value, Sized) and not value):
        return NOTHING
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        case Mapping():
            return _json(value)
        case list() | tuple():
            return ", ".join(map(shown, value))
        case _:
            return harmless(str(value))


@dataclass(frozen=True, slots=True)
class Column:
    """A member of rows as people see it: under *heading*, by default the member's name; ``text`` writes it.

    A word of `COLOURS` is painted where the column is *coloured*.
    """

    name: str
    heading: str = ""
    text: Callable[[Any], str] = shown
    is_number: bool = False
    is_coloured: bool = False

    @property
    def title(self) -> str:
        """What stands above the column."""
        return (self.heading or self.name.replace("_", " ")).upper()


class Table:
    """Rows one below the other, printed as they come: memory does not grow with their number."""

    def __init__(self, columns: Sequence[Column], *, as_json: bool) -> None:
        self._columns = columns
        self._as_json = as_json
        self._widths: list[int] = []

    def print(self, rows: Iterable[Row]) -> int:
        """Print more rows; return how many there were."""
        count = 0
        for block in batches(rows, size=1 if self._as_json else BLOCK):
            click.echo("\n".join(map(_json, block) if self._as_json else self._lines(block)))
            count += len(block)
        return count

    def _lines(self, block: Sequence[Row]) -> Iterator[str]:
        """The block, below the headings when it is the first; columns grow, but never shrink."""
        cells = [[column.text(row.get(column.name)) for column in self._columns] for row in block]
        titles = [column.title for column in self._columns]
        is_first, before = not self._widths, self._widths or [0] * len(titles)
        self._widths = [
            max(width, *map(_width, column))
            for width, *column in zip(before, *([titles] if is_first else []), *cells, strict=True)
        ]
        if is_first:
            yield self._line(titles, is_heading=True)
        yield from map(self._line, cells)

    def _line(self, cells: Sequence[str], *, is_heading: bool = False) -> str:
        last = len(cells) - 1
        painted = []
        for number, (column, cell, width) in enumerate(zip(self._columns, cells, self._widths, strict=True)):
            blanks = " " * (width - _width(cell))
            text = click.style(cell, bold=True) if is_heading else _painted(cell, column)
            if column.is_number:
                painted.append(blanks + text)
            else:
                painted.append(text if number == last else text + blanks)
        return GAP.join(painted)


def print_rows(columns: Sequence[Column], rows: Iterable[Row], *, as_json: bool, nothing: str) -> None:
    """Print a list; when it is empty, people are told on standard error that there is *nothing*."""
    if not Table(columns, as_json=as_json).print(rows) and not as_json:
        click.echo(nothing, err=True)


def print_record(columns: Sequence[Column], row: Row, *, as_json: bool) -> None:
    """Print one thing: a line for each column, and for each entry of a list; one object for programs."""
    if as_json:
        print_json(row)
        return
    width = max(_width(column.title) for column in columns)
    for column in columns:
        value = row.get(column.name)
        entries = value if isinstance(value, list | tuple) and value else [value]
        title = column.title
        for entry in entries:
            label = click.style(title, bold=True) + " " * (width - len(title))
            click.echo(f"{label}{GAP}{_painted(column.text(entry), column)}")
            title = ""


def print_json(row: Row) -> None:
    """Print one object."""
    click.echo(_json(row))


def spell_out_what_a_terminal_lacks() -> None:
    """Let letters be spelled out that the encoding of standard output lacks, rather than end the command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def give_up_what_cannot_be_printed() -> None:
    """Drop what standard output does not take: at the end Python tries again, and has more to say of it."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def harmless(text: str) -> str:
    """The *text* without what commands a terminal or turns its letters round; those are spelled out."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _spelled(each) for each in text)


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _painted(cell: str, column: Column) -> str:
    colour = COLOURS.get(cell) if column.is_coloured else None
    return click.style(cell, fg=colour) if colour else cell


def _width(text: str) -> int:
    """How many places of a terminal a text takes (Unicode Standard Annex #11)."""
    if text.isascii():
        return len(text)
    return sum(_places(character) for character in text)


def _places(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _json(row: Row) -> str:
    """All characters beyond ASCII are escaped, so that this is harmless, too."""
    return json.dumps(row, default=_plain)


def _plain(value: Any) -> Any:
    return rfc3339.written(value) if isinstance(value, datetime) else str(value)
