"""Records of tables (CSV, RFC 4180), row by row. The first row has the names of the columns."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from hanko_compat.errors.user_files import UserFileUnreadable
from hanko_compat.services.user_files.records import Record, buffered, encoding_of

LONGEST_HEADER = 64 * 1024  # characters


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
        yield from _rows(csv.reader(text, delimiter=separator), columns)
    except UnicodeDecodeError as error:
        raise UserFileUnreadable("the file is no UTF-16, although it begins so") from error
    finally:
        text.detach()  # whoever has opened the file closes it


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


def _rows(reader: Iterator[list[str]], columns: Sequence[str]) -> Iterator[Record]:
    number = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            number += 1
            yield Record(number, fault=f"no row of a table: {error}")
            continue
        if cells is None:
            return
        if not any(cells):
            continue  # an empty line
        number += 1
        # Spreadsheets leave out empty cells at the end; more cells than columns mean a comma without quotes.
        row = dict(zip(columns, cells, strict=False))
        fault = "the row has more cells than the first one" if any(cells[len(columns) :]) else ""
        yield Record(number, row, fault)
