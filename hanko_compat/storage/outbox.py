"""Queries of the table ``hanko_compat_outbox``: a claim is one statement that only one caller can win."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hanko_compat.storage.models import OutboxMail


def create(*, mail_id: UUID, kind: str, payload: str, expires_at: datetime, now: datetime) -> None:
    """Add a mail that is due at once."""
    OutboxMail.insert(
        id=mail_id,
        kind=kind,
        payload=payload,
        attempts=0,
        next_attempt_at=now,
        expires_at=expires_at,
        created_at=now,
    ).execute()


def list_due(*, at: datetime, limit: int) -> Sequence[OutboxMail]:
    """Up to *limit* mails that are due, those that wait for longest first."""
    due = OutboxMail.select().where(OutboxMail.next_attempt_at <= at)
    return list(due.order_by(OutboxMail.next_attempt_at).limit(limit))


def claim(mail_id: UUID, *, attempts: int, until: datetime) -> bool:
    """Keep others off a mail that was seen with so many *attempts*. Of several callers one gets True."""
    change = OutboxMail.update(attempts=attempts + 1, next_attempt_at=until)
    return change.where((OutboxMail.id == mail_id) & (OutboxMail.attempts == attempts)).execute() == 1


def postpone(mail_id: UUID, *, attempts: int, until: datetime) -> bool:
    """Let the mail wait; False when the claim that made it *attempts* is no longer the present one."""
    change = OutboxMail.update(next_attempt_at=until)
    return change.where((OutboxMail.id == mail_id) & (OutboxMail.attempts == attempts)).execute() == 1


def delete(mail_id: UUID) -> None:
    """Forget a mail, delivered or given up."""
    OutboxMail.delete().where(OutboxMail.id == mail_id).execute()


def count() -> int:
    """How many mails wait or are under way."""
    return OutboxMail.select().count()
