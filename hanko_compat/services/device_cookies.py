"""Device cookies: they tell browsers from which somebody has logged in to an account from all others.

After https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies. A cookie is a
list of tokens, one for each account. A token is a random id, the time, and a signature that holds for one
account only. It names no account, holds no secret, and logs nobody in.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hanko_compat import random_secrets
from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.services.timed_signatures import TimedSignatures

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

    def __init__(
        self,
        *,
        secrets: Sequence[str],
        now: Clock,
        void_before: Callable[[UUID], datetime | None] = lambda _: None,
    ) -> None:
        """Take the secrets of the configuration: the first signs, any may verify.

        *void_before* says of an account before when its tokens were given to somebody else, if they were.
        """
        self._signatures = TimedSignatures(secrets=secrets, now=now)
        self._now = now
        self._void_before = void_before

    def find(self, user_id: UUID, client: Client) -> str | None:
        """The id of the browser, if its cookie has a valid token of the account; else None."""
        for token in _tokens(client):
            verified = self._verify(token, user_id)
            if verified is not None and not self._is_void(user_id, verified[1]):
                return verified[0]
        return None

    def issue(self, user_id: UUID, client: Client) -> str:
        """The new value of the cookie, for a browser from which somebody has just logged in to the account.

        Tokens of other accounts stay, the newest first. The id is a new one each time, so what a thief of the
        old one uses up is not this browser's any more.
        """
        new = self._signatures.sign(random_secrets.text(ID_LENGTH), purpose=_purpose(user_id))
        others = [token for token in _tokens(client) if self._verify(token, user_id) is None]
        return SEPARATOR.join([new, *others][:MOST_ACCOUNTS])

    def _verify(self, token: str, user_id: UUID) -> tuple[str, datetime] | None:
        """The id and the time in a token of the account."""
        verified = self._signatures.verify(token, purpose=_purpose(user_id))
        return None if verified is None or self._now() - verified[1] >= LIFETIME else verified

    def _is_void(self, user_id: UUID, issued_at: datetime) -> bool:
        """Whether the token is a stranger's, who had made the account with somebody else's address."""
        moment = self._void_before(user_id)
        # Tokens have whole seconds.
        return moment is not None and issued_at < moment.replace(microsecond=0)


def _purpose(user_id: UUID) -> str:
    return f"device_cookie.{user_id}"


def _tokens(client: Client) -> Iterator[str]:
    """What looks like a token in the cookie of *client*, each once."""
    value = client.device_cookie or ""
    if len(value) <= LONGEST:
        yield from dict.fromkeys(filter(TOKEN.fullmatch, value.split(SEPARATOR)))
