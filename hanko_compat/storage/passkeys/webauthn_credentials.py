"""The tables ``webauthn_credentials`` and ``webauthn_credential_transports``."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from peewee import JOIN

from hanko_compat.storage.engine.recorded_text import recorded
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import (
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnCredentialUserHandle,
)

MAX_ID = 255  # characters of the column
MAX_SIGN_COUNT = 2**31 - 1  # of the column; authenticators count up to twice that

_FIND = Statement(
    lambda: (
        WebauthnCredential.select(
            WebauthnCredential.id,
            WebauthnCredential.user,
            WebauthnCredential.public_key,
            WebauthnCredential.mfa_only,
            WebauthnCredentialUserHandle.handle,
        )
        .join(
            WebauthnCredentialUserHandle,
            JOIN.LEFT_OUTER,
            on=(WebauthnCredential.user_handle == WebauthnCredentialUserHandle.id),
        )
        .where(WebauthnCredential.id == argument("credential_id", WebauthnCredential.id))
        .tuples()
    ),
)
_LIST_PASSKEY_IDS = Statement(
    lambda: (
        WebauthnCredential.select(WebauthnCredential.id)
        .where(_passkeys_of(argument("user_id", WebauthnCredential.user)))
        .order_by(WebauthnCredential.created_at, WebauthnCredential.id)
        .tuples()
    ),
)
_UPDATE_COUNT = Statement(
    lambda: _update_use(WebauthnCredential.sign_count < argument("sent", WebauthnCredential.sign_count)),
)
_UPDATE_WITHOUT_COUNT = Statement(lambda: _update_use(WebauthnCredential.sign_count == 0))


class Credential(NamedTuple):
    """What a log-in needs of a passkey; ``user_handle`` is set where it was imported with one."""

    id: str
    user_id: UUID
    public_key: str
    mfa_only: bool
    user_handle: str | None


def find(credential_id: str) -> Credential | None:
    """The credential with exactly this ID."""
    row = _FIND.first(credential_id=credential_id)
    # Compared again: collations of MySQL and MariaDB ignore case, but base64url does not.
    return Credential(*row) if row is not None and row[0] == credential_id else None


def list_passkey_ids(user_id: UUID) -> list[str]:
    """The IDs of the user's passkeys, oldest first; second factors are not among them."""
    return [id_ for (id_,) in _LIST_PASSKEY_IDS.rows(user_id=user_id)]


def count_passkeys(user_id: UUID) -> int:
    """How many passkeys the user has."""
    return WebauthnCredential.select().where(_passkeys_of(user_id)).count()


def create(
    credential_id: str,
    *,
    user_id: UUID,
    public_key: str,
    attestation_type: str,
    aaguid: UUID,
    sign_count: int,
    name: str | None,
    backup_eligible: bool,
    backup_state: bool,
    transports: Iterable[str],
    user_handle: str | None = None,
    now: datetime,
) -> None:
    """Write a passkey; its ID and key in base64url. Without a *user_handle* the user's ID is it.

    The *name* is the server's, not its user's.

    Raises:
        IntegrityError: there is a credential with this ID, or there is no such user, or the *user_handle* is
            another user's.
    """
    WebauthnCredential.insert(
        id=credential_id,
        user=user_id,
        public_key=public_key,
        attestation_type=attestation_type,
        aaguid=aaguid,
        sign_count=min(sign_count, MAX_SIGN_COUNT),
        name=name and recorded(name),
        backup_eligible=backup_eligible,
        backup_state=backup_state,
        last_used_at=now,
        mfa_only=False,
        user_handle=None if user_handle is None else _user_handle_id(user_handle, user_id=user_id, now=now),
        created_at=now,
        updated_at=now,
    ).execute()
    rows = [
        {"id": str(uuid4()), "name": each, "webauthn_credential": credential_id}
        for each in sorted(set(transports))
    ]
    if rows:
        WebauthnCredentialTransport.insert_many(rows).execute()


def update_use(
    credential_id: str, *, sign_count: int, backup_eligible: bool, backup_state: bool, now: datetime
) -> bool:
    """Store a log-in. False when the sign count is in use and has not grown: the passkey may be a copy.

    The database compares, so that of two log-ins with the same count one gets True.
    """
    statement = _UPDATE_COUNT if sign_count else _UPDATE_WITHOUT_COUNT
    touched = statement.count(
        credential_id=credential_id,
        sent=sign_count,
        sign_count=min(sign_count, MAX_SIGN_COUNT),
        backup_eligible=backup_eligible,
        backup_state=backup_state,
        now=now,
    )
    return touched == 1


def update_name(credential_id: str, *, name: str, now: datetime) -> None:
    """Set the name."""
    update = WebauthnCredential.update(name=name, updated_at=now)
    update.where(WebauthnCredential.id == credential_id).execute()


def delete(credential_id: str) -> bool:
    """Delete a credential with its transports; False when there is none."""
    return WebauthnCredential.delete().where(WebauthnCredential.id == credential_id).execute() == 1


def _user_handle_id(handle: str, *, user_id: UUID, now: datetime) -> UUID:
    """The row of a user handle with which imported passkeys answer; made with the first of them."""
    table = WebauthnCredentialUserHandle
    for row in table.select().where((table.user == user_id) & (table.handle == handle)):
        # Compared again: collations of MySQL and MariaDB ignore case and accents.
        if row.handle == handle:
            found: UUID = row.id
            return found
    handle_id = uuid4()
    table.insert(id=handle_id, user=user_id, handle=handle, created_at=now, updated_at=now).execute()
    return handle_id


def _passkeys_of(user_id: Any) -> Any:
    """The condition of being a passkey of the user."""
    return (WebauthnCredential.user == user_id) & (WebauthnCredential.mfa_only == False)  # noqa: E712


def _update_use(has_grown: Any) -> Any:
    """The query of `update_use` under a condition on the sign count."""
    update = WebauthnCredential.update(
        sign_count=argument("sign_count", WebauthnCredential.sign_count),
        backup_eligible=argument("backup_eligible", WebauthnCredential.backup_eligible),
        backup_state=argument("backup_state", WebauthnCredential.backup_state),
        last_used_at=argument("now", WebauthnCredential.last_used_at),
        updated_at=argument("now", WebauthnCredential.updated_at),
    )
    return update.where(WebauthnCredential.id == argument("credential_id", WebauthnCredential.id), has_grown)
