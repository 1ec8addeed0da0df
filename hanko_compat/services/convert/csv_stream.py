"""Records of tables (CSV, RFC 4180), row by row. The first row has the names of the columns."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from hanko_compat.errors.user_files import UserFileUnreadable
from hanko_compat.services.user_files.records import Record, buffered, encoding_of

if TYPE_CHECKING:
    import _csv

LONGEST_HEADER = 64 * 1024  # characters
LONGEST_LINE = 1024 * 1024
"""Characters. What follows counts as another line, and is none that makes sense."""


def csv_records(stream: BinaryIO, *, needs: Sequence[str]) -> Iterator[Record]:
    """Each row of *stream*, as texts by column; commas or semicolons stand between the cells.

    At least one of the columns *needs* has to be there.

    Raises:
        UserFileUnreadable: no table, or one without these columns.
    """
    start = buffered(stream)
    # What is no UTF-8 becomes characters that no text may have, and only its own row is refused.
    text = io.TextIOWrapper(start, encoding=encoding_of(start.peek(2)), errors="surrogateescape", newline="")
    try:
        header = text.readline(LONGEST_HEADER)
        separator = ";" if header.count(";") > header.count(",") else ","
        columns = [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]
        _check(columns, needs)
        # Strict, as a cell whose quotation marks never end has swallowed all rows behind it.
        reader = csv.reader(iter(lambda: text.readline(LONGEST_LINE), ""), delimiter=separator, strict=True)
        yield from _rows(reader, columns)
    except UnicodeDecodeError as error:
        raise UserFileUnreadable("the file is no UTF-16, although it begins so") from error
    finally:
        with suppress(ValueError):  # closed by whoever has opened it, as is theirs to do
            text.detach()


def _check(columns: Sequence[str], needs: Sequence[str]) -> None:
    if not set(needs) & set(columns):
        shown = ", ".join(column[:40] for column in columns[:20]) or "nothing"
        wanted = " or ".join(needs)
        raise UserFileUnreadable(
            f"the first row must have the names of the columns, among them {wanted}; it has {shown!a}"
        )
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise UserFileUnreadable(f"the first row has a column twice: {', '.join(twice)!a}")


def _rows(reader: "_csv.Reader", columns: Sequence[str]) -> Iterator[Record]:
    number = 0
    while True:
        before = reader.line_num
        try:
            cells = next(reader, None)
        except csv.Error as error:
            number += 1
            yield Record(number, fault=f"{_place(before, reader)}: no row of a table: {error}")
            continue
        if cells is None:
            return
        if not any(cells):
            continue  # an empty line
        number += 1
        # Spreadsheets leave out empty cells at the end; more cells than columns mean a comma without quotes.
        if any(cells[len(columns) :]):
            # Nobody knows which cell is of which column, and so which are secret.
            yield Record(number, fault=f"{_place(before, reader)}: more cells than the first row has")
        else:
            yield Record(number, dict(zip(columns, cells, strict=False)))


def _place(before: int, reader: "_csv.Reader") -> str:
    """Which lines of the file the reader has read last; the first has the names of the columns."""
    first, last = before + 2, reader.line_num + 1
    return f"line {first}" if first >= last else f"lines {first} to {last}"
