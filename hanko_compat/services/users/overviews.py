"""What an operator may know of one user: everything but secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hanko_compat.clock import Clock
from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.profiles.profiles import json_object
from hanko_compat.storage import identifiers, passwords, profiles
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.identifiers import IdentifierRecord
from hanko_compat.storage.models import Identity, User
from hanko_compat.storage.sessions import sessions
from hanko_compat.storage.users import records as rows
from hanko_compat.storage.users.records import UserRecord

METADATA = ("public", "private", "unsafe")


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account at another provider; ``domain`` is that of a SAML provider."""

    identity: Identity
    domain: str | None


@dataclass(frozen=True, slots=True)
class UserOverview:
    """One user: names and status, identifiers, ways to log in, live sessions, metadata by kind."""

    record: UserRecord
    names: User
    identifiers: Sequence[IdentifierRecord]
    accounts: Sequence[LinkedAccount]
    has_password: bool
    has_authenticator_app: bool
    passkeys: int
    security_keys: int  # that are second factors only
    sessions: int  # that have not expired
    metadata: Mapping[str, Any]


class UserOverviews:
    """Reads overviews."""

    def __init__(self, database: Database, *, now: Clock) -> None:
        self._database = database
        self._now = now

    def get(self, user_id: UUID) -> UserOverview:
        """Read one.

        Raises:
            UserNotFound: no user has this id.
        """
        with self._database.connection():
            record, single, hashed = rows.find(user_id), profiles.find_user(user_id), passwords.find(user_id)
            if record is None or single is None:
                raise UserNotFound
            credentials = [each for each, _ in profiles.list_credentials(user_id)]
            security_keys = sum(1 for each in credentials if each.mfa_only)
            stored = single.metadata
            metadata = {
                kind: json_object(getattr(stored, f"{kind}_metadata")) if stored else None
                for kind in METADATA
            }
            return UserOverview(
                record=record,
                names=single.user,
                identifiers=identifiers.list_of_users([user_id]),
                accounts=[LinkedAccount(*each) for each in profiles.list_identities(user_id)],
                has_password=hashed is not None and hashed.password is not None,
                has_authenticator_app=single.otp is not None,
                passkeys=len(credentials) - security_keys,
                security_keys=security_keys,
                sessions=len(sessions.list_live_ids(user_id=user_id, at=self._now())),
                metadata=metadata,
            )
