"""Queries of the table ``hanko_compat_deliveries``: a claim is one statement that only one caller can win."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import peewee

from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.engine.recorded_text import recorded_json
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Delivery

_CREATE = Statement(
    lambda: Delivery.insert(
        id=argument("id", Delivery.id),
        channel=argument("channel", Delivery.channel),
        kind=argument("kind", Delivery.kind),
        recipient=argument("recipient", Delivery.recipient),
        lane=argument("lane", Delivery.lane),
        turn=argument("turn", Delivery.turn),
        payload=argument("payload", Delivery.payload),
        attempts=argument("failures", Delivery.attempts),
        failures=argument("failures", Delivery.failures),
        next_attempt_at=argument("due_at", Delivery.next_attempt_at),
        expires_at=argument("expires_at", Delivery.expires_at),
        created_at=argument("now", Delivery.created_at),
    ),
)
_CLAIM = Statement(
    lambda: Delivery.update(
        attempts=Delivery.attempts + 1, next_attempt_at=argument("until", Delivery.next_attempt_at)
    ).where(_is_claim()),
)
_POSTPONE = Statement(
    lambda: Delivery.update(
        failures=Delivery.failures + 1, next_attempt_at=argument("until", Delivery.next_attempt_at)
    ).where(_is_claim()),
)
_GIVE_BACK = Statement(
    lambda: Delivery.update(next_attempt_at=argument("now", Delivery.next_attempt_at)).where(_is_claim()),
)
_IS_CLAIMED = Statement(lambda: Delivery.select(Delivery.id).where(_is_claim()))
_GIVE_UP = Statement(lambda: Delivery.delete().where(_is_claim()))
_DELETE = Statement(lambda: Delivery.delete().where(Delivery.id == argument("id", Delivery.id)))


def create(
    *,
    delivery_id: UUID,
    channel: str,
    kind: str,
    recipient: str,
    payload: str,
    expires_at: datetime | None,
    now: datetime,
    lane: str = "",
    turn: int = 0,
    failures: int = 0,
    due_at: datetime | None = None,
) -> None:
    """Add a delivery that is due at once, or at *due_at*; its payload is ASCII or JSON.

    *failures* are those of before.
    """
    _CREATE.count(
        id=delivery_id,
        channel=channel,
        kind=kind,
        recipient=recipient,
        lane=lane,
        turn=turn,
        failures=failures,
        payload=recorded_json(payload),
        expires_at=expires_at,
        due_at=due_at or now,
        now=now,
    )


def list_due(*, at: datetime, limit: int, channels: Sequence[str]) -> Sequence[Delivery]:
    """Up to *limit* deliveries of each channel that are due, those that wait for longest first.

    Each has a further attribute ``behind``: the turn of the first one in its lane, where that is another.
    """
    return _list_due(tuple(channels)).rows(at=at, limit=limit)


def list_due_to(recipient: str, *, channel: str, at: datetime, limit: int) -> Sequence[Delivery]:
    """As `list_due`, of one recipient."""
    return _DUE_TO.rows(channel=channel, recipient=recipient, at=at, limit=limit)


def next_recipient(after: str, *, channel: str) -> str | None:
    """The first recipient behind *after*, by name, for whom something waits; None when there is none."""
    row = _NEXT_RECIPIENT.first(channel=channel, after=after)
    return None if row is None else str(row.recipient)


def claim(delivery_id: UUID, *, attempts: int, until: datetime) -> bool:
    """Keep others off what was seen with so many *attempts*. Of several callers one gets True."""
    return _CLAIM.count(id=delivery_id, attempts=attempts, until=until) == 1


def postpone(delivery_id: UUID, *, attempts: int, until: datetime) -> bool:
    """Note a failure and wait; False when the claim that made it *attempts* is no longer the present one."""
    return _POSTPONE.count(id=delivery_id, attempts=attempts, until=until) == 1


def give_back(delivery_id: UUID, *, attempts: int, now: datetime) -> bool:
    """Let any process claim it again; False when the claim that made it *attempts* is not the present one."""
    return _GIVE_BACK.count(id=delivery_id, attempts=attempts, now=now) == 1


def is_claimed(delivery_id: UUID, *, attempts: int) -> bool:
    """Whether the claim that made it *attempts* is the present one."""
    return _IS_CLAIMED.first(id=delivery_id, attempts=attempts) is not None


def give_up(delivery_id: UUID, *, attempts: int) -> bool:
    """Forget what can't be delivered; False when the claim that made it *attempts* is not the present one."""
    return _GIVE_UP.count(id=delivery_id, attempts=attempts) == 1


