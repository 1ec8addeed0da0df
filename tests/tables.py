"""Tests that are a table of cases: a quick round takes some of each."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def sample(names: Iterable[str], *, cases: int) -> set[str]:
    """Of the *names* of tests, at most this many *cases* of each table: the same ones in every process."""
    tables: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        tables[name.partition("[")[0]].append(name)
    return {name for table in tables.values() for name in spread(table, cases)}


def spread(rows: Sequence[T], number: int) -> list[T]:
    """This *number* of *rows*, from the first to the last evenly; or all where they are fewer."""
    if len(rows) <= number:
        return list(rows)
    step = (len(rows) - 1) / max(1, number - 1)
    return [rows[round(index * step)] for index in range(number)]
