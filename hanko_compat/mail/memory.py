"""A sender that keeps mails in memory: for tests, and for programs that embed the services."""

from email.message import EmailMessage


class MemorySender:
    """Keeps what is sent, the oldest first."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        """Keep *message*; it never fails."""
        self.messages.append(message)
