"""Deletes a few rows at a time, so that no lock is held for long."""

from typing import Any, NamedTuple

import peewee

FEW = 20
"""How many rows a step deletes that has no index: of each, the database may look for what refers to it."""


class Old(NamedTuple):
    """The rows of a table that meet a *condition*, in an *order* that an index has."""

    table: type[peewee.Model]
    condition: Any
    order: tuple[Any, ...]


class Progress(NamedTuple):
    """How many rows a step has deleted, and after which the next one goes on; None when it was the last."""

    deleted: int
    after: Any


def delete_some(old: Old, *, at_most: int) -> int:
    """Delete the first rows; return how many.

    The condition is checked again for each of them: another request may have changed a row since it was read.
    """
    key: Any = old.table._meta.primary_key
    return _delete(old, old.table.select(key).where(old.condition).order_by(*old.order).limit(at_most))


def delete_among(old: Old, *, after: Any, look_at: int, at_most: int = FEW) -> Progress:
    """Delete rows among the next ones by primary key, where no index leads to them.

    *after* is the key to go on from, None for the first row. So many rows are looked at, or fewer, as up to
    *at_most* are deleted.
    """
    key: Any = old.table._meta.primary_key
    keys = old.table.select(key).order_by(key).limit(look_at).tuples()
    seen = [value for (value,) in (keys if after is None else keys.where(key > after))]
    if not seen:
        return Progress(0, None)
    within = (key >= seen[0]) & (key <= seen[-1])
    found = old.table.select(key).where(within, old.condition).order_by(key).limit(at_most)
    last = [value for (value,) in found.tuples()]
    deleted = _delete(old, found)
    if len(last) == at_most:
        return Progress(deleted, last[-1])
    return Progress(deleted, seen[-1] if len(seen) == look_at else None)


def count(old: Old) -> int:
    """How many there are."""
    return int(old.table.select().where(old.condition).count())


def _delete(old: Old, rows: Any) -> int:
    key: Any = old.table._meta.primary_key
    # In one order, so that two who delete the same rows don't wait for each other.
    keys = sorted(value for (value,) in rows.tuples())
    return int(old.table.delete().where(key.in_(keys) & old.condition).execute()) if keys else 0
