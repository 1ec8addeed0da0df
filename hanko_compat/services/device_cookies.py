"""Device cookies: they tell browsers from which somebody has logged in to an account from all others.

After https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies. A cookie is a
list of tokens, one for each account. A token is a random id, the time, and a signature that holds for one
account only. It names no account, holds no secret, and logs nobody in.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from itsdangerous import BadSignature, TimestampSigner

from hanko_compat import random_secrets
from hanko_compat.client import Client
from hanko_compat.clock import Clock

LIFETIME = timedelta(days=180)
MOST_ACCOUNTS = 4
"""So many accounts are remembered in a browser: those that logged in last."""
SEPARATOR = "~"
ID_LENGTH = 22  # characters, of 5.95 bits
TOKEN = re.compile(r"[0-9A-Za-z]{22}\.[0-9A-Za-z_-]{1,11}\.[0-9A-Za-z_-]{43}", re.ASCII)
# Another host of the same domain may set a cookie of this name, too, and a browser sends all of them.
LONGEST = 1024  # characters; three cookies with four tokens each


class DeviceCookies:
    """Makes and reads the values of device cookies. Threads may share it."""

    def __init__(self, *, secrets: Sequence[str], now: Clock) -> None:
        """Take the secrets of the configuration: the first signs, any may verify."""
        self._secrets = tuple(reversed(secrets))
        self._now = now

    def find(self, user_id: UUID, client: Client) -> str | None:
        """The id of the browser, if its cookie has a valid token of the account; else None."""
        signer = self._signer(user_id)
        for token in _tokens(client):
            device_id = self._verify(signer, token)
            if device_id is not None:
                return device_id
        return None

    def issue(self, user_id: UUID, client: Client) -> str:
        """The new value of the cookie, for a browser from which somebody has just logged in to the account.

        Tokens of other accounts stay, the newest first. The id is a new one each time, so what a thief of the
        old one uses up is not this browser's any more.
        """
        signer = self._signer(user_id)
        new = signer.sign(random_secrets.text(ID_LENGTH)).decode()
        others = [token for token in _tokens(client) if self._verify(signer, token) is None]
        return SEPARATOR.join([new, *others][:MOST_ACCOUNTS])

    def _verify(self, signer: TimestampSigner, token: str) -> str | None:
        try:
            device_id, signed_at = signer.unsign(token, return_timestamp=True)
        except BadSignature:
            return None
        # A signature from the future is good: the clock of another host is fast.
        return device_id.decode() if self._now() - signed_at < LIFETIME else None

    def _signer(self, user_id: UUID) -> TimestampSigner:
        signer = _ClockedSigner(
            self._secrets,
            salt=f"hanko_compat.device_cookie.{user_id}",
            key_derivation="hmac",
            digest_method=sha256,
        )
        signer.now = self._now
        return signer


class _ClockedSigner(TimestampSigner):
    """Signs with the time of a clock that tests can move."""

    now: Clock

    def get_timestamp(self) -> int:
        return int(self.now().timestamp())


def _tokens(client: Client) -> Iterator[str]:
    """What looks like a token in the cookie of *client*, each once."""
    value = client.device_cookie or ""
    if len(value) <= LONGEST:
        yield from dict.fromkeys(filter(TOKEN.fullmatch, value.split(SEPARATOR)))
