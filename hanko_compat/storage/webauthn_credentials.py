"""The tables ``webauthn_credentials`` and ``webauthn_credential_transports``."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from peewee import JOIN

from hanko_compat.storage.models import (
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnCredentialUserHandle,
)

MAX_ID = 255  # characters of the column
MAX_SIGN_COUNT = 2**31 - 1  # of the column; authenticators count up to twice that


def find(credential_id: str) -> WebauthnCredential | None:
    """The credential with exactly this ID; its ``handle_row`` is the user handle that it brought, or None."""
    row = (
        WebauthnCredential.select(WebauthnCredential, WebauthnCredentialUserHandle)
        .join(
            WebauthnCredentialUserHandle,
            JOIN.LEFT_OUTER,
            on=(WebauthnCredential.user_handle == WebauthnCredentialUserHandle.id),
            attr="handle_row",
        )
        .where(WebauthnCredential.id == credential_id)
        .first()
    )
    # Compared again: collations of MySQL and MariaDB ignore case, but base64url does not.
    return row if row is not None and row.id == credential_id else None


def list_passkey_ids(user_id: UUID) -> list[str]:
    """The IDs of the user's passkeys, oldest first; second factors are not among them."""
    order = (WebauthnCredential.created_at, WebauthnCredential.id)
    rows = WebauthnCredential.select(WebauthnCredential.id).where(_passkeys_of(user_id)).order_by(*order)
    return [id_ for (id_,) in rows.tuples()]


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
    now: datetime,
) -> None:
    """Write a passkey; its ID and key in base64url.

    Raises:
        IntegrityError: there is a credential with this ID, or there is no such user.
    """
    WebauthnCredential.insert(
        id=credential_id,
        user=user_id,
        public_key=public_key,
        attestation_type=attestation_type,
        aaguid=aaguid,
        sign_count=min(sign_count, MAX_SIGN_COUNT),
        name=name,
        backup_eligible=backup_eligible,
        backup_state=backup_state,
        last_used_at=now,
        mfa_only=False,
        user_handle=None,
        created_at=now,
        updated_at=now,
    ).execute()
    rows = [
        {"id": str(uuid4()), "name": each, "webauthn_credential": credential_id}
        for each in sorted(set(transports))
    ]
    if rows:
        WebauthnCredentialTransport.insert_many(rows).execute()


def update_use(credential_id: str, *, sign_count: int, backup_state: bool, now: datetime) -> bool:
    """Note a log-in. False when the sign count has not grown, although it is in use: then it is a copy.

    The database compares, so that of two log-ins with the same count one gets True.
    """
    stored = WebauthnCredential.sign_count
    has_grown = stored < sign_count if sign_count else stored == 0
    update = WebauthnCredential.update(
        sign_count=min(sign_count, MAX_SIGN_COUNT),
        backup_state=backup_state,
        last_used_at=now,
        updated_at=now,
    )
    return update.where((WebauthnCredential.id == credential_id) & has_grown).execute() == 1


def update_name(credential_id: str, *, name: str, now: datetime) -> None:
    """Set the name."""
    update = WebauthnCredential.update(name=name, updated_at=now)
    update.where(WebauthnCredential.id == credential_id).execute()


def delete(credential_id: str) -> bool:
    """Delete a credential with its transports; False when there is none."""
    return WebauthnCredential.delete().where(WebauthnCredential.id == credential_id).execute() == 1


def _passkeys_of(user_id: UUID):  # type: ignore[no-untyped-def]  # an expression of peewee, which is not typed
    return (WebauthnCredential.user == user_id) & (WebauthnCredential.mfa_only == False)  # noqa: E712
