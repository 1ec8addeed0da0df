"""The state of a log-in: it goes with a browser to the provider, and comes back (RFC 6749 s. 10.12).

It is encrypted as Hanko 2.7.0 and 3 do it, so that either side reads what the other has made. It holds for
one browser, by a cookie with the same nonce, for one provider and one redirect, for five minutes, and once.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from hanko_compat import random_secrets
from hanko_compat.base64url import encode
from hanko_compat.clock import Clock
from hanko_compat.errors.third_party import (
    ExpectedStateMalformed,
    ExpectedStateMissing,
    StateExpired,
    StateInvalid,
    StateMalformed,
    StateMissing,
    StateUsed,
)
from hanko_compat.jose.encryption import OVERHEAD, decrypt_with_any, encrypt
from hanko_compat.storage import spent_tokens
from hanko_compat.storage.engine.database import Database, IntegrityError

LIFETIME = timedelta(minutes=5)
NONCE_LENGTH = 32
VERIFIER_LENGTH = 64  # characters (RFC 7636 s. 4.1 wants 43 to 128)
LONGEST = 8192  # characters of a state; more than any browser or server passes on


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A log-in on its way. ``is_flow`` marks those that Hanko's flow API has begun."""

    provider: str
    redirect_to: str
    issued_at: datetime
    expires_at: datetime
    nonce: str = field(repr=False)
    is_flow: bool = False
    code_verifier: str | None = field(default=None, repr=False)

    @property
    def openid_nonce(self) -> str:
        """What an ID token has to repeat: it can't be told from the state, nor the nonce from it."""
        return encode(sha256(self.nonce.encode()).digest())


class States:
    """Makes states, and takes them back. Threads may share it."""

    def __init__(self, database: Database, *, secrets: Sequence[str], now: Clock) -> None:
        """Take the secrets of the configuration: the first encrypts, any may decrypt."""
        self._database = database
        self._secrets = secrets
        self._now = now

    def make(self, *, provider: str, redirect_to: str, with_pkce: bool) -> State:
        """The state of a log-in that begins now."""
        now = self._now()
        return State(
            provider=provider,
            redirect_to=redirect_to,
            issued_at=now,
            expires_at=now + LIFETIME,
            nonce=random_secrets.text(NONCE_LENGTH),
            code_verifier=random_secrets.text(VERIFIER_LENGTH) if with_pkce else None,
        )

    def seal(self, state: State) -> str:
        """*state* as a URL and a cookie hold it."""
        members: dict[str, Any] = {
            "provider": state.provider,
            "redirect_to": state.redirect_to,
            "issued_at": _written(state.issued_at),
            "expires_at": _written(state.expires_at),
            "nonce": state.nonce,
            "is_flow": state.is_flow,
        }
        if state.code_verifier is not None:
            members["code_verifier"] = state.code_verifier
        return encrypt(_filled(json.dumps(members).encode()), secret=self._secrets[0])

    def take_back(self, text: str, *, cookies: Iterable[str]) -> State:
        """The state that a provider has sent back to the browser that has *cookies*.

        A browser may send several, as another host of the same domain may set one of this name, too.

        Raises:
            StateMissing, StateMalformed: *text* is no state.
            ExpectedStateMissing, ExpectedStateMalformed: the cookie is missing, or no state.
            StateInvalid: it is the state of another browser, or of another log-in.
            StateExpired: the log-in has taken too long.
        """
        if not text:
            raise StateMissing
        state = self._open(text)
        if state is None:
            raise StateMalformed
        present = [cookie for cookie in cookies if cookie]
        if not present:
            raise ExpectedStateMissing
        # As a rule the browser has the very same text, which needs no second decryption.
        is_expected = text in present
        if not is_expected:
            expected = [opened for cookie in present if (opened := self._open(cookie))]
            if not expected:
                raise ExpectedStateMalformed
            is_expected = any(_is_same(state, other) for other in expected)
        if not is_expected or state.is_flow:
            raise StateInvalid
        if self._now() >= state.expires_at:
            raise StateExpired
        return state

    def use_up(self, state: State) -> None:
        """Use a state up. Of several callers one succeeds.

        Raises:
            StateUsed: it was used before.
        """
        name = sha256(state.nonce.encode()).hexdigest()
        try:
            self._database.write(lambda: spent_tokens.create(name, expires_at=state.expires_at))
        except IntegrityError as error:
            raise StateUsed from error

    def _open(self, text: str) -> State | None:
        plain = decrypt_with_any(text, secrets=self._secrets) if len(text) <= LONGEST else None
        if plain is None:
            return None
        with suppress(ValueError, TypeError, OverflowError, RecursionError):
            return _read(json.loads(plain))
        return None


def _filled(plain: bytes) -> bytes:
    """*plain* with blanks behind it, so that its base64 ends in no ``=``, which every URL would escape."""
    return plain + b" " * (-(len(plain) + OVERHEAD) % 3)


def _is_same(state: State, other: State) -> bool:
    return hmac.compare_digest(state.nonce.encode(), other.nonce.encode())


def _read(members: Any) -> State | None:
    """The state in a JSON value; None for another one. What else is in it is ignored, as Hanko does."""
    if not isinstance(members, Mapping):
        return None
    texts: dict[str, Any] = {name: members.get(name) for name in ("provider", "redirect_to", "nonce")}
    verifier = members.get("code_verifier") or None
    if not all(isinstance(text, str) for text in texts.values()) or not texts["nonce"]:
        return None
    if verifier is not None and not isinstance(verifier, str):
        return None
    return State(
        **texts,
        issued_at=_moment(members.get("issued_at")),
        expires_at=_moment(members.get("expires_at")),
        is_flow=members.get("is_flow") is True,
        code_verifier=verifier,
    )


def _moment(value: Any) -> datetime:
    """A time as RFC 3339 has it, or in seconds since 1970."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
