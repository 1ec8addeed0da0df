"""The outbox: mails are written in the transaction that causes them, and delivered after it, at least once.

A row is claimed for a while (a lease) by one process of all; when that process dies, the lease ends and
somebody else delivers. What waits is encrypted, as it holds passcodes.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import SystemRandom
from uuid import UUID, uuid4

from hanko_compat.clock import Clock
from hanko_compat.jose.encryption import decrypt_with_any, encrypt
from hanko_compat.storage import delivery as outbox
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import OutboxMail

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""How long a claim keeps others off; longer than any delivery takes."""
CANDIDATES = 40
"""How many due mails are looked at for some that nobody else claims."""
SHARES = 4
"""One claim takes this part of what it saw, so that something is left for the others."""

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=15)
SHARE_OF_LIFETIME = 10
"""No pause is longer than this part of a mail's lifetime."""

_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it waits: what it is about, for whom, and what is to be filled in."""

    kind: str
    to: str
    language: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that nobody else delivers at the moment; ``letter`` is None when no secret decrypts it."""

    mail_id: UUID
    kind: str
    letter: Letter | None
    attempts: int  # this one included
    created_at: datetime
    expires_at: datetime


class Outbox:
    """Puts mails in and hands them out. Threads may share it."""

    def __init__(
        self,
        database: Database,
        *,
        secrets: Sequence[str],
        now: Clock,
        jitter: Callable[[float, float], float] = _random.uniform,
    ) -> None:
        """Take the secrets of the configuration: the first encrypts, any may decrypt."""
        self._database = database
        self._secrets = tuple(secrets)
        self._now = now
        self._jitter = jitter

    def put(self, letter: Letter, *, expires_at: datetime) -> None:
        """Write a mail that is of no use after *expires_at*. Call it in the transaction that causes it."""
        content = {"to": letter.to, "language": letter.language, "values": dict(letter.values)}
        outbox.create(
            mail_id=uuid4(),
            kind=letter.kind,
            payload=encrypt(json.dumps(content).encode(), secret=self._secrets[0]),
            expires_at=expires_at,
            now=self._now(),
        )

    def claim(self) -> list[Claim]:
        """Take a mail that is due, for as long as `LEASE`; more where many are; none when there is none.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        with self._database.connection():
            due = outbox.list_due(at=self._now(), limit=CANDIDATES)
            wanted = max(1, len(due) // SHARES)
            # Not all processes try the same ones first.
            shuffled = _random.sample(due, len(due))
            if wanted > 1:
                # Everybody locks in the same order, so that nobody waits for each other.
                chosen = sorted(shuffled[:wanted], key=lambda row: row.id)
                claimed = self._database.transaction(lambda: [row for row in chosen if self._is_won(row)])
            else:
                claimed = list(islice(filter(self._is_won, shuffled), 1))
        return [self._claimed(row) for row in claimed]

    def give_back(self, claim: Claim) -> None:
        """Let somebody else take a mail that nobody has tried to deliver."""
        with self._database.connection():
            outbox.postpone(claim.mail_id, attempts=claim.attempts, until=self._now())

    def forget(self, claim: Claim) -> None:
        """Delete a mail: it was delivered, or given up."""
        with self._database.connection():
            outbox.delete(claim.mail_id)

    def postpone(self, claim: Claim) -> bool:
        """Let a mail wait for its next attempt; False when it would be of no use any more by then."""
        until = self._now() + self._pause(claim)
        if until >= claim.expires_at:
            return False
        with self._database.connection():
            outbox.postpone(claim.mail_id, attempts=claim.attempts, until=until)
        return True

    def is_expired(self, claim: Claim) -> bool:
        """Whether the mail is of no use any more."""
        return claim.expires_at <= self._now()

    def _is_won(self, row: OutboxMail) -> bool:
        return outbox.claim(row.id, attempts=row.attempts, until=self._now() + LEASE)

    def _pause(self, claim: Claim) -> timedelta:
        """Twice as long each time, and never the same for two mails."""
        longest = min(LONGEST_PAUSE, (claim.expires_at - claim.created_at) / SHARE_OF_LIFETIME)
        # 2**20 seconds are longer than any lifetime; higher powers could not be added to a time.
        doubled = FIRST_PAUSE * (1 << min(claim.attempts - 1, 20))
        # A second at least, as MySQL keeps no parts of one.
        return min(longest, doubled) * self._jitter(1.0, 1.5)

    def _claimed(self, row: OutboxMail) -> Claim:
        plain = decrypt_with_any(row.payload, secrets=self._secrets)
        letter = None if plain is None else Letter(kind=row.kind, **json.loads(plain))
        return Claim(
            mail_id=row.id,
            kind=row.kind,
            letter=letter,
            attempts=row.attempts + 1,
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