def delete(delivery_id: UUID) -> None:
    """Forget what was delivered."""
    _DELETE.count(id=delivery_id)


def delete_of_recipient(recipient: str, *, channel: str) -> None:
    """Forget all that waits for one recipient."""
    Delivery.delete().where((Delivery.channel == channel) & (Delivery.recipient == recipient)).execute()


def list_of_channel(
    channel: str, *, recipient: str | None = None, limit: int | None = None
) -> Sequence[Delivery]:
    """What waits in a channel, the next attempts first; to one *recipient* where that is given."""
    query = Delivery.select().where(Delivery.channel == channel)
    if recipient is not None:
        query = query.where(Delivery.recipient == recipient)
    return list(query.order_by(Delivery.next_attempt_at, Delivery.id).limit(limit))


def count_by_recipient(*, channel: str) -> dict[str, int]:
    """How many deliveries wait in a channel, for each recipient."""
    query = (
        Delivery.select(Delivery.recipient, peewee.fn.COUNT(Delivery.id))
        .where(Delivery.channel == channel)
        .group_by(Delivery.recipient)
    )
    return dict(query.tuples())


def backlog(channel: str, *, at_most: int) -> tuple[int, datetime | None]:
    """How many deliveries wait in a channel, up to a number, and when the oldest of these was written."""
    waiting = (
        Delivery.select(Delivery.created_at)
        .where(Delivery.channel == channel)
        .order_by(Delivery.channel, Delivery.next_attempt_at)
        .limit(at_most)
        .alias("waiting")
    )
    oldest = peewee.fn.MIN(waiting.c.created_at).converter(Delivery.created_at.python_value)
    number, moment = Delivery.select(peewee.fn.COUNT(peewee.SQL("1")), oldest).from_(waiting).tuples().get()
    return number, moment


def count() -> int:
    """How many deliveries wait or are under way."""
    return Delivery.select().count()


@cache
def _list_due(channels: tuple[str, ...]) -> Statement:
    """Select what is due in *channels*.

    A part for each channel finds its rows in the index, however long another channel's queue is.
    """

    def build() -> Any:
        first, *others = [_first_of(_due_in(channel)) for channel in channels]
        for other in others:
            first = first.union_all(other)
        return first

    return Statement(build)


def _due_in(channel: Any) -> Any:
    return Delivery.select().where(
        (Delivery.channel == channel) & (Delivery.next_attempt_at <= argument("at", Delivery.next_attempt_at))
    )


def _first_of(due: Any) -> Any:
    """The first rows of *due*, and for each what it waits for."""
    part = due.order_by(Delivery.next_attempt_at).limit(argument("limit", Delivery.attempts)).alias("part")
    earlier: Any = Delivery.alias("earlier")
    behind = (
        earlier.select(earlier.turn)
        .where((earlier.lane == part.c.lane) & (earlier.turn < part.c.turn))
        .order_by(earlier.turn)
        .limit(1)
    )
    # SQLite takes ORDER BY and LIMIT inside a UNION only in a query of their own.
    columns = [getattr(part.c, field.column_name) for field in Delivery._meta.sorted_fields]
    return Delivery.select(*columns, behind.alias("behind")).from_(part)


def _is_claim() -> peewee.Expression:
    """The delivery as it was seen: no process has claimed it since."""
    return (Delivery.id == argument("id", Delivery.id)) & (
        Delivery.attempts == argument("attempts", Delivery.attempts)
    )


_DUE_TO = Statement(
    lambda: _first_of(
        _due_in(argument("channel", Delivery.channel)).where(
            Delivery.recipient == argument("recipient", Delivery.recipient)
        )
    )
)
_NEXT_RECIPIENT = Statement(
    lambda: (
        Delivery.select(Delivery.recipient)
        .where(
            (Delivery.channel == argument("channel", Delivery.channel))
            & (Delivery.recipient > argument("after", Delivery.recipient))
        )
        .order_by(Delivery.recipient)
        .limit(1)
    ),
)


def forgotten(*, before: datetime) -> Old:
    """Deliveries that were of no use any more at a moment, and that nobody has claimed since they were due.

    That is so where nothing delivers a channel, as it was switched off.
    """
    is_old = (Delivery.expires_at < before) & (Delivery.next_attempt_at < before)
    return Old(Delivery, is_old, (Delivery.channel, Delivery.next_attempt_at))
