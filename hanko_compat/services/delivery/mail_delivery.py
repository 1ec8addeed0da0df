"""Mails on their way: a letter is rendered and handed to a mail server."""

from datetime import datetime
from email.headerregistry import Address

from hanko_compat.mail.message import compose
from hanko_compat.mail.render import SAMPLES, Renderer
from hanko_compat.mail.sender import Sender
from hanko_compat.services.delivery.letters import Letter
from hanko_compat.services.delivery.queue import Claim


class MailDelivery:
    """Makes mails of letters and sends them. Threads may share it."""

    def __init__(self, *, renderer: Renderer, sender: Sender, mail_from: Address) -> None:
        """*mail_from* stands in every ``From``."""
        self._renderer = renderer
        self._sender = sender
        self._mail_from = mail_from

    def send(self, claim: Claim, letter: Letter) -> None:
        """Send a letter; each attempt sends the same mail, so that a reader who gets it twice sees one.

        Raises:
            MailRefused: it will not be taken, however often one tries.
            MailDelayed: it was not taken now.
            MailTemplateInvalid: a template of the operator's can't be used.
        """
        rendered = self._renderer.render(letter.kind, letter.language, letter.values)
        mail = compose(
            rendered,
            sender=self._mail_from,
            to=letter.to,
            message_id=str(claim.delivery_id),
            written_at=claim.created_at,
        )
        self._sender.send(mail)

    def rest(self, *, idle_for: float) -> None:
        """Close the connections to the mail server that carried nothing for so many seconds."""
        self._sender.rest(idle_for=idle_for)


def send_sample(
    renderer: Renderer,
    sender: Sender,
    *,
    kind: str,
    language: str,
    to: str,
    mail_from: Address,
    message_id: str,
    written_at: datetime,
) -> None:
    """Send a mail with made-up values at once, so that an operator sees whether it arrives.

    Raises:
        MailRefused: it will not be taken, however often one tries.
        MailDelayed: it was not taken now.
        MailTemplateInvalid: a template of the operator's can't be used.
    """
    rendered = renderer.render(kind, language, SAMPLES[kind])
    sender.send(compose(rendered, sender=mail_from, to=to, message_id=message_id, written_at=written_at))
    sender.rest(idle_for=0)
