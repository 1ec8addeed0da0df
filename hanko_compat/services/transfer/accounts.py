"""A user as an entry of an import file describes it, checked."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class Times(NamedTuple):
    """When something was made and last changed; None where the file does not say."""

    created_at: datetime | None
    updated_at: datetime | None


class Address(NamedTuple):
    """An address in the form in which it is stored.

    ``value`` is how a server wrote it, where that differs. ``is_claimed``: a server gave the unverified
    address to its user, who has proved it at ``proved_at``.
    """

    id: UUID | None
    address: str
    value: str | None
    is_primary: bool
    is_verified: bool
    is_claimed: bool
    proved_at: datetime | None
    times: Times


class Secret(NamedTuple):
    """The hash of a password, or the secret of an app that makes codes."""

    text: str
    times: Times


class OwnIdentifier(NamedTuple):
    """A username or a telephone number as the backend door knows it; ``type`` is ``phone`` or ``username``.

    Without a ``status`` no server has made or changed it.
    """

    id: UUID | None
    type: str
    value: str
    folded: str
    status: str | None
    times: Times


class Metadata(NamedTuple):
    """Three objects, as JSON."""

    public: str | None
    private: str | None
    unsafe: str | None


class PasskeyDetails(NamedTuple):
    """What the backend door knows of a passkey; ``tags`` is JSON."""

    id: UUID | None
    tags: str
    username: str
    source_os: str
    source_browser: str
    created_at: datetime | None


class Passkey(NamedTuple):
    """A passkey or security key. ID and public key are base64url without padding."""

    id: str
    public_key: str
    attestation_type: str
    name: str | None
    aaguid: UUID
    sign_count: int
    transports: tuple[str, ...]
    backup_eligible: bool
    backup_state: bool
    mfa_only: bool
    last_used_at: datetime | None
    user_handle: str | None
    details: PasskeyDetails | None
    times: Times


class ProviderAccount(NamedTuple):
    """An account at a provider; ``email`` is an address of the user, and ``data`` is JSON.

    ``shown`` is what a server gave of it: identifier, picture, full name.
    """

    id: UUID | None
    provider_id: str
    provider_user_id: str
    email: str | None
    data: str | None
    saml_domains: tuple[str, ...]
    shown: tuple[str, str, str] | None
    times: Times


class Account(NamedTuple):
    """A user; what is None or empty the file does not have."""

    user_id: UUID | None
    times: Times
    profile: dict[str, str | None]  # name, given_name, family_name, picture, those that are there
    emails: tuple[Address, ...]
    username: OwnIdentifier | None
    identifiers: tuple[OwnIdentifier, ...]  # further ones
    password: Secret | None
    otp_secret: Secret | None
    passkeys: tuple[Passkey, ...]
    identities: tuple[ProviderAccount, ...]
    metadata: Metadata | None
    status: str | None
    webauthn_id: str | None


class Problem(NamedTuple):
    """What is wrong with an entry. Entries are counted from 1; ``field`` is "" for the entry as a whole."""

    entry: int
    field: str
    reason: str
