"""The passkeys of users as servers manage them at the backend door: listed, deleted, identified by an ID."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.passkeys import CredentialNotFound
from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.paging import Page, Query, Totals
from hanko_compat.services.passkeys.credentials import Passkeys
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.passkeys import credential_details as rows
from hanko_compat.storage.passkeys.credential_details import CredentialDetails, CredentialStatus
from hanko_compat.storage.users import users
from hanko_compat.webauthn.aaguids import name_of

TRANSPORTS = ("usb", "nfc", "ble", "internal", "hybrid", "smart-card")
"""Those that servers know of; browsers may name others."""


class Source(NamedTuple):
    """On what a passkey was made: ``macOS 15.0.1``, ``Chrome 133.0.0``; "" where it is not known."""

    os: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class AuthenticatorKind:
    """What made a passkey; the name is "" where we don't know it, and the icons always are."""

    aaguid: UUID
    name: str
    icon_light: str = ""
    icon_dark: str = ""

    @classmethod
    def of(cls, aaguid: UUID) -> "AuthenticatorKind":
        """The kind with this AAGUID."""
        return cls(aaguid, name_of(aaguid) or "")


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """A passkey; ``credential_id`` is what WebAuthn calls it, in base64url."""

    id: UUID
    credential_id: str
    attestation_type: str
    transports: Sequence[str]
    backup_eligible: bool
    backup_state: bool
    kind: AuthenticatorKind
    source: Source
    last_used_at: datetime
    created_at: datetime
    status: CredentialStatus
    tags: Sequence[str]


class CredentialRecords:
    """Passkeys of both doors. An ID is made when it is first asked for, as Hanko's table has none."""

    def __init__(self, database: Database, *, passkeys: Passkeys, totals: Totals, now: Clock) -> None:
        self._database = database
        self._passkeys = passkeys
        self._totals = totals
        self._now = now

    def list(self, user_id: UUID, query: Query) -> Page[CredentialRecord]:
        """A page of the user's passkeys; keys that are a second factor only are none of them.

        Columns: user_id, created, status, backup_state, source_os, source_browser.

        Raises:
            UserNotFound: no user has this id.
        """
        with self._database.connection():
            if not users.exists(user_id):
                raise UserNotFound
            found = rows.list_page(user_id, query)
            matching = rows.matching(user_id, query)
            total = self._totals.of(("credentials", user_id), query, len(found), matching.count)
        missing = [row.credential_id for row in found if row.id is None]
        if missing:
            for credential_id in missing:
                self._create(credential_id)
            with self._database.connection():
                found = rows.list_some([row.credential_id for row in found])
        return Page([_record(row, row.id) for row in found if row.id is not None], total)

    def delete(self, user_id: UUID, credential_id: UUID, *, client: Client) -> None:
        """Delete a passkey, the last one too.

        Raises:
            UserNotFound: no user has this id.
            CredentialNotFound: no such passkey, or another user's.
        """
        with self._database.connection():
            found = rows.find_credential_id(credential_id, user_id=user_id)
            if found is None and not users.exists(user_id):
                raise UserNotFound
        if found is None:
            raise CredentialNotFound
        self._passkeys.delete(user_id, found, client=client)

    def identify(self, credential_id: str) -> CredentialDetails:
        """The details of a passkey, by its ID in base64url. Runs outside of any transaction.

        Raises:
            CredentialNotFound: it is gone.
        """
        details = self._find(credential_id)
        if details is None:
            self._create(credential_id)
            details = self._find(credential_id)
        if details is None:
            raise CredentialNotFound
        return details

    def _find(self, credential_id: str) -> CredentialDetails | None:
        with self._database.connection():
            return rows.find(credential_id)

    def _create(self, credential_id: str) -> None:
        """Make an ID, unless somebody else does it at the same moment, or the passkey is gone."""
        detail_id = uuid4()
        try:
            self._database.transaction(
                lambda: rows.create(detail_id, credential_id=credential_id, now=self._now())
            )
        except IntegrityError:
            return


def _record(row: rows.CredentialRow, detail_id: UUID) -> CredentialRecord:
    return CredentialRecord(
        id=detail_id,
        credential_id=row.credential_id,
        attestation_type=row.attestation_type,
        transports=[each for each in row.transports if each in TRANSPORTS],
        backup_eligible=row.backup_eligible,
        backup_state=row.backup_state,
        kind=AuthenticatorKind.of(row.aaguid),
        source=Source(row.source_os or "", row.source_browser or ""),
        last_used_at=row.last_used_at or row.created_at,
        created_at=row.created_at,
        status=CredentialStatus.ACTIVE,
        tags=json.loads(row.tags or "[]"),
    )
