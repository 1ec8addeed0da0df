"""Letters: what goes to a person, by mail or as a text message. They wait encrypted, as they hold codes."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hanko_compat.errors.delivery import MailDelayed, MailRefused, MailTemplateInvalid
from hanko_compat.jose.encryption import decrypt_with_any, encrypt
from hanko_compat.services.audit.audit_log import mask
from hanko_compat.services.delivery.backoff import Backoff, growing_pauses
from hanko_compat.services.delivery.carriers import Attempt, Limits, Outcome
from hanko_compat.services.delivery.queue import Channel, Claim, DeliveryQueue

logger = logging.getLogger(__name__)

THREADS = 2
"""So many mails, and so many text messages, are under way at a time in a process."""
LIMITS = Limits(threads=THREADS, lease=timedelta(seconds=30), most=10)

CHANNELS = (Channel.MAIL, Channel.SMS)
"""The channels of letters."""

Count = Callable[[str, str], None]
"""Counts a letter of a kind with its outcome: sent, delayed, refused or expired."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it waits: what it is about, for whom, and what is to be filled in."""

    kind: str
    to: str
    language: str
    values: Mapping[str, str]


Send = Callable[[Claim, Letter], None]
"""Hands a letter over; raises MailRefused, MailDelayed or MailTemplateInvalid."""


class Letters:
    """Writes letters into the queue, and reads those that were claimed. Threads may share it."""

    def __init__(self, queue: DeliveryQueue, *, secrets: Sequence[str]) -> None:
        """Take the secrets of the configuration: the first encrypts, any may decrypt."""
        self._queue = queue
        self._secrets = tuple(secrets)

    def put(self, channel: Channel, letter: Letter, *, expires_at: datetime) -> None:
        """Write a letter that is of no use after *expires_at*. Call it in the transaction that causes it."""
        content = {"to": letter.to, "language": letter.language, "values": dict(letter.values)}
        payload = encrypt(json.dumps(content).encode(), secret=self._secrets[0])
        self._queue.put(channel, kind=letter.kind, payload=payload, expires_at=expires_at)

    def read(self, claim: Claim) -> Letter | None:
        """The letter of *claim*; None when no secret decrypts it."""
        plain = decrypt_with_any(claim.payload, secrets=self._secrets)
        return None if plain is None else Letter(kind=claim.kind, **json.loads(plain))


class LetterCarrier:
    """Delivers the letters of one channel, again and again until they are of no use."""

    limits = LIMITS
    name = "mail_delivery"
    queue = "outbox"

    def __init__(
        self,
        channel: Channel,
        letters: Letters,
        *,
        send: Send,
        count: Count,
        rest: Callable[..., None] = lambda *, idle_for: None,  # noqa: ARG005 - nothing to close
        backoff: Backoff | None = None,
    ) -> None:
        """*send* hands a letter over; *rest* closes the connections that it kept for so many seconds."""
        self.channel = channel
        self.backoff = backoff or growing_pauses()
        self._letters = letters
        self._send = send
        self._count = count
        self._rest = rest

    def attempt(self, claim: Claim) -> Attempt:
        """Hand the letter of *claim* over."""
        letter = self._letters.read(claim)
        if letter is None:
            return Attempt(Outcome.DELAYED, "no secret decrypts it")
        try:
            self._send(claim, letter)
        except MailRefused as error:
            return Attempt(Outcome.REFUSED, error.reason)
        except (MailDelayed, MailTemplateInvalid) as error:
            return Attempt(Outcome.DELAYED, str(error))
        return Attempt(Outcome.SENT)

    def report(self, claim: Claim, attempt: Attempt) -> None:
        """Log and count the outcome: nothing of the letter, and no more than a part of the address."""
        self._count(claim.kind, attempt.outcome)
        letter = self._letters.read(claim)
        facts = {
            "mail_id": str(claim.delivery_id),
            "kind": claim.kind,
            "to": mask(letter.to) if letter else None,
            "attempt": claim.attempts,
        }
        match attempt.outcome:
            case Outcome.SENT:
                logger.info("mail_sent", extra=facts)
            case Outcome.DELAYED:
                logger.warning("mail_delayed", extra={**facts, "reason": attempt.reason})
            case _:
                lost = {"outcome": str(attempt.outcome), "reason": attempt.reason}
                logger.error("mail_dropped", extra={**facts, **lost})

    def rest(self, *, idle_for: float) -> None:
        """Close the connections that carried nothing for so many seconds."""
        self._rest(idle_for=idle_for)
