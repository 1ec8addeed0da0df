"""Live sessions: a signed token in the caller's hands, and a row in our table. It takes both."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hanko_compat.clock import Clock
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.jose import session_token
from hanko_compat.jose.session_token import SessionClaims
from hanko_compat.services.keys.keys import Keys
from hanko_compat.services.sessions.settings import SessionSettings
from hanko_compat.storage.engine.database import Database, DatabaseError
from hanko_compat.storage.sessions import sessions as rows
from hanko_compat.storage.users import users
from hanko_compat.storage.users.records import BLOCKED

logger = logging.getLogger(__name__)

# `last_used` is written when it has grown older than this share of the idle timeout ...
IDLE_SHARE = 20
# ... or than this where nothing depends on it.
LAST_USED_STEP = timedelta(minutes=5)


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


def lock_live(session: SessionInfo) -> None:
    """Lock the session's user (`users.lock`), and let pass while the session lives.

    Runs inside the caller's transaction, before anything is written on the word of the session: it may have
    been ended since the request came, for example because somebody has proved that the account is theirs.

    Raises:
        SessionInvalid: it has ended, or the user was deleted.
    """
    if not users.lock(session.user_id) or rows.find_use(session.session_id) is None:
        raise SessionInvalid


class Sessions:
    """Sessions: checked, used, revoked."""

    def __init__(self, database: Database, keys: Keys, *, settings: SessionSettings, now: Clock) -> None:
        self._database = database
        self._keys = keys
        self._settings = settings
        self._now = now

    def authenticate(self, token: str) -> SessionInfo:
        """Whose session *token* is; counts as a use of the session.

        Costs one signature check with a key in memory and one query; ``last_used`` is written now and then.

        Raises:
            SessionInvalid: forged, expired, idle for too long (then it is deleted) or revoked.
        """
        claims, last_used = self._checked(token)
        if self._now() - last_used >= self._last_used_step():
            last_used = self._touched(claims.session_id, last_used)
        return self._info(claims, last_used)

    def inspect(self, token: str) -> SessionInfo:
        """Whose session *token* is, without counting as a use of it (``GET /sessions/validate``).

        Raises:
            SessionInvalid: forged, expired, idle for too long (then it is deleted) or revoked.
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
            use = rows.find_use(claims.session_id, kid=claims.kid)
        if use is not None and use.revoked_keys:
            self._keys.refresh()
            raise SessionInvalid
        # Whoever is disabled has lost its sessions. But Hanko, which may run beside, starts others.
        if use is None or use.user_id != claims.user_id or use.user_status in BLOCKED:
            raise SessionInvalid
        last_used = use.last_used or use.created_at
        idle_timeout = self._settings.idle_timeout
        if idle_timeout is not None and self._now() - last_used > idle_timeout:
            raise self._ended(claims.session_id, last_used)
        return claims, last_used

    def _ended(self, session_id: UUID, last_used: datetime) -> SessionInvalid:
        """Delete a session that was idle for too long. It is refused, too, when that fails."""
        try:
            with self._database.connection():
                is_deleted = rows.delete_idle(session_id, since=last_used)
        except (DatabaseError, DatabaseUnavailable):
            logger.warning("idle_session_not_deleted", extra={"session_id": session_id}, exc_info=True)
            is_deleted = True
        return SessionInvalid(was_idle=is_deleted)  # of two requests at once one takes the cookie back

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
