"""Rows as an import writes them: one kind for each table, with the columns in order."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from peewee import Model

from hanko_compat.storage.models import (
    CredentialDetail,
    Email,
    EmailClaim,
    EmailValue,
    Identifier,
    Identity,
    OtpSecret,
    PasswordCredential,
    PrimaryEmail,
    SamlIdentity,
    SocialAccount,
    User,
    UserMetadata,
    Username,
    UserState,
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnCredentialUserHandle,
)


class UserRow(NamedTuple):
    """A row of ``users``."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    name: str | None
    family_name: str | None
    given_name: str | None
    picture: str | None


class UserStateRow(NamedTuple):
    """A row of ``hanko_compat_user_states``."""

    user_id: UUID
    status: str
    webauthn_id: str | None
    created_at: datetime


class EmailRow(NamedTuple):
    """A row of ``emails``."""

    id: UUID
    user_id: UUID
    address: str
    verified: bool
    created_at: datetime
    updated_at: datetime


class PrimaryEmailRow(NamedTuple):
    """A row of ``primary_emails``."""

    id: UUID
    email_id: UUID
    user_id: UUID
    created_at: datetime
    updated_at: datetime


class EmailValueRow(NamedTuple):
    """A row of ``hanko_compat_email_values``."""

    email_id: UUID
    value: str


class EmailClaimRow(NamedTuple):
    """A row of ``hanko_compat_email_claims``."""

    email_id: UUID
    proved_at: datetime | None


class UsernameRow(NamedTuple):
    """A row of ``usernames``."""

    id: UUID
    user_id: UUID
    username: str
    created_at: datetime
    updated_at: datetime


class IdentifierRow(NamedTuple):
    """A row of ``hanko_compat_identifiers``."""

    id: UUID
    user_id: UUID
    username_id: UUID | None
    type: str
    value: str
    folded: str
    status: str
    created_at: datetime
    updated_at: datetime


class MetadataRow(NamedTuple):
    """A row of ``user_metadata``."""

    id: UUID
    user_id: UUID
    public_metadata: str | None
    private_metadata: str | None
    unsafe_metadata: str | None
    created_at: datetime
    updated_at: datetime


class PasswordRow(NamedTuple):
    """A row of ``password_credentials``."""

    id: UUID
    user_id: UUID
    password: str
    created_at: datetime
    updated_at: datetime


class OtpSecretRow(NamedTuple):
    """A row of ``otp_secrets``."""

    id: UUID
    user_id: UUID
    secret: str
    created_at: datetime
    updated_at: datetime


class UserHandleRow(NamedTuple):
    """A row of ``webauthn_credential_user_handles``."""

    id: UUID
    user_id: UUID
    handle: str
    created_at: datetime
    updated_at: datetime


class CredentialRow(NamedTuple):
    """A row of ``webauthn_credentials``."""

    id: str
    user_id: UUID
    public_key: str
    attestation_type: str
    aaguid: UUID
    sign_count: int
    created_at: datetime
    updated_at: datetime
    name: str | None
    backup_eligible: bool
    backup_state: bool
    last_used_at: datetime | None
    mfa_only: bool
    user_handle_id: UUID | None


class TransportRow(NamedTuple):
    """A row of ``webauthn_credential_transports``."""

    id: str
    name: str
    webauthn_credential_id: str


class CredentialDetailRow(NamedTuple):
    """A row of ``hanko_compat_credential_details``."""

    id: UUID
    credential_id: str
    tags: str
    username: str
    source_os: str
    source_browser: str
    created_at: datetime


class IdentityRow(NamedTuple):
    """A row of ``identities``."""

    id: UUID
    provider_user_id: str
    provider_id: str
    data: str | None
    email_id: UUID | None
    created_at: datetime
    updated_at: datetime
    user_id: UUID


class SamlIdentityRow(NamedTuple):
    """A row of ``saml_identities``."""

    id: UUID
    identity_id: UUID
    domain: str
    created_at: datetime
    updated_at: datetime


class SocialAccountRow(NamedTuple):
    """A row of ``hanko_compat_social_accounts``."""

    identity_id: UUID
    identifier_value: str
    avatar_url: str
    full_name: str


TABLES: dict[type[Any], type[Model]] = {
    UserRow: User,
    UserStateRow: UserState,
    EmailRow: Email,
    PrimaryEmailRow: PrimaryEmail,
    EmailValueRow: EmailValue,
    EmailClaimRow: EmailClaim,
    UsernameRow: Username,
    IdentifierRow: Identifier,
    MetadataRow: UserMetadata,
    PasswordRow: PasswordCredential,
    OtpSecretRow: OtpSecret,
    UserHandleRow: WebauthnCredentialUserHandle,
    CredentialRow: WebauthnCredential,
    TransportRow: WebauthnCredentialTransport,
    CredentialDetailRow: CredentialDetail,
    IdentityRow: Identity,
    SamlIdentityRow: SamlIdentity,
    SocialAccountRow: SocialAccount,
}
"""The table of each kind of row; each comes before those that refer to it."""
