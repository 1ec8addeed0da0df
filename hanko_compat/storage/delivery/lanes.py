"""Lanes of the table ``hanko_compat_deliveries``: what is delivered one after the other.

The first row of a lane is the one that may be delivered. A later one whose time has come is put off, so that
nobody looks at it again and again, and made due when it has become the first.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Delivery

_FIRST = Statement(
    lambda: (
        Delivery.select(Delivery.id, Delivery.turn, Delivery.next_attempt_at)
        .where(Delivery.lane == argument("lane", Delivery.lane))
        .order_by(Delivery.turn)
        .limit(1)
    ),
)
_LAST = Statement(
    lambda: (
        Delivery.select(Delivery.turn)
        .where(Delivery.lane == argument("lane", Delivery.lane))
        .order_by(Delivery.turn.desc())
        .limit(1)
    ),
)
_MAKE_DUE = Statement(
    lambda: Delivery.update(next_attempt_at=argument("now", Delivery.next_attempt_at)).where(
        (Delivery.id == argument("id", Delivery.id)) & (Delivery.attempts == Delivery.failures)
    ),
)


def last_turn(lane: str) -> int:
    """The turn of the last row that waits in *lane*; 0 when none does."""
    last = _LAST.first(lane=lane)
    return 0 if last is None else int(last.turn)


def first(lane: str) -> Delivery | None:
    """The first row of *lane*, with ID, turn and the time of its next attempt; None without any."""
    row: Delivery | None = _FIRST.first(lane=lane)
    return row


def make_due(delivery_id: UUID, *, now: datetime) -> None:
    """Let a row be claimed now, unless it is under way."""
    _MAKE_DUE.count(id=delivery_id, now=now)


def list_due_behind(lane: str, *, turn: int, at: datetime, limit: int) -> Sequence[UUID]:
    """Up to *limit* rows of *lane* behind *turn* that are due."""
    query = (
        Delivery.select(Delivery.id)
        .where((Delivery.lane == lane) & (Delivery.turn > turn) & (Delivery.next_attempt_at <= at))
        .order_by(Delivery.turn)
        .limit(limit)
    )
    return [delivery_id for (delivery_id,) in query.tuples()]


def put_off(delivery_ids: Sequence[UUID], *, at: datetime, until: datetime) -> None:
    """Have rows looked at later that are due *at* that time, and so not claimed."""
    (
        Delivery.update(next_attempt_at=until)
        .where(Delivery.id.in_(delivery_ids) & (Delivery.next_attempt_at <= at))
        .execute()
    )
