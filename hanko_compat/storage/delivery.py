"""Queries of the table ``hanko_compat_outbox``: a claim is one statement that only one caller can win."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import peewee

from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import OutboxMail

_CREATE = Statement(
    OutboxMail,
    lambda: OutboxMail.insert(
        id=argument("id", OutboxMail.id),
        kind=argument("kind", OutboxMail.kind),
        payload=argument("payload", OutboxMail.payload),
        attempts=0,
        next_attempt_at=argument("now", OutboxMail.next_attempt_at),
        expires_at=argument("expires_at", OutboxMail.expires_at),
        created_at=argument("now", OutboxMail.created_at),
    ),
)
_LIST_DUE = Statement(
    OutboxMail,
    lambda: (
        OutboxMail.select()
        .where(OutboxMail.next_attempt_at <= argument("at", OutboxMail.next_attempt_at))
        .order_by(OutboxMail.next_attempt_at)
        .limit(argument("limit", OutboxMail.attempts))
    ),
)
_CLAIM = Statement(
    OutboxMail,
    lambda: OutboxMail.update(
        attempts=OutboxMail.attempts + 1, next_attempt_at=argument("until", OutboxMail.next_attempt_at)
    ).where(_is_claim()),
)
_POSTPONE = Statement(
    OutboxMail,
    lambda: OutboxMail.update(next_attempt_at=argument("until", OutboxMail.next_attempt_at)).where(
        _is_claim()
    ),
)
_DELETE = Statement(
    OutboxMail, lambda: OutboxMail.delete().where(OutboxMail.id == argument("id", OutboxMail.id))
)


def create(*, mail_id: UUID, kind: str, payload: str, expires_at: datetime, now: datetime) -> None:
    """Add a mail that is due at once."""
    _CREATE.count(id=mail_id, kind=kind, payload=payload, expires_at=expires_at, now=now)


def list_due(*, at: datetime, limit: int) -> Sequence[OutboxMail]:
    """Up to *limit* mails that are due, those that wait for longest first."""
    return _LIST_DUE.rows(at=at, limit=limit)


def claim(mail_id: UUID, *, attempts: int, until: datetime) -> bool:
    """Keep others off a mail that was seen with so many *attempts*. Of several callers one gets True."""
    return _CLAIM.count(id=mail_id, attempts=attempts, until=until) == 1


def postpone(mail_id: UUID, *, attempts: int, until: datetime) -> bool:
    """Let the mail wait; False when the claim that made it *attempts* is no longer the present one."""
    return _POSTPONE.count(id=mail_id, attempts=attempts, until=until) == 1


def delete(mail_id: UUID) -> None:
    """Forget a mail, delivered or given up."""
    _DELETE.count(id=mail_id)


def count() -> int:
    """How many mails wait or are under way."""
    return OutboxMail.select().count()


def _is_claim() -> peewee.Expression:
    """The mail as it was seen: nobody has claimed it since."""
    return (OutboxMail.id == argument("id", OutboxMail.id)) & (
        OutboxMail.attempts == argument("attempts", OutboxMail.attempts)
    )
