"""Queries of the table ``hanko_compat_dead_letters``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import peewee

from hanko_compat.storage.engine.current import CURRENT_DATABASE
from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.models import DeadLetter, Delivery

COPIED = (
    "id",
    "channel",
    "kind",
    "recipient",
    "lane",
    "turn",
    "payload",
    "attempts",
    "expires_at",
    "created_at",
)
"""What a dead letter has of its delivery."""
LONGEST_REASON = 255


def bury(delivery_ids: Sequence[UUID], *, reason: str, now: datetime) -> int:
    """Move deliveries here, in a transaction; return how many are there still."""
    if not delivery_ids:
        return 0
    of_these = Delivery.id.in_(delivery_ids)
    fields = [getattr(DeadLetter, name) for name in COPIED]
    columns = [getattr(Delivery, name) for name in COPIED]
    further = [peewee.Value(reason[:LONGEST_REASON]), peewee.Value(DeadLetter.died_at.db_value(now))]
    DeadLetter.insert_from(
        Delivery.select(*columns, *further).where(of_these), [*fields, DeadLetter.reason, DeadLetter.died_at]
    ).execute()
    return int(Delivery.delete().where(of_these).execute())


def list_idle(recipient: str, *, channel: str, created_before: datetime, limit: int) -> Sequence[UUID]:
    """Up to *limit* deliveries to *recipient* that nobody makes at present; locked until the commit."""
    query = (
        Delivery.select(Delivery.id)
        .where(
            (Delivery.channel == channel)
            & (Delivery.recipient == recipient)
            & (Delivery.attempts == Delivery.failures)
            & (Delivery.created_at <= created_before)
        )
        .order_by(Delivery.next_attempt_at)  # as the index has them
        .limit(limit)
    )
    if CURRENT_DATABASE.resolve().for_update:  # SQLite has one writer anyway
        query = query.for_update()
    return [delivery_id for (delivery_id,) in query.tuples()]


def find(letter_id: UUID) -> DeadLetter | None:
    """The dead letter, or None."""
    return DeadLetter.select().where(DeadLetter.id == letter_id).first()


def list_in_order(*, channel: str, recipient: str) -> Sequence[UUID]:
    """All that was given up for a recipient: each lane in its order."""
    query = (
        DeadLetter.select(DeadLetter.id)
        .where((DeadLetter.channel == channel) & (DeadLetter.recipient == recipient))
        .order_by(DeadLetter.turn, DeadLetter.created_at)
    )
    return [letter_id for (letter_id,) in query.tuples()]


def list_(*, channel: str, recipient: str | None = None, limit: int) -> Sequence[DeadLetter]:
    """Up to *limit* of a channel, the latest first; of one *recipient* where that is given."""
    query: Any = DeadLetter.select().where(DeadLetter.channel == channel)
    if recipient is not None:
        query = query.where(DeadLetter.recipient == recipient)
    return list(query.order_by(DeadLetter.died_at.desc(), DeadLetter.id).limit(limit))


def count_by_recipient(*, channel: str) -> dict[str, int]:
    """How many there are for each recipient."""
    query = (
        DeadLetter.select(DeadLetter.recipient, peewee.fn.COUNT(DeadLetter.id))
        .where(DeadLetter.channel == channel)
        .group_by(DeadLetter.recipient)
    )
    return dict(query.tuples())


def delete(letter_id: UUID) -> bool:
    """Remove one; False when it is not there any more."""
    return DeadLetter.delete().where(DeadLetter.id == letter_id).execute() == 1


def old(*, died_before: datetime) -> Old:
    """Those that died before a moment."""
    return Old(DeadLetter, DeadLetter.died_at < died_before, (DeadLetter.died_at,))
