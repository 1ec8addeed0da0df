"""Tells the owner of an account that strangers guess at it, with a link that lets the owner's browser in."""

from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.services.delivery.mails import Mails
from hanko_compat.services.device_links import LIFETIME, DeviceLinks
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database


class GuessingNotices:
    """Mails the notices. How often is for the caller to limit."""

    def __init__(
        self, database: Database, *, mails: Mails, links: DeviceLinks, is_enabled: bool, language: str
    ) -> None:
        """*language* is that of the mails: what a stranger's browser asks for says nothing of the owner."""
        self._database = database
        self._mails = mails
        self._links = links
        self._is_enabled = is_enabled
        self._language = language

    def send(self, user_id: UUID, client: Client) -> None:  # noqa: ARG002 - the guesser: no part of the mail
        """Mail the verified primary address of the user, where there is one. Call it outside of transactions.

        The mail says neither what was guessed nor by whom.
        """
        if not self._is_enabled:
            return

        def work() -> bool:
            email = emails.find_primary(user_id)
            if email is None or not email.verified:
                return False
            link = self._links.make(user_id)
            self._mails.send_guessing_notice(
                to=email.address, link=link, lifetime=LIFETIME, language=self._language
            )
            return True

        if self._database.transaction(work):
            self._mails.wake()
