"""The table ``webauthn_session_data``: challenges of ceremonies, with the credentials that may answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from peewee import JOIN, fn

from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.engine.dialects import is_postgres
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import WebauthnSessionData, WebauthnSessionDataAllowedCredential

ANY_USER = UUID(int=0)  # of a challenge that any user may answer

_CREATE = Statement(
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
_ALLOWED = WebauthnSessionDataAllowedCredential
_FIND = Statement(
    lambda: (
        WebauthnSessionData.select(*_columns(), _ALLOWED.credential_id)
        .join(_ALLOWED, JOIN.LEFT_OUTER, on=(_ALLOWED.webauthn_session_data == WebauthnSessionData.id))
        .where(_is_asked_for())
        .tuples()
    ),
)
_DELETE = Statement(
    lambda: WebauthnSessionData.delete().where(
        WebauthnSessionData.id == argument("session_data_id", WebauthnSessionData.id)
    ),
)
# The cascade deletes the credential IDs, so the same statement has to read them.
_TAKE = Statement(
    lambda: (
        WebauthnSessionData.delete()
        .where(_is_asked_for())
        .returning(
            *_columns(),
            _ALLOWED.select(fn.STRING_AGG(_ALLOWED.credential_id, " ")).where(
                _ALLOWED.webauthn_session_data == WebauthnSessionData.id
            ),
        )
        .tuples()
    ),
)


class WebauthnChallenge(NamedTuple):
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
    """Write a challenge (base64url), with the credential IDs that may answer it; without any, all may."""
    session_data_id = uuid4()
    _CREATE.count(
        session_data_id=session_data_id,
        challenge=challenge,
        user_id=user_id or ANY_USER,
        user_verification=user_verification,
        operation=operation,
        expires_at=expires_at,
        now=now,
    )
    for credential_id in credential_ids:
        _ALLOW.count(row_id=uuid4(), credential_id=credential_id, session_data_id=session_data_id, now=now)


def takes_at_once(database: Database) -> bool:
    """Whether `consume` is one statement there, which needs no transaction around it."""
    return database.dialect == "postgres"


def consume(challenge: str, *, operation: str) -> WebauthnChallenge | None:
    """Read and delete exactly this challenge, if made for *operation*. Of several callers one gets it."""
    if is_postgres(WebauthnSessionData):
        row = _TAKE.first(challenge=challenge, operation=operation)
        return None if row is None else WebauthnChallenge._make((*row[:-1], tuple((row[-1] or "").split())))
    rows = _FIND.rows(challenge=challenge, operation=operation)
    if not rows:
        return None
    found = WebauthnChallenge._make((*rows[0][:-1], tuple(row[-1] for row in rows if row[-1] is not None)))
    # Compared again: collations of MySQL and MariaDB ignore case.
    is_it = found.challenge == challenge and _DELETE.count(session_data_id=found.id) == 1
    return found if is_it else None


def expired(*, before: datetime, lifetime: timedelta) -> Old:
    """Challenges that expired before a moment. The cascade deletes the credential IDs.

    Old versions of Hanko left ``expires_at`` empty; these have the *lifetime*.
    """
    table = WebauthnSessionData
    is_over = (table.expires_at < before) | (
        table.expires_at.is_null() & (table.created_at < before - lifetime)
    )
    return Old(table, (table.created_at < before) & is_over, (table.created_at,))


def _columns() -> tuple[Any, ...]:
    return (
        WebauthnSessionData.id,
        WebauthnSessionData.challenge,
        WebauthnSessionData.user_id,
        WebauthnSessionData.user_verification,
        WebauthnSessionData.created_at,
        WebauthnSessionData.expires_at,
    )


def _is_asked_for() -> Any:
    """The condition of being the challenge and of the operation that the arguments name."""
    return (WebauthnSessionData.challenge == argument("challenge", WebauthnSessionData.challenge)) & (
        WebauthnSessionData.operation == argument("operation", WebauthnSessionData.operation)
    )
