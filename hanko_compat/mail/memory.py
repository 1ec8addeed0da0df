"""A sender that keeps mails in memory: for tests, and for programs that embed the services."""

from email.message import EmailMessage

from hanko_compat.mail.message import Mail


class MemorySender:
    """Keeps what is sent, the oldest first."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def send(self, mail: Mail) -> None:
        """Keep *mail*; it never fails."""
        self.messages.append(mail.parsed())

    def rest(self, *, idle_for: float) -> None:
        """Do nothing: there is no connection."""
