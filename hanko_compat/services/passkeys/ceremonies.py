"""Challenges of WebAuthn ceremonies: handed out, and taken once (WebAuthn s. 13.4.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from hanko_compat.base64url import encode
from hanko_compat.clock import Clock
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.passkeys import webauthn_session_data as rows
from hanko_compat.webauthn.options import new_challenge


class Operation(StrEnum):
    """What a challenge is good for, named as in its table."""

    REGISTRATION = "registration"
    AUTHENTICATION = "authentication"


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for the ceremonies of one kind."""

    timeout: int  # milliseconds, as in browsers' options
    user_verification: str  # required, preferred or discouraged


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What a challenge is bound to; ``user_id`` None for a log-in of anybody.

    Of ``credential_ids`` (base64url) one has to answer, unless there are none.
    """

    operation: Operation
    challenge: bytes
    user_id: UUID | None
    credential_ids: tuple[str, ...]
    user_verification: str
    expires_at: datetime

    @property
    def requires_user_verification(self) -> bool:
        """Whether the authenticator has to verify its user."""
        return self.user_verification == "required"


class Ceremonies:
    """Binds each challenge to its operation, its user and its time."""

    def __init__(self, database: Database, *, terms: Mapping[Operation, Terms], now: Clock) -> None:
        self._database = database
        self._terms = terms
        self._now = now

    def terms(self, operation: Operation) -> Terms:
        """What holds for ceremonies of this kind."""
        return self._terms[operation]

    def begin(
        self, operation: Operation, *, user_id: UUID | None, credential_ids: Sequence[str] = ()
    ) -> bytes:
        """Store a new challenge and return it. Runs inside the caller's transaction."""
        challenge, terms = new_challenge(), self._terms[operation]
        ceremony = Ceremony(
            operation=operation,
            challenge=challenge,
            user_id=user_id,
            credential_ids=tuple(credential_ids),
            user_verification=terms.user_verification,
            expires_at=self._now() + timedelta(milliseconds=terms.timeout),
        )
        self._store(ceremony)
        return challenge

    def take(self, operation: Operation, challenge: bytes) -> Ceremony | None:
        """Use a challenge up, whatever then comes of it; None when there is none, or it was taken."""
        run = self._database.write if rows.takes_at_once(self._database) else self._database.transaction
        taken = run(lambda: rows.consume(encode(challenge), operation=operation))
        if taken is None:
            return None
        terms = self._terms[operation]
        # Rows of old versions do not say when they expire.
        end = taken.expires_at or taken.created_at + timedelta(milliseconds=terms.timeout)
        return Ceremony(
            operation=operation,
            challenge=challenge,
            user_id=None if taken.user_id == rows.ANY_USER else taken.user_id,
            credential_ids=taken.credential_ids,
            user_verification=taken.user_verification,
            expires_at=end,
        )

    def give_back(self, ceremony: Ceremony) -> None:
        """Let a challenge that was taken be answered once more, within its time."""
        self._database.transaction(lambda: self._store(ceremony))

    def is_over(self, ceremony: Ceremony) -> bool:
        """Whether its time is up."""
        return self._now() >= ceremony.expires_at

    def _store(self, ceremony: Ceremony) -> None:
        rows.create(
            encode(ceremony.challenge),
            operation=ceremony.operation,
            user_id=ceremony.user_id,
            user_verification=ceremony.user_verification,
            credential_ids=ceremony.credential_ids,
            expires_at=ceremony.expires_at,
            now=self._now(),
        )
