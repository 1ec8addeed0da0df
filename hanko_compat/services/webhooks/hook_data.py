"""What Hanko's webhooks tell of a user: the whole user, as the Admin API shows it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from hanko_compat.rfc3339 import written
from hanko_compat.services.profiles.profiles import json_object
from hanko_compat.storage import profiles as rows
from hanko_compat.storage.models import Email, Identity, User, UserMetadata, Username, WebauthnCredential

NAMES = ("given_name", "family_name", "name", "picture")
PARTS_OF_METADATA = ("public_metadata", "private_metadata", "unsafe_metadata")


def user_data(user_id: UUID, *, with_emails: bool = True) -> dict[str, Any] | None:
    """The user as it is now, on the caller's connection; None when there is none.

    Members that are empty are absent. One query for each kind of row.
    """
    found = rows.find_user(user_id)
    if found is None:
        return None
    user, password = found.user, rows.find_password(user_id)
    emails = rows.list_emails(user_id) if with_emails else ()
    data = {
        **_of_row(user),
        "emails": [_of_email(email, is_primary=is_primary) for email, is_primary in emails],
        "username": None if found.username is None else _of_username(found.username),
        "webauthn_credentials": [
            _of_credential(credential, sorted(each.name for each in transports))
            for credential, transports in rows.list_credentials(user_id)
        ],
        "password": None if password is None else _of_row(password),
        "identities": [_of_identity(row) for row, _ in rows.list_identities(user_id) if row.email_id],
        "otp": None if found.otp is None else _without(_of_row(found.otp), "updated_at"),
        "metadata": _of_metadata(found.metadata),
        **_of_names(user),
    }
    return {name: value for name, value in data.items() if value}


def _of_row(row: Any) -> dict[str, Any]:
    """What every row has."""
    return {
        "id": str(row.id),
        "created_at": written(row.created_at),
        "updated_at": written(row.updated_at),
    }


def _of_email(email: Email, *, is_primary: bool) -> dict[str, Any]:
    return {
        **_of_row(email),
        "address": email.address,
        "is_verified": email.verified,
        "is_primary": is_primary,
    }


def _of_username(username: Username) -> dict[str, Any]:
    return {**_of_row(username), "username": username.username}


def _of_credential(credential: WebauthnCredential, transports: Iterable[str]) -> dict[str, Any]:
    shown = {
        "id": credential.id,
        "name": credential.name,
        "public_key": credential.public_key,
        "attestation_type": credential.attestation_type,
        "aaguid": str(credential.aaguid),
        "last_used_at": None if credential.last_used_at is None else written(credential.last_used_at),
        "created_at": written(credential.created_at),
        "transports": list(transports),
        "backup_eligible": credential.backup_eligible,
        "backup_state": credential.backup_state,
        "mfa_only": credential.mfa_only,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _of_identity(identity: Identity) -> dict[str, Any]:
    return {
        **_of_row(identity),
        "provider_id": identity.provider_user_id,
        "provider_name": identity.provider_id,
        "email_id": str(identity.email_id),
    }


def _of_metadata(row: UserMetadata | None) -> dict[str, Any]:
    """The parts that are not empty: here, unlike at the public door, all three."""
    parts = {} if row is None else {name: json_object(getattr(row, name)) for name in PARTS_OF_METADATA}
    return {name: part for name, part in parts.items() if part}


def _of_names(user: User) -> Mapping[str, str]:
    return {name: getattr(user, name) for name in NAMES}


def _without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}
