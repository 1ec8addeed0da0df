"""Tests that are a table of cases: a quick round takes some of each."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
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


def fewer_of_others(rows: Sequence[T], *, kind: Callable[[T], str | None], first: str, cases: int) -> list[T]:
    """All *rows* of the *first* kind and of none, and so many *cases* of each other kind.

    Databases differ in statements, which a few cases of a table run as well as a hundred.
    """
    others: defaultdict[str, list[T]] = defaultdict(list)
    for row in rows:
        if kind(row) not in (None, first):
            others[str(kind(row))].append(row)
    kept = {id(row) for found in others.values() for row in spread(found, cases)}
    return [row for row in rows if kind(row) in (None, first) or id(row) in kept]
