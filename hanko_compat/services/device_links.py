"""Links that give a browser the device cookie of an account, once. They are mailed, and log nobody in.

A link ends with the epoch of its account, as the cookies do: the mail may be in other hands by then.
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from hanko_compat import random_secrets
from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.device_links import DeviceLinkExpired, DeviceLinkInvalid
from hanko_compat.mail import languages
from hanko_compat.services.account_epochs import MARK_LENGTH, mark_of
from hanko_compat.services.timed_signatures import TimedSignatures
from hanko_compat.storage import spent_tokens
from hanko_compat.storage.engine.database import Database, IntegrityError

PATH = "/device-cookie"
LIFETIME = timedelta(days=7)
PURPOSE = "device_link"
ID_LENGTH = 30  # characters, like the other ids in the table of spent tokens
TOKEN = re.compile(
    r"[0-9a-f]{32}[0-9A-Za-z]{30}[0-9a-f]{16}\.[0-9A-Za-z_-]{1,11}\.[0-9A-Za-z_-]{43}", re.ASCII
)


class _Claims(NamedTuple):
    """What a token says: whose it is, its own id, in which epoch it was made, and until when it counts."""

    user_id: UUID
    token_id: str
    mark: str
    expires_at: datetime


class DeviceLinks:
    """Makes the links, and uses them up. Threads may share it."""

    def __init__(
        self,
        database: Database,
        *,
        secrets: Sequence[str],
        find_epoch: Callable[[UUID], str],
        public_url: str,
        now: Clock,
    ) -> None:
        """Take the secrets of the configuration: the first signs. Without *public_url* there are no links.

        *find_epoch* tells the epochs of an account apart; it is asked for genuine tokens only.
        """
        self._database = database
        self._find_epoch = find_epoch
        self._signatures = TimedSignatures(secrets=secrets, now=now)
        self._public_url = public_url.rstrip("/")
        self._now = now

    def make(self, user_id: UUID) -> str | None:
        """A link for a mail to the owner of the account; None where this server's URL is not configured."""
        if not self._public_url:
            return None
        token_id = random_secrets.text(ID_LENGTH)
        text = user_id.hex + token_id + mark_of(token_id, self._find_epoch(user_id))
        return f"{self._public_url}{PATH}?token={self._signatures.sign(text, purpose=PURPOSE)}"

    def check(self, token: str) -> None:
        """Let pass a token that may still be used; a look at the page uses nothing up.

        Raises:
            DeviceLinkInvalid: it is none of ours.
            DeviceLinkExpired: it is too old, or was used, or the account's epoch is over.
        """
        claims = self._read(token)
        with self._database.connection():
            if spent_tokens.exists(claims.token_id):
                raise DeviceLinkExpired

    def use_up(self, token: str) -> UUID:
        """Use a token up, and return whose browser it makes known. Of several callers one succeeds.

        Raises:
            DeviceLinkInvalid: it is none of ours.
            DeviceLinkExpired: it is too old, or was used, or the account's epoch is over.
        """
        claims = self._read(token)
        try:
            self._database.transaction(
                lambda: spent_tokens.create(claims.token_id, expires_at=claims.expires_at)
            )
        except IntegrityError as error:
            raise DeviceLinkExpired from error
        return claims.user_id

    def _read(self, token: str) -> _Claims:
        verified = self._signatures.verify(token, purpose=PURPOSE) if TOKEN.fullmatch(token) else None
        if verified is None:
            raise DeviceLinkInvalid
        text, signed_at = verified
        user_id, token_id, made_in = UUID(text[:32]), text[32:-MARK_LENGTH], text[-MARK_LENGTH:]
        claims = _Claims(user_id, token_id, made_in, signed_at + LIFETIME)
        if claims.expires_at <= self._now() or not self._is_current(claims):
            raise DeviceLinkExpired
        return claims

    def _is_current(self, claims: _Claims) -> bool:
        return hmac.compare_digest(claims.mark, mark_of(claims.token_id, self._find_epoch(claims.user_id)))


def page_texts(client: Client) -> tuple[str, Mapping[str, str]]:
    """The language of the page for *client*, and its texts; what stands in braces is to be filled in."""
    language = languages.choose(client.x_language, client.accept_language)
    return language, languages.texts(language)["device_page"]
