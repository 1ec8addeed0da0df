"""What a user may see of itself: names, addresses, passkeys, identities."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.profiles.providers import ProviderNames
from hanko_compat.storage import profiles as rows
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Email, Identity, User, UserMetadata, Username, WebauthnCredential
from hanko_compat.storage.profiles import Transport

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProfileIdentity:
    """An account at another provider: its id there and the id of our row."""

    id: str
    provider: str
    identity_id: UUID


@dataclass(frozen=True, slots=True)
class ProfileEmail:
    """One of the user's addresses, with the identities that brought it."""

    id: UUID
    address: str
    is_verified: bool
    is_primary: bool
    identities: tuple[ProfileIdentity, ...]

    @property
    def identity(self) -> ProfileIdentity | None:
        """The first of the identities; clients from before there were several read it."""
        return self.identities[0] if self.identities else None


@dataclass(frozen=True, slots=True)
class ProfileCredential:
    """A passkey or a security key, with how a client may reach it."""

    credential: WebauthnCredential
    stored_transports: tuple[Transport, ...]

    @property
    def transports(self) -> tuple[str, ...]:
        """The names of the transports."""
        return tuple(each.name for each in self.stored_transports)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The two parts of the metadata that a user may see."""

    public_metadata: dict[str, Any] | None
    unsafe_metadata: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class MFAConfig:
    """Which second factors there are, and whether this user has set an authenticator app up."""

    auth_app_set_up: bool
    totp_enabled: bool
    security_keys_enabled: bool


@dataclass(frozen=True, slots=True)
class ProfileRules:
    """What the configuration says of profiles: which kinds of credentials are shown as such."""

    passkeys_enabled: bool
    totp_enabled: bool
    security_keys_enabled: bool
    mfa_enabled: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that ``/me`` tells; lists are ordered oldest first."""

    user: User
    username: Username | None
    metadata: Metadata | None
    mfa_config: MFAConfig
    emails: tuple[ProfileEmail, ...]
    credentials: tuple[ProfileCredential, ...]
    identities: tuple[ProfileIdentity, ...]
    rules: ProfileRules

    @property
    def passkeys(self) -> tuple[ProfileCredential, ...]:
        """The credentials that log in by themselves; none where passkeys are off."""
        shown = self.rules.passkeys_enabled
        return tuple(one for one in self.credentials if shown and not one.credential.mfa_only)

    @property
    def security_keys(self) -> tuple[ProfileCredential, ...]:
        """The credentials that are second factors only; none where ``mfa.security_keys`` are off."""
        shown = self.rules.security_keys_enabled
        return tuple(one for one in self.credentials if shown and one.credential.mfa_only)

    @property
    def email(self) -> str | None:
        """The primary address."""
        return next((one.address for one in self.emails if one.is_primary), None)


class Profiles:
    """Reads profiles, with one query for each kind of rows."""

    def __init__(self, database: Database, *, providers: ProviderNames, rules: ProfileRules) -> None:
        self._database = database
        self._providers = providers
        self._rules = rules

    def get(self, user_id: UUID) -> Profile:
        """Read the profile of a user.

        Raises:
            UserNotFound: there is none with this id.
        """
        with self._database.connection():
            found = rows.find_user(user_id)
            if found is None:
                raise UserNotFound
            emails = rows.list_emails(user_id)
            credentials = rows.list_credentials(user_id)
            identities = rows.list_identities(user_id)
        shown, rules = [(row, self._identity(row, domain)) for row, domain in identities], self._rules
        return Profile(
            user=found.user,
            username=found.username,
            metadata=_metadata(found.metadata),
            mfa_config=MFAConfig(
                auth_app_set_up=found.otp is not None,
                totp_enabled=rules.mfa_enabled and rules.totp_enabled,
                security_keys_enabled=rules.mfa_enabled and rules.security_keys_enabled,
            ),
            emails=_emails(emails, shown),
            credentials=tuple(ProfileCredential(row, tuple(found)) for row, found in credentials),
            identities=tuple(identity for _, identity in shown),
            rules=rules,
        )

    def list_emails(self, user_id: UUID) -> tuple[ProfileEmail, ...]:
        """The addresses of a user, oldest first; none when there is no such user."""
        with self._database.connection():
            emails = rows.list_emails(user_id)
            identities = rows.list_identities(user_id)
        # As Hanko 2.7.0: here a SAML provider goes by its issuer, in the profile by its name.
        shown = [(row, self._identity(row, None)) for row, _ in identities]
        return _emails(emails, shown)

    def _identity(self, row: Identity, saml_domain: str | None) -> ProfileIdentity:
        provider = self._providers.find(row.provider_id, saml_domain=saml_domain)
        return ProfileIdentity(id=row.provider_user_id, provider=provider, identity_id=row.id)


def _emails(
    emails: Sequence[tuple[Email, bool]], identities: Sequence[tuple[Identity, ProfileIdentity]]
) -> tuple[ProfileEmail, ...]:
    return tuple(
        ProfileEmail(email.id, email.address, email.verified, is_primary, _of_email(email.id, identities))
        for email, is_primary in emails
    )


def _of_email(
    email_id: UUID, identities: Sequence[tuple[Identity, ProfileIdentity]]
) -> tuple[ProfileIdentity, ...]:
    return tuple(shown for row, shown in identities if row.email_id == email_id)


def _metadata(row: UserMetadata | None) -> Metadata | None:
    """The visible parts, each None where it is empty; None when both are."""
    if row is None:
        return None
    public, unsafe = json_object(row.public_metadata), json_object(row.unsafe_metadata)
    return Metadata(public, unsafe) if public or unsafe else None


def json_object(text: str | None) -> dict[str, Any] | None:
    """The object in a column; None for an empty one, and where somebody wrote something else."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        logger.warning("user_metadata_unreadable")
        return None
    return value if value and isinstance(value, dict) else None
