"""Sessions: a signed token in the caller's hands, and a row in our table. It takes both."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.errors.users import UserBlocked, UserNotFound
from hanko_compat.jose import session_token
from hanko_compat.jose.claim_templates import ClaimTemplates
from hanko_compat.jose.session_token import SessionClaims, TokenEmail, TokenSubject
from hanko_compat.services.keys.keys import Keys
from hanko_compat.storage.engine.database import Database, DatabaseError
from hanko_compat.storage.sessions import sessions as rows
from hanko_compat.storage.sessions import token_subjects
from hanko_compat.storage.users.records import BLOCKED

logger = logging.getLogger(__name__)

# `last_used` is written when it has grown older than this share of the idle timeout ...
IDLE_SHARE = 20
# ... or than this where nothing depends on it.
LAST_USED_STEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """The values of ``session.*`` that decide; ``audience`` is already filled in with the relying party."""

    lifespan: timedelta
    audience: tuple[str, ...]
    idle_timeout: timedelta | None = None
    limit: int = 5
    issuer: str | None = None
    acquire_ip_address: bool = True
    acquire_user_agent: bool = True
    claim_templates: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that is about to be stored."""

    session_id: UUID
    user_id: UUID
    created_at: datetime
    expires_at: datetime
    ip_address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class IssuedSession:
    """A stored session with the token that stands for it."""

    token: str
    session_id: UUID
    user_id: UUID
    expires_at: datetime
    lifespan: timedelta


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What a valid token says, and until when it may lie idle (None without ``session.idle_timeout``)."""

    user_id: UUID
    session_id: UUID
    issued_at: datetime
    expires_at: datetime
    idle_expires_at: datetime | None
    audience: tuple[str, ...]
    issuer: str | None
    email: dict[str, Any] | None
    username: str | None
    extra_claims: dict[str, Any]


class Sessions:
    """Log-ins: issued, checked, revoked."""

    def __init__(self, database: Database, keys: Keys, *, settings: SessionSettings, now: Clock) -> None:
        """Read the claim templates once; a broken one costs its claim and a warning in the log."""
        self._database = database
        self._keys = keys
        self._settings = settings
        self._claim_templates = ClaimTemplates(settings.claim_templates)
        self._now = now

    def issue(self, user_id: UUID, *, client: Client) -> IssuedSession:
        """Log the user in: store a session, then sign its token.

        Raises:
            UserNotFound: deleted in the meantime.
            UserBlocked: pending or disabled.
        """
        new = self.start(user_id, client=client)

        def store_and_read() -> TokenSubject:
            subject = self.lock(user_id)
            self.store(new)
            return subject

        return self.sign(new, self._database.transaction(store_and_read))

    def start(self, user_id: UUID, *, client: Client) -> NewSession:
        """Plan a session with an id of its own; nothing is read or written."""
        now, settings = self._now(), self._settings
        return NewSession(
            session_id=uuid4(),
            user_id=user_id,
            created_at=now,
            expires_at=now + settings.lifespan,
            ip_address=client.ip_address if settings.acquire_ip_address else None,
            user_agent=client.user_agent if settings.acquire_user_agent else None,
        )

    def store(self, new: NewSession) -> None:
        """Write the session, and end the user's oldest live ones beyond ``session.limit`` (0: no limit).

        Runs inside the caller's transaction, which has locked the user's row (`users.lock`): other log-ins of
        this user wait until it ends, so that each counts all sessions.
        """
        if self._settings.limit > 0:
            live = rows.list_live_ids(user_id=new.user_id, at=new.created_at)
            rows.delete(live[self._settings.limit - 1 :])
        self.store_first(new)

    def store_first(self, new: NewSession) -> None:
        """Write the session of a user who is made in the same transaction, and so has no other."""
        rows.create(
            session_id=new.session_id,
            user_id=new.user_id,
            created_at=new.created_at,
            expires_at=new.expires_at,
            ip_address=new.ip_address,
            user_agent=new.user_agent,
        )

    def subject(self, user_id: UUID) -> TokenSubject:
        """What a token tells of the user; every log-in asks, in the transaction that stores its session.

        Raises:
            UserNotFound: no such user.
            UserBlocked: pending or disabled.
        """
        return _subject(token_subjects.find(user_id))

    def lock(self, user_id: UUID) -> TokenSubject:
        """The same, and `users.lock`.

        Raises:
            UserNotFound: no such user.
            UserBlocked: pending or disabled.
        """
        return _subject(token_subjects.lock(user_id))

    def sign(self, new: NewSession, subject: TokenSubject) -> IssuedSession:
        """Sign the token of a session. To be called after the commit, as RSA takes milliseconds."""
        claims = session_token.build_claims(
            subject,
            session_id=new.session_id,
            issued_at=new.created_at,
            expires_at=new.expires_at,
            audience=self._settings.audience,
            issuer=self._settings.issuer,
        )
        token = session_token.sign(self._claim_templates.render(subject) | claims, key=self._keys.current())
        return IssuedSession(token, new.session_id, new.user_id, new.expires_at, self._settings.lifespan)

    def authenticate(self, token: str) -> SessionInfo:
        """Whose session *token* is; counts as a use of the session.

        Costs one signature check with a key in memory and one query; ``last_used`` is written now and then.

        Raises:
            SessionInvalid: forged, expired, idle for too long or revoked.
        """
        claims, last_used = self._checked(token)
        if self._now() - last_used >= self._last_used_step():
            last_used = self._touched(claims.session_id, last_used)
        return self._info(claims, last_used)

    def inspect(self, token: str) -> SessionInfo:
        """Whose session *token* is, without counting as a use of it (``GET /sessions/validate``).

        Raises:
            SessionInvalid: forged, expired, idle for too long or revoked.
        """
        return self._info(*self._checked(token))

    def revoke(self, session_id: UUID) -> None:
        """End a session; its token is refused from now on, by every process."""
        self._database.transaction(lambda: rows.delete([session_id]))

    def revoke_all(self, user_id: UUID, *, but: UUID | None = None) -> None:
        """End all sessions of a user, or all but the one that asks for it."""
        self._database.transaction(lambda: rows.delete_of_user(user_id, but=but))

    def _checked(self, token: str) -> tuple[SessionClaims, datetime]:
        """What the token claims and when its session was used last; some tools leave that column NULL."""
        claims = session_token.verify(token, find_key=self._keys.find, now=self._now())
        with self._database.connection():
            use = rows.find_use(claims.session_id)
        # Whoever is disabled has lost its sessions. But Hanko, which may run beside, starts others.
        if use is None or use.user_id != claims.user_id or use.user_status in BLOCKED:
            raise SessionInvalid
        last_used = use.last_used or use.created_at
        idle_timeout = self._settings.idle_timeout
        if idle_timeout is not None and self._now() - last_used > idle_timeout:
            raise SessionInvalid
        return claims, last_used

    def _last_used_step(self) -> timedelta:
        idle_timeout = self._settings.idle_timeout
        return LAST_USED_STEP if idle_timeout is None else idle_timeout / IDLE_SHARE

    def _touched(self, session_id: UUID, last_used: datetime) -> datetime:
        """Write that the session is used now. A session stays good when that fails."""
        now = self._now()
        try:
            with self._database.connection():
                rows.update_last_used(session_id, at=now)
        except (DatabaseError, DatabaseUnavailable):
            logger.warning("session_use_not_written", extra={"session_id": session_id}, exc_info=True)
            return last_used
        return now

    def _info(self, claims: SessionClaims, last_used: datetime) -> SessionInfo:
        idle_timeout = self._settings.idle_timeout
        return SessionInfo(
            user_id=claims.user_id,
            session_id=claims.session_id,
            issued_at=claims.issued_at,
            expires_at=claims.expires_at,
            idle_expires_at=min(last_used + idle_timeout, claims.expires_at) if idle_timeout else None,
            audience=claims.audience,
            issuer=claims.issuer,
            email=claims.email,
            username=claims.username,
            extra_claims=claims.extra_claims,
        )


def _subject(row: token_subjects.TokenSubjectRow | None) -> TokenSubject:
    if row is None:
        raise UserNotFound
    if row.status in BLOCKED:
        raise UserBlocked
    is_verified = bool(row.is_verified)
    return TokenSubject(
        user_id=row.user_id,
        email=TokenEmail(row.address, is_primary=True, is_verified=is_verified) if row.address else None,
        username=row.username,
        public_metadata=_metadata(row.public_metadata),
        unsafe_metadata=_metadata(row.unsafe_metadata),
    )


def _metadata(text: str | None) -> Mapping[str, Any]:
    """The object in a metadata column; nothing where somebody wrote something else."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        logger.warning("user_metadata_unreadable")
        return {}
    return value if isinstance(value, dict) else {}
