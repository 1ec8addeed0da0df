"""The table ``hanko_compat_rate_limits``: counting is one statement, so no two callers get the same number.

Moments are in microseconds since 1970.
"""

from collections.abc import Collection, Mapping
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import Case, fn

from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.engine.dialects import is_mysql
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import RateLimit


class Window(NamedTuple):
    """The count since the first hit, and when its window ends."""

    hits: int
    expires_at: int


_COLUMNS = (RateLimit.name, RateLimit.hits, RateLimit.expires_at)
_HIT = Statement(lambda: _upsert())
_FIND = Statement(
    lambda: (
        RateLimit.select(RateLimit.hits, RateLimit.expires_at)
        .where(RateLimit.name == argument("name", RateLimit.name))
        .where(RateLimit.expires_at > argument("now", RateLimit.expires_at))
        .tuples()
    ),
)


_WRITE = Statement(
    lambda: RateLimit.update(
        hits=argument("hits", RateLimit.hits), expires_at=argument("expires_at", RateLimit.expires_at)
    ).where(RateLimit.name == argument("name", RateLimit.name)),
)


def hit(name: str, *, now: int, expires_at: int) -> int:
    """Count one more and return the sum. If no window is open, one opens that ends at *expires_at*."""
    cursor = _HIT.cursor(name=name, now=now, expires_at=expires_at)
    return int(cursor.lastrowid or 1) if is_mysql(RateLimit) else int(cursor.fetchone()[0])


def find(name: str, *, now: int) -> Window | None:
    """The window that is open, if there is one."""
    row = _FIND.first(name=name, now=now)
    return Window(*row) if row else None


def list_open(prefixes: Collection[str], *, now: int) -> dict[str, Window]:
    """The windows that are open under names that begin with any of *prefixes*; reads the whole table.

    Compared in letters: a range of the key would follow the collation of the database.
    """
    begins = [fn.SUBSTR(RateLimit.name, 1, len(prefix)) == prefix for prefix in prefixes]
    if not begins:
        return {}
    rows = RateLimit.select(*_COLUMNS)
    rows = rows.where(RateLimit.expires_at > now, reduce(or_, begins))
    return {name: Window(hits, expires_at) for name, hits, expires_at in rows.tuples()}


def delete(names: Collection[str]) -> int:
    """Delete windows by their names; return how many there were."""
    return int(RateLimit.delete().where(RateLimit.name.in_(sorted(names))).execute())


def lock(names: Collection[str], *, now: int) -> dict[str, Window]:
    """Lock the rows of these names until the transaction ends; return the windows that are open.

    Names without a row get one, whose window is over: so there is something to lock.
    """
    # In one order, so that no two callers wait for each other.
    values = {_name(number): name for number, name in enumerate(sorted(names))} | {"now": now}
    if is_mysql(RateLimit):
        _insert_statement(len(names)).count(**values)
        # An ordinary read: its snapshot is taken now, when all rows are locked.
        rows = _find_statement(len(names)).rows(**values)
    else:
        rows = _insert_statement(len(names)).rows(**values)
    windows = {name: Window(*window) for name, *window in rows}
    return {name: window for name, window in windows.items() if window.expires_at > now}


def write(windows: Mapping[str, Window]) -> None:
    """Write windows into rows that are there."""
    for name, window in sorted(windows.items()):
        _WRITE.count(name=name, hits=window.hits, expires_at=window.expires_at)


def over(*, before: int) -> Old:
    """Windows that had ended at a moment."""
    return Old(RateLimit, RateLimit.expires_at <= before, (RateLimit.expires_at,))


def _upsert() -> Any:
    expires_at = argument("expires_at", RateLimit.expires_at)
    new = RateLimit.insert(name=argument("name", RateLimit.name), hits=1, expires_at=expires_at)
    is_over = RateLimit.expires_at <= argument("now", RateLimit.expires_at)
    hits = Case(None, ((is_over, 1),), RateLimit.hits + 1)
    end = Case(None, ((is_over, expires_at),), RateLimit.expires_at)
    if is_mysql(RateLimit):
        # MySQL has no RETURNING, but reports the value that LAST_INSERT_ID was given. It assigns in the order
        # of the text: the hits before the end changes.
        return new.on_conflict(update={RateLimit.hits: fn.LAST_INSERT_ID(hits), RateLimit.expires_at: end})
    changes = {RateLimit.hits: hits, RateLimit.expires_at: end}
    return new.on_conflict(conflict_target=[RateLimit.name], update=changes).returning(RateLimit.hits)


@cache
def _insert_statement(count: int) -> Statement:
    """Write windows that are over under so many names, where there are none, and lock all."""

    def build() -> Any:
        rows = [(each, 0, argument("now", RateLimit.expires_at)) for each in _names(count)]
        new = RateLimit.insert_many(rows, fields=_COLUMNS)
        unchanged = {RateLimit.hits: RateLimit.hits}
        if is_mysql(RateLimit):
            return new.on_conflict(update=unchanged)
        return (
            new.on_conflict(conflict_target=[RateLimit.name], update=unchanged).returning(*_COLUMNS).tuples()
        )

    return Statement(build)


@cache
def _find_statement(count: int) -> Statement:
    """Find the windows under so many names."""
    return Statement(lambda: RateLimit.select(*_COLUMNS).where(RateLimit.name.in_(_names(count))).tuples())


def _names(count: int) -> list[Any]:
    return [argument(_name(number), RateLimit.name) for number in range(count)]


def _name(number: int) -> str:
    return f"name_{number}"
