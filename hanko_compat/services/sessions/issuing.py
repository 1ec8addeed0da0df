"""New sessions: planned, stored in the transaction of a log-in, and signed after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.jose import session_token
from hanko_compat.jose.claim_templates import ClaimTemplates
from hanko_compat.jose.session_token import TokenSubject
from hanko_compat.services.keys.keys import Keys
from hanko_compat.services.sessions.settings import SessionSettings
from hanko_compat.storage.sessions import sessions as rows


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


class SessionIssuer:
    """Makes sessions. `hanko_compat.services.login` puts its steps in order."""

    def __init__(self, keys: Keys, *, settings: SessionSettings, now: Clock) -> None:
        """Read the claim templates once; a broken one costs its claim and a warning in the log."""
        self._keys = keys
        self._settings = settings
        self._claim_templates = ClaimTemplates(settings.claim_templates)
        self._now = now

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
