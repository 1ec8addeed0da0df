"""One-time tokens: what a browser gets from a log-in at another provider, to exchange it for a session."""

from datetime import timedelta
from uuid import UUID

from hanko_compat import random_secrets
from hanko_compat.base64url import encode_padded
from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.errors.tokens import TokenExpired, TokenNotFound
from hanko_compat.errors.users import UserBlocked, UserNotFound
from hanko_compat.jose.session_token import TokenSubject
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.login.finish import REASONS, IssuedLogin, Login, Outcome, Proof
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.storage import tokens as rows
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Token

TTL = timedelta(seconds=60)
"""How long a token may wait. As Hanko 2.7.0: no key of the configuration changes it."""


OCTETS = 32
LONGEST = 255  # characters of the column


class Tokens:
    """Exchanges one-time tokens, whichever server made them."""

    def __init__(
        self, database: Database, *, login: Login, events: Events, rate_limits: RateLimits, now: Clock
    ) -> None:
        self._database = database
        self._login = login
        self._events = events
        self._rate_limits = rate_limits
        self._now = now

    def admit(self, client: Client) -> None:
        """Count a request, whatever it will turn out to be.

        Raises:
            RateLimited: this client sent too many (``rate_limiter.token_limits``).
        """
        self._rate_limits.token(client)

    def exchange(self, value: str, *, client: Client) -> IssuedLogin:
        """Trade a token for a session. It works once: of several callers one succeeds.

        Raises:
            TokenNotFound: no such token, one of Hanko's flows, or exchanged already.
            TokenExpired: a minute is over.
            SecondFactorRequired: the user has a second factor, and a provider is one only.
            UserBlocked: the user is pending or disabled.
        """
        token = self._find(value)
        if token is None:
            raise TokenNotFound
        if token.expires_at <= self._now():
            raise TokenExpired
        user_id = token.user_id
        proof = Proof(
            user_id=user_id,
            is_enough=False,
            use_up=lambda: _use_up(token.id),
            settle=lambda subject: _outcome(subject, client),
        )
        try:
            return self._login.finish(proof, client=client)
        except UserNotFound as error:
            raise TokenNotFound from error
        except (SecondFactorRequired, UserBlocked) as error:
            self._report(client, REASONS[type(error)], user_id=user_id)
            raise

    def report_failure(self, client: Client, *, status: int, message: str) -> None:
        """Tell of a request that brought no session, as its caller is told."""
        # As Hanko 2.7.0: the words of its HTTP framework.
        self._report(client, f"code={status}, message={message}")

    def _find(self, value: str) -> Token | None:
        # Nothing else was ever made, and some databases refuse to look for it.
        if len(value) > LONGEST or not (value.isascii() and value.isprintable()):
            return None
        with self._database.connection():
            return rows.find(value)

    def _report(self, client: Client, error: str, *, user_id: UUID | None = None) -> None:
        type_ = EventType.TOKEN_EXCHANGE_FAILED
        self._events.report(Event(type=type_, client=client, user_id=user_id, error=error), self._database)


def new_value() -> str:
    """Make up the value of a token: 44 characters."""
    return encode_padded(random_secrets.octets(OCTETS))


def _use_up(token_id: UUID) -> None:
    if not rows.consume(token_id):
        raise TokenNotFound


def _outcome(subject: TokenSubject, client: Client) -> Outcome:
    type_ = EventType.TOKEN_EXCHANGE_SUCCEEDED
    return Outcome(subject, (Event(type=type_, client=client, user_id=subject.user_id),))
