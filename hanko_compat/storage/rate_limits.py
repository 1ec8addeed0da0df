"""The table ``hanko_compat_rate_limits``: counting is one statement, so no two callers get the same number.

Moments are in microseconds since 1970.
"""

from typing import Any, NamedTuple

import peewee
from peewee import Case, fn

from hanko_compat.storage.models import RateLimit


class Window(NamedTuple):
    """What was counted since the first hit, and when the count ends."""

    hits: int
    expires_at: int


def hit(name: str, *, amount: int, now: int, expires_at: int) -> int:
    """Count *amount* more and return the sum. If no window is open, one opens that ends at *expires_at*."""
    new = RateLimit.insert(name=name, hits=amount, expires_at=expires_at)
    is_over = RateLimit.expires_at <= now
    hits = Case(None, ((is_over, amount),), RateLimit.hits + amount)
    end = Case(None, ((is_over, expires_at),), RateLimit.expires_at)
    if isinstance(RateLimit._meta.database, peewee.MySQLDatabase):
        # It has no RETURNING, but tells what LAST_INSERT_ID was given. It assigns in the order of the text:
        # the hits while the old end is still there.
        upsert = new.on_conflict(update={RateLimit.hits: fn.LAST_INSERT_ID(hits), RateLimit.expires_at: end})
        return int(_run(upsert).lastrowid or amount)
    upsert = new.on_conflict(
        conflict_target=[RateLimit.name], update={RateLimit.hits: hits, RateLimit.expires_at: end}
    )
    return int(_run(upsert.returning(RateLimit.hits)).fetchone()[0])


def find(name: str, *, now: int) -> Window | None:
    """The window that is open, if there is one."""
    columns = RateLimit.select(RateLimit.hits, RateLimit.expires_at)
    row = columns.where((RateLimit.name == name) & (RateLimit.expires_at > now)).tuples().first()
    return Window(*row) if row else None


def delete(name: str) -> None:
    """Forget what was counted."""
    RateLimit.delete().where(RateLimit.name == name).execute()


def delete_all() -> int:
    """Forget everything; return how many windows there were."""
    return RateLimit.delete().execute()


def delete_expired(*, now: int, at_most: int) -> int:
    """Forget windows that are over, up to a number; return how many."""
    is_over = RateLimit.expires_at <= now
    rows = RateLimit.select(RateLimit.name).where(is_over).order_by(RateLimit.expires_at).limit(at_most)
    names = sorted(name for (name,) in rows.tuples())
    # Looked at again: somebody may have opened a new window meanwhile.
    return RateLimit.delete().where(RateLimit.name.in_(names) & is_over).execute() if names else 0


def _run(query: Any) -> Any:
    return RateLimit._meta.database.execute(query)
