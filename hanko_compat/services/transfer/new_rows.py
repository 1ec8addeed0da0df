"""The rows of users who are imported, written as sign-up and the backend door would write them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hanko_compat import random_secrets
from hanko_compat.services.identifiers import IdentifierStatus, IdentifierType
from hanko_compat.services.transfer.accounts import (
    Account,
    Address,
    Metadata,
    OwnIdentifier,
    Passkey,
    ProviderAccount,
    Secret,
    Times,
)
from hanko_compat.storage.models.user_states import UserStatus
from hanko_compat.storage.transfer import rows as kinds
from hanko_compat.storage.transfer.bulk import Rows
from hanko_compat.storage.transfer.rows import Id

VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
"""The digit of a UUID that has two bits less than others (RFC 9562 s. 4.1), by a random one."""


class NewRows:
    """Rows to be written in one go; what the file does not date is dated *now*."""

    def __init__(self, now: datetime) -> None:
        self.rows: Rows = {}
        self._now = now
        time = f"{int(now.timestamp() * 1000) % 2**48:012x}"
        self._id_start = f"{time[:8]}-{time[8:]}-4"

    def add_account(self, account: Account, *, email_ids: Mapping[str, Id]) -> UUID:
        """Add the rows of a new user; return its ID. The rows *email_ids* of addresses exist already."""
        user_id = account.user_id or UUID(self._new_id())
        created_at, updated_at = self._times(account.times)
        profile = account.profile
        self._add(
            kinds.UserRow(
                user_id,
                created_at,
                updated_at,
                profile.get("name"),
                profile.get("family_name"),
                profile.get("given_name"),
                profile.get("picture"),
            )
        )
        # No row means active, as for those who sign up.
        if account.status not in (None, UserStatus.ACTIVE) or account.webauthn_id is not None:
            self.add_state(user_id, account.status, account.webauthn_id, created_at)
        known: dict[str, Id] = dict(email_ids)
        for number, email in enumerate(account.emails):
            if email.address not in known:
                known[email.address] = self.add_email(user_id, email, number=number)
            if email.is_primary:
                self.add_primary(user_id, known[email.address], email.times)
        self.add_belongings(account, user_id, known)
        return user_id

    def take_users(self) -> Rows:
        """The rows of users alone, to be written before the others."""
        users = self.rows.pop(kinds.UserRow, [])
        return {kinds.UserRow: users}

    def add_belongings(self, account: Account, user_id: UUID, email_ids: Mapping[str, Id]) -> None:
        """Add what a user has besides addresses, whose rows are *email_ids*."""
        if account.username is not None:
            self.add_username(user_id, account.username)
        for identifier in account.identifiers:
            self.add_identifier(user_id, identifier)
        if account.password is not None:
            self.add_password(user_id, account.password)
        if account.otp_secret is not None:
            self.add_otp_secret(user_id, account.otp_secret)
        if account.metadata is not None:
            self.add_metadata(user_id, account.metadata, account.times)
        handles: dict[str, Id] = {}
        for passkey in account.passkeys:
            self.add_passkey(user_id, passkey, handles)
        for identity in account.identities:
            self.add_identity(user_id, identity, email_ids.get(identity.email or ""))

    def add_state(
        self, user_id: UUID, status: str | None, webauthn_id: str | None, created_at: datetime
    ) -> None:
        """Add a status, and a user handle that a server chose."""
        self._add(kinds.UserStateRow(user_id, status or UserStatus.ACTIVE, webauthn_id, created_at))

    def add_email(self, user_id: UUID, email: Address, *, number: int = 0) -> Id:
        """Add an address; return the ID of its row. It comes behind those of a lower *number*."""
        email_id = email.id or self._new_id()
        times = self._times(email.times, self._now + number * timedelta.resolution)
        self._add(kinds.EmailRow(email_id, user_id, email.address, email.is_verified, *times))
        self.add_to_email(email_id, email)
        return email_id

    def add_to_email(self, email_id: Id, email: Address) -> None:
        """Add what the backend door keeps of an address."""
        if email.value is not None:
            self._add(kinds.EmailValueRow(email_id, email.value))
        if email.is_claimed:
            self._add(kinds.EmailClaimRow(email_id, email.proved_at))

    def add_primary(self, user_id: UUID, email_id: Id, times: Times) -> None:
        """Add that an address is the primary one."""
        self._add(kinds.PrimaryEmailRow(self._new_id(), email_id, user_id, *self._times(times)))

    def add_username(self, user_id: UUID, username: OwnIdentifier) -> None:
        """Add the username that both doors know.

        Unlike Hanko 2.7.0: it is stored in the form in which a log-in looks for it. How it is written, the
        backend door shows.
        """
        username_id = username.id or self._new_id()
        times = self._times(username.times)
        self._add(kinds.UsernameRow(username_id, user_id, username.folded, *times))
        if username.value != username.folded or username.status is not None:
            self._add(self._identifier(user_id, username, username_id, username_id=username_id))

    def add_identifier(self, user_id: UUID, identifier: OwnIdentifier) -> None:
        """Add a telephone number, or a username that only the backend door knows."""
        self._add(self._identifier(user_id, identifier, identifier.id or self._new_id(), username_id=None))

    def add_password(self, user_id: UUID, password: Secret) -> None:
        """Add the hash of a password."""
        self._add(kinds.PasswordRow(self._new_id(), user_id, password.text, *self._times(password.times)))

    def add_otp_secret(self, user_id: UUID, secret: Secret) -> None:
        """Add the secret of an app that makes codes."""
        self._add(kinds.OtpSecretRow(self._new_id(), user_id, secret.text, *self._times(secret.times)))

    def add_metadata(self, user_id: UUID, metadata: Metadata, times: Times) -> None:
        """Add metadata."""
        self._add(kinds.MetadataRow(self._new_id(), user_id, *metadata, *self._times(times)))

    def add_passkey(self, user_id: UUID, passkey: Passkey, handles: dict[str, Id]) -> None:
        """Add a passkey; *handles* are the rows of the user's handles, which passkeys may share."""
        created_at, updated_at = self._times(passkey.times)
        handle = passkey.user_handle
        if handle is not None and handle not in handles:
            handles[handle] = self._new_id()
            self._add(kinds.UserHandleRow(handles[handle], user_id, handle, created_at, updated_at))
        self._add(
            kinds.CredentialRow(
                passkey.id,
                user_id,
                passkey.public_key,
                passkey.attestation_type,
                passkey.aaguid,
                passkey.sign_count,
                created_at,
                updated_at,
                passkey.name,
                passkey.backup_eligible,
                passkey.backup_state,
                passkey.last_used_at,
                passkey.mfa_only,
                None if handle is None else handles[handle],
            )
        )
        self.add_transports(passkey)
        details = passkey.details
        if details is not None:
            self._add(
                kinds.CredentialDetailRow(
                    details.id or self._new_id(),
                    passkey.id,
                    details.tags,
                    details.username,
                    details.source_os,
                    details.source_browser,
                    details.created_at or created_at,
                )
            )

    def add_transports(self, passkey: Passkey) -> None:
        """Add how the authenticator of a passkey is reached."""
        for name in passkey.transports:
            self._add(kinds.TransportRow(self._new_id(), name, passkey.id))

    def add_identity(self, user_id: UUID, identity: ProviderAccount, email_id: Id | None) -> None:
        """Add an account at a provider."""
        identity_id = identity.id or self._new_id()
        times = self._times(identity.times)
        self._add(
            kinds.IdentityRow(
                identity_id,
                identity.provider_user_id,
                identity.provider_id,
                identity.data,
                email_id,
                *times,
                user_id,
            )
        )
        self.add_beside_identity(identity_id, identity)

    def add_beside_identity(self, identity_id: Id, identity: ProviderAccount) -> None:
        """Add what is known of an account at a provider besides its row."""
        times = self._times(identity.times)
        for domain in identity.saml_domains:
            self._add(kinds.SamlIdentityRow(self._new_id(), identity_id, domain, *times))
        if identity.shown is not None:
            self._add(kinds.SocialAccountRow(identity_id, *identity.shown))

    def _identifier(
        self, user_id: UUID, identifier: OwnIdentifier, identifier_id: Id, *, username_id: Id | None
    ) -> kinds.IdentifierRow:
        is_username = identifier.type == IdentifierType.USERNAME
        # Hanko never verifies a username; the backend door shows its own as verified.
        status = IdentifierStatus.VERIFIED if is_username else IdentifierStatus.PENDING
        return kinds.IdentifierRow(
            identifier_id,
            user_id,
            username_id,
            identifier.type,
            identifier.value,
            identifier.folded,
            identifier.status or status,
            *self._times(identifier.times),
        )

    def _new_id(self) -> str:
        """The text of a UUID of version 4, as Hanko wants them: 48 bits are the time, and 74 are random.

        IDs of one time lie together in indexes, of which a million that are random fill more than a cache.
        """
        digits = random_secrets.octets(10).hex()
        return f"{self._id_start}{digits[:3]}-{VARIANT[digits[3]]}{digits[4:7]}-{digits[7:19]}"

    def _times(self, times: Times, otherwise: datetime | None = None) -> tuple[datetime, datetime]:
        """When something was made, and changed; *otherwise*, or now, where the file does not say."""
        created_at = times.created_at or times.updated_at or otherwise or self._now
        return created_at, times.updated_at or created_at

    def _add(self, row: Any) -> None:
        self.rows.setdefault(type(row), []).append(row)
