"""The table ``webauthn_session_data``: challenges of ceremonies, with the credentials that may answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from hanko_compat.storage.models import WebauthnSessionData, WebauthnSessionDataAllowedCredential

NOBODY = UUID(int=0)  # for whom a challenge is that any user may answer


class Challenge(NamedTuple):
    """A challenge with the credential IDs that were offered with it."""

    row: WebauthnSessionData
    credential_ids: tuple[str, ...]


def create(
    challenge: str,
    *,
    operation: str,
    user_id: UUID | None,
    user_verification: str,
    credential_ids: Sequence[str],
    expires_at: datetime,
    now: datetime,
) -> None:
    """Write a challenge (base64url), with the credential IDs that may answer it; none for any."""
    stamps = {"created_at": now, "updated_at": now}
    session_data_id = uuid4()
    WebauthnSessionData.insert(
        id=session_data_id,
        challenge=challenge,
        user_id=user_id or NOBODY,
        user_verification=user_verification,
        operation=operation,
        expires_at=expires_at,
        **stamps,
    ).execute()
    allowed = [
        {"id": uuid4(), "credential_id": id_, "webauthn_session_data": session_data_id} | stamps
        for id_ in credential_ids
    ]
    if allowed:
        WebauthnSessionDataAllowedCredential.insert_many(allowed).execute()


def find(challenge: str, *, operation: str) -> Challenge | None:
    """The row of exactly this challenge, if it was made for *operation*."""
    is_it = (WebauthnSessionData.challenge == challenge) & (WebauthnSessionData.operation == operation)
    row = WebauthnSessionData.select().where(is_it).first()
    # Compared again: collations of MySQL and MariaDB ignore case.
    if row is None or row.challenge != challenge:
        return None
    allowed = WebauthnSessionDataAllowedCredential
    ids = allowed.select(allowed.credential_id).where(allowed.webauthn_session_data == row.id).tuples()
    return Challenge(row, tuple(id_ for (id_,) in ids))


def consume(session_data_id: UUID) -> bool:
    """Delete a challenge. Of several callers one gets True."""
    is_it = WebauthnSessionData.id == session_data_id
    return WebauthnSessionData.delete().where(is_it).execute() == 1
