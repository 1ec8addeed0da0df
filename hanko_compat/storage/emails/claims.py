"""Queries of the table ``hanko_compat_email_claims``: who stands for an address that is not verified."""

from datetime import datetime
from uuid import UUID

from hanko_compat.storage.models import Email, EmailClaim


def exists(email_id: UUID) -> bool:
    """Whether a server gave this address to its user, or a challenge has proved it."""
    return EmailClaim.select(EmailClaim.email).where(EmailClaim.email == email_id).exists()


def is_proved(email: Email) -> bool:
    """Whether its user has shown to read its mail, by a passcode or by a challenge."""
    proved = (EmailClaim.email == email.id) & EmailClaim.proved_at.is_null(False)
    return bool(email.verified) or EmailClaim.select(EmailClaim.email).where(proved).exists()


def create(email_id: UUID) -> None:
    """Note that a server gave this address to its user, unless something is noted already.

    Needs a transaction that has locked the user.
    """
    if not exists(email_id):
        EmailClaim.insert(email=email_id, proved_at=None).execute()


def prove(email_id: UUID, *, now: datetime) -> None:
    """Note that the user has shown to read the mail of this address; the first time counts.

    Needs a transaction that has locked the user.
    """
    create(email_id)
    first = (EmailClaim.email == email_id) & EmailClaim.proved_at.is_null()
    EmailClaim.update(proved_at=now).where(first).execute()
