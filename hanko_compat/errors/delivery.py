"""Deliveries: mails and SMS. They come after the commit, so no caller learns of them."""

from hanko_compat.errors import OperatorError


class MailTemplateInvalid(OperatorError):
    """A template in ``hanko_compat.mail.templates`` that can't be used."""


class MailFailed(Exception):
    """A mail was not delivered; ``reason`` says why without an address or a word of the mail."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailRefused(MailFailed):
    """It will never be delivered: the server refuses the recipient or the mail for good."""


class MailDelayed(MailFailed):
    """It was not delivered now: no connection, no answer, or an answer that is not final."""
