"""Deletes a few rows at a time, so that no lock is held for long."""

from typing import Any

import peewee


def delete_some(table: type[peewee.Model], condition: Any, *, order: tuple[Any, ...], at_most: int) -> int:
    """Delete rows that meet a *condition*, the first in an *order* that an index has; return how many.

    The condition is checked again for each of them: another request may have changed a row since it was read.
    """
    key: Any = table._meta.primary_key
    rows = table.select(key).where(condition).order_by(*order).limit(at_most)
    # In one order, so that two who delete the same rows don't wait for each other.
    keys = sorted(value for (value,) in rows.tuples())
    return table.delete().where(key.in_(keys) & condition).execute() if keys else 0
