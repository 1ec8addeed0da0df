"""Texts that carry the time and a signature, for what this server hands out and gets back later."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from itsdangerous import BadSignature, TimestampSigner

from hanko_compat.clock import Clock


class TimedSignatures:
    """Signs and verifies, for one purpose at a time. Threads may share it."""

    def __init__(self, *, secrets: Sequence[str], now: Clock) -> None:
        """Take the secrets of the configuration: the first signs, any may verify."""
        self._secrets = tuple(reversed(secrets))
        self._now = now

    def sign(self, text: str, *, purpose: str) -> str:
        """*text*, a dot, the time, a dot, the signature. *text* can be read by everybody."""
        return self._signer(purpose).sign(text).decode()

    def verify(self, signed: str, *, purpose: str) -> tuple[str, datetime] | None:
        """The text and when it was signed, for this purpose; None when it was not.

        How old it may be is for the caller to decide. The time may lie a little ahead: another host's clock.
        """
        try:
            text, signed_at = self._signer(purpose).unsign(signed, return_timestamp=True)
            return text.decode(), signed_at
        except (BadSignature, UnicodeError):
            return None

    def _signer(self, purpose: str) -> TimestampSigner:
        salt = f"hanko_compat.{purpose}"
        signer = _ClockedSigner(self._secrets, salt=salt, key_derivation="hmac", digest_method=sha256)
        signer.now = self._now
        return signer


class _ClockedSigner(TimestampSigner):
    """Signs with the time of a clock that tests can move."""

    now: Clock

    def get_timestamp(self) -> int:
        return int(self.now().timestamp())
