"""Device cookies: they tell browsers from which somebody has logged in to an account from all others.

After https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies. A cookie is a
list of tokens, one for each account. A token is a random id, a mark of the account's epoch, the time, and a
signature that holds for one account only. It names no account, holds no secret, and logs nobody in.

A token ends with the account's epoch: with the password, with the primary address, and when the owner first
proves an address. So whoever was let in before is a stranger again.
"""

import hmac
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from hanko_compat import random_secrets
from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.services.account_epochs import mark_of
from hanko_compat.services.timed_signatures import TimedSignatures

LIFETIME = timedelta(days=180)
MOST_ACCOUNTS = 4
"""So many accounts are remembered in a browser: those that logged in last."""
SEPARATOR = "~"
ID_LENGTH = 22  # characters, of 5.95 bits
TOKEN = re.compile(r"[0-9A-Za-z]{22}[0-9a-f]{16}\.[0-9A-Za-z_-]{1,11}\.[0-9A-Za-z_-]{43}", re.ASCII)
# Another host of the same domain may set a cookie of this name, too, and a browser sends all of them.
LONGEST = 1152  # characters; three cookies with four tokens each


class _Claims(NamedTuple):
    """What a token says: the id of the browser, and the epoch in which it was given."""

    device_id: str
    mark: str


class DeviceCookies:
    """Makes and reads the values of device cookies. Threads may share it."""

    def __init__(self, *, secrets: Sequence[str], find_epoch: Callable[[UUID], str], now: Clock) -> None:
        """Take the secrets of the configuration: the first signs, any may verify.

        *find_epoch* tells the epochs of an account apart; it is asked for genuine tokens only.
        """
        self._signatures = TimedSignatures(secrets=secrets, now=now)
        self._find_epoch = find_epoch
        self._now = now

    def find(self, user_id: UUID, client: Client) -> str | None:
        """The id of the browser, if its cookie has a valid token of the account; else None."""
        tokens = [claims for token in _tokens(client) if (claims := self._verify(token, user_id))]
        return _find_current(tokens, self._find_epoch(user_id)) if tokens else None

    def issue(self, user_id: UUID, client: Client) -> str:
        """The new value of the cookie, for a browser from which somebody has just logged in to the account.

        Tokens of other accounts stay, the newest first. A browser that has a valid one of this account keeps
        its id: nobody gets several budgets by logging in several times.
        """
        found = {token: self._verify(token, user_id) for token in _tokens(client)}
        epoch = self._find_epoch(user_id)
        known = _find_current([claims for claims in found.values() if claims], epoch)
        device_id = known or random_secrets.text(ID_LENGTH)
        new = self._signatures.sign(device_id + mark_of(device_id, epoch), purpose=_purpose(user_id))
        others = [token for token, claims in found.items() if claims is None]
        return SEPARATOR.join([new, *others][:MOST_ACCOUNTS])

    def _verify(self, token: str, user_id: UUID) -> _Claims | None:
        """What a token of the account says, of whatever epoch."""
        verified = self._signatures.verify(token, purpose=_purpose(user_id))
        if verified is None or self._now() - verified[1] >= LIFETIME:
            return None
        return _Claims(verified[0][:ID_LENGTH], verified[0][ID_LENGTH:])


def _find_current(tokens: Sequence[_Claims], epoch: str) -> str | None:
    """The id in the first of an account's tokens that is of this epoch."""
    for device_id, mark in tokens:
        if hmac.compare_digest(mark, mark_of(device_id, epoch)):
            return device_id
    return None


def _purpose(user_id: UUID) -> str:
    return f"device_cookie.{user_id}"


def _tokens(client: Client) -> Iterator[str]:
    """What looks like a token in the cookie of *client*, each once."""
    value = client.device_cookie or ""
    if len(value) <= LONGEST:
        yield from dict.fromkeys(filter(TOKEN.fullmatch, value.split(SEPARATOR)))
