"""Tells the owner of an account that strangers guess at it, with a link that lets the owner's browser in."""

from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.services.delivery.mails import Mails
from hanko_compat.services.device_links import LIFETIME, DeviceLinks
from hanko_compat.services.rate_limits.rate_limits import RateLimits, announced
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database


class GuessingNotices:
    """Mails the notices. How often an account gets one is for the caller to limit."""

    def __init__(
        self,
        database: Database,
        *,
        mails: Mails,
        links: DeviceLinks,
        rate_limits: RateLimits,
        is_enabled: bool,
        language: str,
    ) -> None:
        """*language* is that of the mails: what a stranger's browser asks for says nothing of the owner."""
        self._database = database
        self._mails = mails
        self._links = links
        self._rate_limits = rate_limits
        self._is_enabled = is_enabled
        self._language = language

    def send(self, user_id: UUID, client: Client) -> None:  # noqa: ARG002 - the guesser: no part of the mail
        """Mail the verified primary address of the user, where there is one. Call it outside of transactions.

        The mail says neither what was guessed nor by whom. The guesser notices nothing of it.
        """
        if not self._is_enabled or not self._is_told(user_id) or not self._has_room():
            return
        self._database.transaction(lambda: self._write(user_id))
        self._mails.wake()

    def _is_told(self, user_id: UUID) -> bool:
        with self._database.connection():
            return _verified_address(user_id) is not None

    def _has_room(self) -> bool:
        """Whether the installation may send another mail."""
        quota = announced.get()
        try:
            self._rate_limits.unasked_mail()
        except RateLimited:
            # Not the guesser's business: its answer tells of its own limits only.
            announced.set(quota)
            return False
        return True

    def _write(self, user_id: UUID) -> None:
        address = _verified_address(user_id)
        if address is not None:
            link = self._links.make(user_id)
            self._mails.send_guessing_notice(
                to=address, link=link, lifetime=LIFETIME, language=self._language
            )


def _verified_address(user_id: UUID) -> str | None:
    """The primary address of the user. Somebody else may own one that was never verified."""
    email = emails.find_primary(user_id)
    return email.address if email is not None and email.verified else None
