"""The table ``webauthn_session_data``: challenges of ceremonies, with the credentials that may answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from peewee import JOIN

from hanko_compat.storage.models import WebauthnSessionData, WebauthnSessionDataAllowedCredential
from hanko_compat.storage.statements import Statement, argument

NOBODY = UUID(int=0)  # for whom a challenge is that any user may answer

_CREATE = Statement(
    WebauthnSessionData,
    lambda: WebauthnSessionData.insert(
        id=argument("session_data_id", WebauthnSessionData.id),
        challenge=argument("challenge", WebauthnSessionData.challenge),
        user_id=argument("user_id", WebauthnSessionData.user_id),
        user_verification=argument("user_verification", WebauthnSessionData.user_verification),
        operation=argument("operation", WebauthnSessionData.operation),
        expires_at=argument("expires_at", WebauthnSessionData.expires_at),
        created_at=argument("now", WebauthnSessionData.created_at),
        updated_at=argument("now", WebauthnSessionData.updated_at),
    ),
)
_ALLOW = Statement(
    WebauthnSessionDataAllowedCredential,
    lambda: WebauthnSessionDataAllowedCredential.insert(
        id=argument("row_id", WebauthnSessionDataAllowedCredential.id),
        credential_id=argument("credential_id", WebauthnSessionDataAllowedCredential.credential_id),
        webauthn_session_data=argument(
            "session_data_id", WebauthnSessionDataAllowedCredential.webauthn_session_data
        ),
        created_at=argument("now", WebauthnSessionDataAllowedCredential.created_at),
        updated_at=argument("now", WebauthnSessionDataAllowedCredential.updated_at),
    ),
)
_FIND = Statement(
    WebauthnSessionData,
    lambda: (
        WebauthnSessionData.select(
            WebauthnSessionData.id,
            WebauthnSessionData.challenge,
            WebauthnSessionData.user_id,
            WebauthnSessionData.user_verification,
            WebauthnSessionData.created_at,
            WebauthnSessionData.expires_at,
            WebauthnSessionDataAllowedCredential.credential_id,
        )
        .join(
            WebauthnSessionDataAllowedCredential,
            JOIN.LEFT_OUTER,
            on=(WebauthnSessionDataAllowedCredential.webauthn_session_data == WebauthnSessionData.id),
        )
        .where(WebauthnSessionData.challenge == argument("challenge", WebauthnSessionData.challenge))
        .where(WebauthnSessionData.operation == argument("operation", WebauthnSessionData.operation))
        .tuples()
    ),
)
_CONSUME = Statement(
    WebauthnSessionData,
    lambda: WebauthnSessionData.delete().where(
        WebauthnSessionData.id == argument("session_data_id", WebauthnSessionData.id)
    ),
)


class Challenge(NamedTuple):
    """A challenge, and the IDs of the credentials that were offered with it; old rows may never expire."""

    id: UUID
    challenge: str
    user_id: UUID
    user_verification: str
    created_at: datetime
    expires_at: datetime | None
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
    session_data_id = uuid4()
    _CREATE.count(
        session_data_id=session_data_id,
        challenge=challenge,
        user_id=user_id or NOBODY,
        user_verification=user_verification,
        operation=operation,
        expires_at=expires_at,
        now=now,
    )
    for credential_id in credential_ids:
        _ALLOW.count(row_id=uuid4(), credential_id=credential_id, session_data_id=session_data_id, now=now)


def find(challenge: str, *, operation: str) -> Challenge | None:
    """The row of exactly this challenge, if it was made for *operation*."""
    rows = _FIND.rows(challenge=challenge, operation=operation)
    if not rows:
        return None
    credential_ids = tuple(row[-1] for row in rows if row[-1] is not None)
    found = Challenge._make((*rows[0][:-1], credential_ids))
    # Compared again: collations of MySQL and MariaDB ignore case.
    return found if found.challenge == challenge else None


def consume(session_data_id: UUID) -> bool:
    """Delete a challenge. Of several callers one gets True."""
    return _CONSUME.count(session_data_id=session_data_id) == 1


def delete_of_user(user_id: UUID) -> None:
    """Forget the ceremonies that a user has begun; no foreign key ties them to the user."""
    WebauthnSessionData.delete().where(WebauthnSessionData.user_id == user_id).execute()
