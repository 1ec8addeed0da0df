"""The mails that reach somebody, read by a test."""

import re
from dataclasses import dataclass, field
from email.message import EmailMessage

from hanko_compat.mail.memory import MemorySender
from hanko_compat.wiring import Services


@dataclass
class Inbox:
    """What the services send. Looking into it delivers what is due, without a thread."""

    sender: MemorySender = field(default_factory=MemorySender)
    services: list[Services] = field(default_factory=list)

    def messages(self, to: str | None = None) -> list[EmailMessage]:
        """The mails so far, to everybody or to one address, the oldest first."""
        for services in reversed(self.services):  # the newest knows the secrets of all
            services.delivery.threads.deliver_due()
        return [message for message in self.sender.messages if to in (None, message["To"])]

    def passcode(self, to: str) -> str:
        """The passcode in the newest mail to an address."""
        return re.search(r"\b[0-9]{6}\b", self.messages(to)[-1]["Subject"])[0]  # type: ignore[index]
