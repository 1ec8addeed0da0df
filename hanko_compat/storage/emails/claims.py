"""Queries of the table ``hanko_compat_email_claims``: who stands for an address that is not verified."""

from datetime import datetime
from uuid import UUID

from peewee import JOIN

from hanko_compat.storage.emails import primary_emails
from hanko_compat.storage.models import Email, EmailClaim, EmailValue, Identity, Passcode


def exists(email_id: UUID) -> bool:
    """Whether a server gave this address to its user, or a challenge has proved it."""
    return EmailClaim.select(EmailClaim.email).where(EmailClaim.email == email_id).exists()


def is_proved(email: Email) -> bool:
    """Whether its user has shown to read its mail, by a passcode or by a challenge."""
    proved = (EmailClaim.email == email.id) & EmailClaim.proved_at.is_null(False)
    return bool(email.verified) or EmailClaim.select(EmailClaim.email).where(proved).exists()


def list_unconfirmed(user_id: UUID) -> list[str]:
    """The user's addresses for which nothing stands but the user's own word: no proof, and no server."""
    return [
        address
        for (address,) in Email.select(Email.address)
        .join(EmailClaim, JOIN.LEFT_OUTER, on=(EmailClaim.email == Email.id))
        .where(Email.user == user_id, Email.verified == False, EmailClaim.email.is_null())  # noqa: E712
        .tuples()
    ]


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


def take_over(email: Email, *, user_id: UUID, is_verified: bool, now: datetime) -> bool:
    """Give the user an address that nobody or, unverified, *email*'s user has; False when that has changed.

    What hangs on the address stays with nobody: that user's passcodes for it, its place as the primary one,
    identities at providers. Needs a transaction that has locked both users.
    """
    former = email.user_id
    is_theirs = Email.user.is_null() if former is None else (Email.user == former) & (Email.verified == False)  # noqa: E712
    changes = {"user": user_id, "verified": is_verified, "updated_at": now}
    if Email.update(changes).where((Email.id == email.id) & is_theirs).execute() != 1:
        return False
    _detach(email, former)
    return True


def release(email: Email, *, now: datetime) -> None:
    """Leave an unverified address that is not the primary one without a user, and without what hangs on it.

    Needs a transaction that has locked its user.
    """
    Email.update(user=None, updated_at=now).where(Email.id == email.id).execute()
    _detach(email, email.user_id)


def _detach(email: Email, former: UUID | None) -> None:
    EmailValue.delete().where(EmailValue.email == email.id).execute()
    Identity.delete().where(Identity.email == email.id).execute()
    if former is not None:
        Passcode.delete().where((Passcode.email == email.id) & (Passcode.user == former)).execute()
        primary_emails.delete(former, email_id=email.id)
