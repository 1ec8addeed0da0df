"""Queries of the table ``hanko_compat_deliveries``: a claim is one statement that only one caller can win."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import peewee

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
        attempts=0,
        failures=0,
        next_attempt_at=argument("now", Delivery.next_attempt_at),
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
) -> None:
    """Add a delivery that is due at once; its payload is ASCII or JSON."""
    _CREATE.count(
        id=delivery_id,
        channel=channel,
        kind=kind,
        recipient=recipient,
        lane=lane,
        turn=turn,
        payload=recorded_json(payload),
        expires_at=expires_at,
        now=now,
    )


def list_due(*, at: datetime, limit: int, channels: Mapping[str, Sequence[str]]) -> Sequence[Delivery]:
    """Up to *limit* deliveries of each channel that are due, those that wait for longest first.

    *channels* names for each channel the recipients that get nothing at present.
    """
    statement = _list_due(tuple((channel, len(busy)) for channel, busy in channels.items()))
    values: dict[str, Any] = {
        _busy(channel, number): recipient
        for channel, recipients in channels.items()
        for number, recipient in enumerate(recipients)
    }
    return statement.rows(at=at, limit=limit, **values)


def claim(delivery_id: UUID, *, attempts: int, until: datetime) -> bool:
    """Keep others off what was seen with so many *attempts*. Of several callers one gets True."""
    return _CLAIM.count(id=delivery_id, attempts=attempts, until=until) == 1


def postpone(delivery_id: UUID, *, attempts: int, until: datetime) -> bool:
    """Note a failure and wait; False when the claim that made it *attempts* is no longer the present one."""
    return _POSTPONE.count(id=delivery_id, attempts=attempts, until=until) == 1


def give_back(delivery_id: UUID, *, attempts: int, now: datetime) -> bool:
    """Let any process claim it again; False when the claim that made it *attempts* is not the present one."""
    return _GIVE_BACK.count(id=delivery_id, attempts=attempts, now=now) == 1


def give_up(delivery_id: UUID, *, attempts: int) -> bool:
    """Forget what can't be delivered; False when the claim that made it *attempts* is not the present one."""
    return _GIVE_UP.count(id=delivery_id, attempts=attempts) == 1


def delete(delivery_id: UUID) -> None:
    """Forget what was delivered."""
    _DELETE.count(id=delivery_id)


def delete_of_recipient(recipient: str, *, channel: str) -> None:
    """Forget all that waits for one recipient."""
    Delivery.delete().where((Delivery.channel == channel) & (Delivery.recipient == recipient)).execute()


def count() -> int:
    """How many deliveries wait or are under way."""
    return Delivery.select().count()


@cache
def _list_due(channels: tuple[tuple[str, int], ...]) -> Statement:
    """Select what is due in *channels*, each of which has so many busy recipients.

    A part for each channel finds its rows in the index, however long another channel's queue is.
    """

    def build() -> Any:
        first, *others = [_due_in(channel, busy=busy) for channel, busy in channels]
        for other in others:
            first = first.union_all(other)
        return first

    return Statement(build)


def _due_in(channel: str, *, busy: int) -> Any:
    due = Delivery.select().where(
        (Delivery.channel == channel) & (Delivery.next_attempt_at <= argument("at", Delivery.next_attempt_at))
    )
    for number in range(busy):
        due = due.where(Delivery.recipient != argument(_busy(channel, number), Delivery.recipient))
    part = due.order_by(Delivery.next_attempt_at).limit(argument("limit", Delivery.attempts)).alias("part")
    # SQLite takes ORDER BY and LIMIT inside a UNION only in a query of their own.
    columns = [getattr(part.c, field.column_name) for field in Delivery._meta.sorted_fields]
    return Delivery.select(*columns).from_(part)


def _busy(channel: str, number: int) -> str:
    return f"{channel}_{number}"


def _is_claim() -> peewee.Expression:
    """The delivery as it was seen: no process has claimed it since."""
    return (Delivery.id == argument("id", Delivery.id)) & (
        Delivery.attempts == argument("attempts", Delivery.attempts)
    )
