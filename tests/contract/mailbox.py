"""The mails of the application under replay, as the traces describe them."""

import re
import time
from email.message import EmailMessage
from typing import Any, Protocol

from hanko_compat.storage.models import Delivery
from hanko_compat.wiring import Services
from tests.smtp import MailServer

CODE = re.compile(r"\b[0-9]{6}\b")
PATIENCE = 60  # seconds until a mail that waits is lost


class Mails(Protocol):
    """Where mails arrive."""

    def messages(self) -> list[EmailMessage]:
        """Return the mails so far, the oldest first."""


class DeliveredMails:
    """The mails of a running server, which delivers them soon after its answers."""

    def __init__(self, server: MailServer, services: Services) -> None:
        self.server = server
        self.services = services

    def messages(self) -> list[EmailMessage]:
        """Return the mails so far, as soon as none waits in the queue any more."""
        until = time.monotonic() + PATIENCE
        while self._count_waiting():
            assert time.monotonic() < until, "a mail is not delivered"
            time.sleep(0.02)
        return [received.message for received in self.server.received]

    def _count_waiting(self) -> int:
        with self.services.database.connection():
            return Delivery.select().count()


class Mailbox:
    """What has been sent, read by the replayer."""

    def __init__(self, inbox: Mails) -> None:
        self.inbox = inbox

    def observed(self) -> dict[str, Any]:
        """Return what a trace tells about the newest mail."""
        mail, code = self.inbox.messages()[-1], self.passcode()
        parts = {part.get_content_type(): part.get_content() for part in mail.iter_parts()}
        return {
            "from": mail["From"],
            "to": [mail["To"]],
            "type": mail.get_content_type(),
            "parts": sorted(parts),
            "passcode_digits": len(code),
            "passcode_in_subject": code in mail["Subject"],
            "passcode_in_plain": code in parts["text/plain"],
            "passcode_in_html": code in parts["text/html"],
        }

    def count(self) -> int:
        """Return how many mails came."""
        return len(self.inbox.messages())

    def passcode(self) -> str:
        """Return the code in the newest mail; "" without one."""
        mails = self.inbox.messages()
        found = CODE.search(mails[-1]["Subject"]) if mails else None
        return found[0] if found else ""
