"""What lets somebody in to an account, from all tables that have something of the kind: found and deleted."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from peewee import JOIN, Model

from hanko_compat.storage.models import (
    Challenge,
    Email,
    EmailClaim,
    Identity,
    OtpSecret,
    Passcode,
    PasskeyChallenge,
    PasswordCredential,
    Session,
    Token,
    TrustedDevice,
    WebauthnCredential,
    WebauthnCredentialUserHandle,
    WebauthnSessionData,
)
from hanko_compat.storage.models.challenges import ChallengeStatus


def list_emails(user_id: UUID) -> list[tuple[UUID, bool]]:
    """The user's addresses, oldest first, each with whether it is proved: by a passcode or by a challenge."""
    rows = (
        Email.select(Email.id, Email.verified, EmailClaim.proved_at)
        .join(EmailClaim, JOIN.LEFT_OUTER, on=(EmailClaim.email == Email.id))
        .where(Email.user == user_id)
        .order_by(Email.created_at, Email.id)
        .tuples()
    )
    return [(email_id, bool(is_verified or proved_at)) for email_id, is_verified, proved_at in rows]


def list_credential_ids(user_id: UUID, *, mfa_only: bool) -> list[str]:
    """The IDs of the user's passkeys, or of its keys that are a second factor only."""
    mine = (WebauthnCredential.user == user_id) & (WebauthnCredential.mfa_only == mfa_only)
    rows = WebauthnCredential.select(WebauthnCredential.id).where(mine).order_by(WebauthnCredential.id)
    return [credential_id for (credential_id,) in rows.tuples()]


def delete_first_factors(user_id: UUID) -> dict[str, int]:
    """Delete what is a log-in by itself or will become one, passkeys aside; how many rows of which kind.

    Delete no address before this: old identities have no user, and are found by it.
    """
    addresses = Email.select(Email.id).where(Email.user == user_id)
    identities = (Identity.user == user_id) | Identity.email.in_(addresses)
    return {
        "passwords": _delete(PasswordCredential, PasswordCredential.user == user_id),
        "identities": _delete(Identity, identities),
        "sessions": _delete(Session, Session.user == user_id),
        "passcodes": _delete(Passcode, Passcode.user == user_id),
        "tokens": _delete(Token, Token.user == user_id),
        # Ceremonies under way. Of a server's the answered ones go, too: its log-in may be yet to come.
        "ceremonies": _delete(WebauthnSessionData, WebauthnSessionData.user_id == user_id)
        + _delete(PasskeyChallenge, PasskeyChallenge.user == user_id),
    }


def delete_second_factors(user_id: UUID) -> dict[str, int]:
    """Delete apps that make codes, and the devices that need none; how many rows of which kind."""
    return {
        "otp_secrets": _delete(OtpSecret, OtpSecret.user == user_id),
        "trusted_devices": _delete(TrustedDevice, TrustedDevice.user == user_id),
    }


def delete_credentials(credential_ids: Collection[str]) -> None:
    """Delete passkeys and keys, with the user handles that no other passkey needs any more."""
    if not credential_ids:
        return
    mine = WebauthnCredential.id.in_(credential_ids)
    handles = WebauthnCredential.select(WebauthnCredential.user_handle).where(mine)
    ids = {row[0] for row in handles.tuples() if row[0] is not None}
    WebauthnCredential.delete().where(mine).execute()
    if ids:
        used = WebauthnCredential.select(WebauthnCredential.user_handle)
        used = used.where(WebauthnCredential.user_handle.in_(ids))
        unused = ids - {row[0] for row in used.tuples()}
        WebauthnCredentialUserHandle.delete().where(WebauthnCredentialUserHandle.id.in_(unused)).execute()


def delete_emails(email_ids: Sequence[UUID]) -> None:
    """Delete addresses of which none is the primary one."""
    if email_ids:
        Email.delete().where(Email.id.in_(email_ids)).execute()


def end_challenges(user_id: UUID, *, but: str) -> int:
    """End the user's challenges that wait for an answer, unless sent to the address *but*; how many."""
    waits = (Challenge.user == user_id) & (Challenge.status == ChallengeStatus.PENDING)
    rows = Challenge.select(Challenge.id, Challenge.identifier_value).where(waits).tuples()
    ids = [challenge_id for challenge_id, value in rows if value.lower() != but]
    if not ids:
        return 0
    ended = Challenge.update(status=ChallengeStatus.EXPIRED).where(Challenge.id.in_(ids) & waits)
    return int(ended.execute())


def _delete(table: type[Model], where: Any) -> int:
    return int(table.delete().where(where).execute())
