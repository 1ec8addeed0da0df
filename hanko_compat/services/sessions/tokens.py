"""Session tokens that Corbado's SDKs verify offline: beside the session's own, of which they want no ``aud``.

They are no sessions here: whether the session that they were made with has ended is not looked up, so they
are valid until they expire.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from hanko_compat.clock import Clock
from hanko_compat.errors.sessions import SessionTokenUnsigned
from hanko_compat.jose.session_token import sign
from hanko_compat.public_ids import encode
from hanko_compat.services.keys.keys import Keys
from hanko_compat.services.sessions.issuing import IssuedSession
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.users import records as user_records

logger = logging.getLogger(__name__)

ALGORITHM = "RS256"
EARLIER = timedelta(seconds=10)
"""How far ``nbf`` lies back, as SDKs allow no difference between two clocks."""
WRONG_KEY = (
    "signing key {kid} signs with {algorithm}, and Corbado's SDKs take RS256 only. Set"
    " hanko_compat.jwk.algorithm to RS256-4096 and run `hanko-compat keys rotate`, or set"
    " hanko_compat.backend_api.session_token: false."
)


@dataclass(frozen=True, slots=True)
class SessionTokenSettings:
    """The values of ``hanko_compat.backend_api.session_token*``; no lifespan for that of the session."""

    issuer: str
    lifespan: timedelta | None


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A token, and how long it is good."""

    token: str
    lifespan: timedelta


class SessionTokens:
    """Makes such a token for each log-in, where the configuration wants them."""

    def __init__(
        self, database: Database, keys: Keys, *, settings: SessionTokenSettings | None, now: Clock
    ) -> None:
        """*settings* None: none are made."""
        self._database = database
        self._keys = keys
        self._settings = settings
        self._now = now

    @property
    def are_issued(self) -> bool:
        """Whether log-ins get such a token."""
        return self._settings is not None

    def check_key(self) -> None:
        """Let pass a key with which tokens can be signed; without tokens, any.

        Raises:
            SessionTokenUnsigned: it is of another kind; the text names what to change.
        """
        if self._settings is None:
            return
        key = self._keys.current()
        if key.algorithm != ALGORITHM:
            raise SessionTokenUnsigned(WRONG_KEY.format(kid=key.kid, algorithm=key.algorithm))

    def issue(self, session: IssuedSession) -> SessionToken | None:
        """Make the token of a new session; None where there are none, or when the user is gone already."""
        settings = self._settings
        if settings is None:
            return None
        with self._database.connection():
            user = user_records.find(session.user_id)
            primary = emails.find_primary(session.user_id)
        key = self._keys.current()
        if key.algorithm != ALGORITHM:
            # Rotated since the start, by a host with another configuration. Log-ins go on without it.
            logger.error("session_token_unsigned", extra={"kid": key.kid, "algorithm": key.algorithm})
            return None
        if user is None:
            return None
        now = self._now()
        expires_at = min(session.expires_at, now + (settings.lifespan or session.lifespan))
        claims = {
            "iss": settings.issuer,
            "sub": encode("user_id", user.id),
            "iat": int(now.timestamp()),
            "nbf": int((now - EARLIER).timestamp()),
            "exp": int(expires_at.timestamp()),
            "name": user.name or "",  # one SDK reads it unchecked
        }
        # Nobody could tell that it is not verified: the claim stands for an address that the user has proved.
        if primary is not None and primary.verified:
            claims["email"] = primary.address
        return SessionToken(sign(claims, key=key), expires_at - now)
