"""Hashes and checks passwords and passcodes, a bounded number at a time.

Call this without a transaction or a connection in hand: it computes for long, and waits for its turn.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from hanko_compat.errors.hashing import HashUnusable, Overloaded
from hanko_compat.hashing import bcrypt, costs, reading
from hanko_compat.hashing.admission import Admission, Load
from hanko_compat.hashing.semaphore import SharedSemaphore
from hanko_compat.hashing.stored import StoredHash

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

PASSWORD_COST = 12  # As Hanko 2.7.0.
# Six digits are guessed in a moment whatever a hash costs; what protects them is that there are three tries.
PASSCODE_COST = 4
# Each takes a millisecond, so that many may wait without holding up anything.
PASSCODE_QUEUE = 64

# What is checked where there is no hash, so that this takes as long (bcrypt hashes of no user's secret).
NO_PASSWORD = "$2a$12$NwwpjgSEk9NO6YznPTI34uxbf2164RsNtM/UQG1Cnjnw6iMeWOJIC"  # noqa: S105 - no secret
NO_PASSCODE = "$2a$04$SF5I1fWlwfEyfGl3jgCPFumTG5K2fpHYuGlp.O0w0xmExMxgwqJZi"


class Hasher:
    """The one place that computes hashes. Threads share it.

    *client* is whoever asks, in any spelling that tells clients apart: those who wait share the places.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        queue: int,
        shared: SharedSemaphore | None = None,
        password_cost: int = PASSWORD_COST,
        pepper: str = "",
        on_refusal: Callable[[], None] = lambda: None,
    ) -> None:
        """Hash *concurrency* passwords at a time in this process, and let *queue* more wait.

        *shared* bounds all processes together. *password_cost* is the number of rounds as a power of two.
        *pepper* belongs to hashes that were imported with one. *on_refusal* is told of each computation for
        which there was no place.
        """
        self._on_refusal = on_refusal
        self._password_cost = password_cost
        self._pepper = pepper.encode()
        self._no_password = NO_PASSWORD.replace(f"${PASSWORD_COST}$", f"${password_cost:02}$")
        self._passwords = Admission(concurrency=concurrency, queue=queue, shared=shared)
        # Of their own, and at once, so that a flood of passwords does not hold up passcodes.
        self._passcodes = Admission(concurrency=concurrency, queue=PASSCODE_QUEUE, niceness=0)

    @property
    def load(self) -> Load:
        """How many computations with passwords wait in this process, and how many are under way."""
        return self._passwords.load

    def hash_password(self, password: str, *, client: str) -> str:
        """Hash a password that `bcrypt.fits`.

        Raises:
            Overloaded: too many computations wait already, of this client or of all.
        """
        work = partial(bcrypt.create, password, cost=self._password_cost)
        return self._run(self._passwords, work, client)

    def hash_passcode(self, code: str, *, client: str) -> str:
        """Hash a passcode.

        Raises:
            Overloaded: too many computations wait already, of this client or of all.
        """
        return self._run(self._passcodes, partial(bcrypt.create, code, cost=PASSCODE_COST), client)

    def verify_password(self, password: str, hashed: str | None, *, client: str) -> bool:
        """Whether a password has the stored hash; without a hash it takes as long and is False.

        Raises:
            Overloaded: too many computations wait already, of this client or of all.
        """
        work = partial(self.check, password, hashed, otherwise=self._no_password)
        return self._run(self._passwords, work, client)

    def verify_passcode(self, code: str, hashed: str | None, *, client: str) -> bool:
        """Whether a passcode has the stored hash; without a hash it takes as long and is False.

        Raises:
            Overloaded: too many computations wait already, of this client or of all.
        """
        work = partial(self.check, code, hashed, otherwise=NO_PASSCODE)
        return self._run(self._passcodes, work, client)

    def is_outdated(self, hashed: str) -> bool:
        """Whether a password has a hash of another kind than new ones, or a cheaper one."""
        return not bcrypt.is_as_created(hashed, cost=self._password_cost)

    def check(self, secret: str, hashed: str | None, *, otherwise: str) -> bool:
        """Compute once: with the stored hash, or with *otherwise* where it or the secret is of no use."""
        raw = bcrypt.encoded(secret)
        if hashed is not None:
            try:
                stored = self._read(hashed)
                if len(raw) <= stored.longest and "\0" not in secret:
                    return stored.verify(raw)
            except HashUnusable as error:
                logger.warning("hash_unreadable", extra={"reason": error.reason})
            except ValueError:
                logger.warning("hash_unreadable", exc_info=True)
        bcrypt.verify(raw, otherwise)
        return False

    def _read(self, hashed: str) -> StoredHash:
        stored = reading.read(hashed, pepper=self._pepper)
        # Hanko's own kind is computed whatever it costs, as in Hanko.
        if not bcrypt.FORM.fullmatch(hashed):
            costs.check(stored.description)
        return stored

    def _run(self, admission: Admission, work: Callable[[], Result], client: str) -> Result:
        try:
            return admission.run(work, client=client)
        except Overloaded:
            self._on_refusal()
            raise
