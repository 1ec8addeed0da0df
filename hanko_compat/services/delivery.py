"""Works the outbox off: threads of ``serve`` or ``worker`` claim a mail, render it and hand it to a server.

One thread at a time looks for work, the others deliver or wait for their turn. So their number bounds the
connections to the mail server, and an idle process asks the database twice or three times a second.
"""

import logging
import time
from collections.abc import Callable, Mapping
from email.headerregistry import Address
from threading import Event, Lock, Thread
from uuid import UUID

from hanko_compat.errors import DatabaseUnavailable, MailDelayed, MailRefused, MailTemplateInvalid
from hanko_compat.mail.message import compose
from hanko_compat.mail.render import Renderer
from hanko_compat.mail.sender import Sender
from hanko_compat.services.audit import mask
from hanko_compat.services.outbox import Claim, Letter, Outbox

logger = logging.getLogger(__name__)

THREADS = 2
"""Of each process: so many mails are under way at a time."""
POLL = 0.3
"""Seconds between two looks at what other processes wrote or left behind."""
PAUSE_WITHOUT_DATABASE = 2.0
"""Seconds."""
LONGEST_BATCH = 3.0
"""Seconds after which a thread begins with no further mail of a claim: its lease has to outlast the last."""
IDLE_CONNECTION = 2.0
"""Seconds without a mail after which a connection to the mail server is closed."""

Count = Callable[[str, str], None]
"""Counts a mail of a kind with its outcome: sent, delayed, refused or expired."""
Carrier = Callable[[Claim, Letter], None]
"""Hands over what goes another way than by mail; fails as a `Sender` does."""


class Delivery:
    """Delivers what is in the outbox, by threads or at once."""

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
        self._outbox = outbox
        self._renderer = renderer
        self._sender = sender
        self._mail_from = mail_from
        self._count = count
        self._carriers = dict(carriers or {})
        self._turn = Lock()
        self._woken = Event()
        self._stopping = Event()
        self._threads: list[Thread] = []
        self._delivered: set[UUID] = set()
        self._has_database = True

    def check_templates(self) -> None:
        """Try what mails are made from.

        Raises:
            MailTemplateInvalid: a template of the operator's can't be used.
        """
        self._renderer.check()

    def wake(self) -> None:
        """Look for work now: something was written."""
        self._woken.set()

    def start(self, *, threads: int = THREADS) -> None:
        """Start the threads. In a server that forks, call it in each worker."""
        names = (f"mail-{number}" for number in range(1, threads + 1))
        self._threads = [Thread(target=self._run, name=name, daemon=True) for name in names]
        for thread in self._threads:
            thread.start()

    def stop(self, *, patience: float) -> bool:
        """Take no more work and wait up to *patience* seconds for what is under way; whether it ended."""
        self._stopping.set()
        self._woken.set()
        deadline = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def deliver_due(self) -> int:
        """Deliver what is due, in this thread; return how many mails were tried.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        number = 0
        try:
            while claims := self._outbox.claim():
                for claim in claims:
                    self._deliver(claim)
                number += len(claims)
        finally:
            self._sender.rest(idle_for=0)
        return number

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._turn:
                    claims = self._next()
                self._deliver_each(claims)
            except DatabaseUnavailable as error:
                self._note_database(is_there=False, reason=str(error.__cause__ or error))
                self._stopping.wait(PAUSE_WITHOUT_DATABASE)
            except Exception:
                # The thread has to live on: nobody would start it again.
                logger.exception("mail_delivery_failed")
                self._stopping.wait(PAUSE_WITHOUT_DATABASE)
        self._sender.rest(idle_for=0)

    def _next(self) -> list[Claim]:
        """Wait for mails that are due; none when it is time to stop."""
        while not self._stopping.is_set():
            self._woken.clear()
            claims = self._outbox.claim()
            self._note_database(is_there=True)
            if claims:
                return claims
            self._sender.rest(idle_for=IDLE_CONNECTION)
            self._woken.wait(POLL)
        return []

    def _deliver_each(self, claims: list[Claim]) -> None:
        """Deliver what was claimed; what a slow mail server leaves no time for is for anybody to take."""
        until, waiting = time.monotonic() + LONGEST_BATCH, claims.copy()
        try:
            while waiting and not self._stopping.is_set() and time.monotonic() < until:
                self._deliver(waiting.pop())
        finally:
            for claim in waiting:
                self._outbox.give_back(claim)

    def _deliver(self, claim: Claim) -> None:
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

    def _note_database(self, *, is_there: bool, reason: str = "") -> None:
        """Write a line when the database goes and when it comes back, not for each look at it."""
        if is_there != self._has_database:
            self._has_database = is_there
            if is_there:
                logger.info("outbox_reachable")
            else:
                logger.warning("outbox_unreachable", extra={"reason": reason})


def _facts(claim: Claim) -> dict[str, object]:
    """What a log line may tell of a mail."""
    to = mask(claim.letter.to) if claim.letter else None
    return {"mail_id": str(claim.mail_id), "kind": claim.kind, "to": to, "attempt": claim.attempts}
