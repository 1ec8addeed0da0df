"""Works the outbox off: threads of ``serve`` or ``worker`` claim a mail, render it and hand it to a server.

The number of threads bounds the connections to the mail server; an idle process asks the database twice or
three times a second.
"""

import logging
import time
from collections.abc import Callable, Mapping
from email.headerregistry import Address
from uuid import UUID

from hanko_compat.errors.delivery import MailDelayed, MailRefused, MailTemplateInvalid
from hanko_compat.mail.message import compose
from hanko_compat.mail.render import Renderer
from hanko_compat.mail.sender import Sender
from hanko_compat.services.audit.audit_log import mask
from hanko_compat.services.delivery.outbox import Claim, Letter, Outbox
from hanko_compat.services.delivery.threads import DeliveryThreads

logger = logging.getLogger(__name__)

LONGEST_BATCH = 3.0
"""Seconds after which a thread begins with no further mail of a claim: its lease has to outlast the last."""
IDLE_CONNECTION = 2.0
"""Seconds without a mail after which a connection to the mail server is closed."""

Count = Callable[[str, str], None]
"""Counts a mail of a kind with its outcome: sent, delayed, refused or expired."""
Carrier = Callable[[Claim, Letter], None]
"""Hands over what goes another way than by mail; fails as a `Sender` does."""


class Delivery(DeliveryThreads[list[Claim]]):
    """Delivers what is in the outbox, by threads or at once."""

    name = "mail"
    queue = "outbox"
    threads = 2
    poll = 0.3

    def __init__(
        self,
        outbox: Outbox,
        *,
        renderer: Renderer,
        sender: Sender,
        mail_from: Address,
        count: Count,
        carriers: Mapping[str, Carrier] | None = None,
    ) -> None:
        """Build it without a thread, so that it survives a fork; *mail_from* stands in every ``From``.

        *carriers* take the kinds that they are named by; all others are mails.
        """
        super().__init__()
        self._outbox = outbox
        self._renderer = renderer
        self._sender = sender
        self._mail_from = mail_from
        self._count = count
        self._carriers = dict(carriers or {})
        self._delivered: set[UUID] = set()

    def check_templates(self) -> None:
        """Try what mails are made from.

        Raises:
            MailTemplateInvalid: a template of the operator's can't be used.
        """
        self._renderer.check()

    def deliver_due(self) -> int:
        """Deliver what is due, in this thread; return how many mails were tried.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        number = 0
        try:
            while claims := self._outbox.claim():
                for claim in claims:
                    self._deliver_one(claim)
                number += len(claims)
        finally:
            self._end()
        return number

    def _claim(self) -> list[Claim] | None:
        return self._outbox.claim() or None

    def _rest(self) -> None:
        self._sender.rest(idle_for=IDLE_CONNECTION)

    def _end(self) -> None:
        self._sender.rest(idle_for=0)

    def _deliver(self, claim: list[Claim]) -> None:
        """Deliver what was claimed; what a slow mail server leaves no time for is for anybody to take."""
        until, waiting = time.monotonic() + LONGEST_BATCH, claim.copy()
        try:
            while waiting and not self._stopping.is_set() and time.monotonic() < until:
                self._deliver_one(waiting.pop())
        finally:
            for left in waiting:
                self._outbox.give_back(left)

    def _deliver_one(self, claim: Claim) -> None:
        if claim.mail_id in self._delivered:
            # Delivered before, but the database was away when it should have heard of it.
            self._forget(claim)
        elif self._outbox.is_expired(claim):
            self._drop(claim, "expired", "too late")
        elif claim.letter is None:
            self._delay(claim, "no secret decrypts it")
        else:
            self._send(claim, claim.letter)

    def _send(self, claim: Claim, letter: Letter) -> None:
        try:
            self._carriers.get(letter.kind, self._mail)(claim, letter)
        except MailRefused as error:
            self._drop(claim, "refused", error.reason)
        except (MailDelayed, MailTemplateInvalid) as error:
            self._delay(claim, str(error))
        else:
            self._delivered.add(claim.mail_id)
            self._count(claim.kind, "sent")
            logger.info("mail_sent", extra=_facts(claim))
            self._forget(claim)

    def _mail(self, claim: Claim, letter: Letter) -> None:
        rendered = self._renderer.render(letter.kind, letter.language, letter.values)
        mail = compose(
            rendered,
            sender=self._mail_from,
            to=letter.to,
            message_id=str(claim.mail_id),
            written_at=claim.created_at,
        )
        self._sender.send(mail)

    def _forget(self, claim: Claim) -> None:
        self._outbox.forget(claim)
        self._delivered.discard(claim.mail_id)

    def _delay(self, claim: Claim, reason: str) -> None:
        """Try again later, while that makes sense."""
        if not self._outbox.postpone(claim):
            self._drop(claim, "expired", reason)
            return
        self._count(claim.kind, "delayed")
        logger.warning("mail_delayed", extra={**_facts(claim), "reason": reason})

    def _drop(self, claim: Claim, outcome: str, reason: str) -> None:
        self._outbox.forget(claim)
        self._count(claim.kind, outcome)
        logger.error("mail_dropped", extra={**_facts(claim), "outcome": outcome, "reason": reason})


def _facts(claim: Claim) -> dict[str, object]:
    """What a log line may tell of a mail."""
    to = mask(claim.letter.to) if claim.letter else None
    return {"mail_id": str(claim.mail_id), "kind": claim.kind, "to": to, "attempt": claim.attempts}
