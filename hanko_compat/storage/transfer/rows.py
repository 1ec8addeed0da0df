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

Id = UUID | str
"""An ID, or its text in lower case with dashes, as columns have it."""


class UserRow(NamedTuple):
    """A row of ``users``."""

    id: Id
    created_at: datetime
    updated_at: datetime
    name: str | None
    family_name: str | None
    given_name: str | None
    picture: str | None


class UserStateRow(NamedTuple):
    """A row of ``hanko_compat_user_states``."""

    user_id: Id
    status: str
    webauthn_id: str | None
    created_at: datetime


class EmailRow(NamedTuple):
    """A row of ``emails``."""

    id: Id
    user_id: Id
    address: str
    verified: bool
    created_at: datetime
    updated_at: datetime


class PrimaryEmailRow(NamedTuple):
    """A row of ``primary_emails``."""

    id: Id
    email_id: Id
    user_id: Id
    created_at: datetime
    updated_at: datetime


class EmailValueRow(NamedTuple):
    """A row of ``hanko_compat_email_values``."""

    email_id: Id
    value: str


class EmailClaimRow(NamedTuple):
    """A row of ``hanko_compat_email_claims``."""

    email_id: Id
    proved_at: datetime | None


class UsernameRow(NamedTuple):
    """A row of ``usernames``."""

    id: Id
    user_id: Id
    username: str
    created_at: datetime
    updated_at: datetime


class IdentifierRow(NamedTuple):
    """A row of ``hanko_compat_identifiers``."""

    id: Id
    user_id: Id
    username_id: Id | None
    type: str
    value: str
    folded: str
    status: str
    created_at: datetime
    updated_at: datetime


class MetadataRow(NamedTuple):
    """A row of ``user_metadata``."""

    id: Id
    user_id: Id
    public_metadata: str | None
    private_metadata: str | None
    unsafe_metadata: str | None
    created_at: datetime
    updated_at: datetime


class PasswordRow(NamedTuple):
    """A row of ``password_credentials``."""

    id: Id
    user_id: Id
    password: str
    created_at: datetime
    updated_at: datetime


class OtpSecretRow(NamedTuple):
    """A row of ``otp_secrets``."""

    id: Id
    user_id: Id
    secret: str
    created_at: datetime
    updated_at: datetime


class UserHandleRow(NamedTuple):
    """A row of ``webauthn_credential_user_handles``."""

    id: Id
    user_id: Id
    handle: str
    created_at: datetime
    updated_at: datetime


class CredentialRow(NamedTuple):
    """A row of ``webauthn_credentials``."""

    id: str
    user_id: Id
    public_key: str
    attestation_type: str
    aaguid: Id
    sign_count: int
    created_at: datetime
    updated_at: datetime
    name: str | None
    backup_eligible: bool
    backup_state: bool
    last_used_at: datetime | None
    mfa_only: bool
    user_handle_id: Id | None


class TransportRow(NamedTuple):
    """A row of ``webauthn_credential_transports``."""

    id: str
    name: str
    webauthn_credential_id: str


class CredentialDetailRow(NamedTuple):
    """A row of ``hanko_compat_credential_details``."""

    id: Id
    credential_id: str
    tags: str
    username: str
    source_os: str
    source_browser: str
    created_at: datetime


class IdentityRow(NamedTuple):
    """A row of ``identities``."""

    id: Id
    provider_user_id: str
    provider_id: str
    data: str | None
    email_id: Id | None
    created_at: datetime
    updated_at: datetime
    user_id: Id


class SamlIdentityRow(NamedTuple):
    """A row of ``saml_identities``."""

    id: Id
    identity_id: Id
    domain: str
    created_at: datetime
    updated_at: datetime


class SocialAccountRow(NamedTuple):
    """A row of ``hanko_compat_social_accounts``."""

    identity_id: Id
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
