"""The signed tokens in which hooks get their events (RFC 7519).

They are no sessions: ``sub`` is no user, and there is no ``session_id``.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from hanko_compat.clock import Clock
from hanko_compat.jose import compact_jws
from hanko_compat.services.keys.keys import Keys

SUBJECT = "hanko webhooks"
LIFETIME = timedelta(seconds=300)


class HookTokens:
    """Signs events with the key that signs sessions."""

    def __init__(self, keys: Keys, *, audience: Sequence[str], now: Clock) -> None:
        """*audience* is that of sessions."""
        self._keys = keys
        self._audience = list(audience)
        self._now = now

    def sign(self, event: str, data: Mapping[str, Any]) -> str:
        """Make the token of an event, good for `LIFETIME` from now. RSA with 4096 bits takes milliseconds.

        Raises:
            SigningKeyMissing: there is no key.
            DatabaseUnavailable: the database does not answer.
        """
        issued_at = int(self._now().timestamp())
        claims = {
            "sub": SUBJECT,
            "aud": self._audience,
            "iat": issued_at,
            "exp": issued_at + int(LIFETIME.total_seconds()),
            "evt": event,
            "data": data,
        }
        return compact_jws.sign(claims, key=self._keys.current())
