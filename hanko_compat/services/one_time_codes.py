"""One-time codes: hashed when they are made, and compared while tries are left.

A code has few characters. It is protected by a small number of tries, which holds for any number of requests
at once, and by a short lifetime. Tables of codes differ in their columns, so each brings its own `Rows`.
"""

from datetime import datetime
from enum import Enum, auto
from typing import Protocol
from uuid import UUID

from hanko_compat import random_secrets
from hanko_compat.clock import Clock
from hanko_compat.errors import TryLater
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.services.rate_limits.guesses import Guess
from hanko_compat.storage.engine.database import Database

MAX_TRIES = 3
LENGTH = 6  # characters
DIGITS = "0123456789"


class Rows(Protocol):
    """The table of one kind of codes. Each method runs in a transaction of its own."""

    def count_try(self, code_id: UUID, *, limit: int) -> int | None:
        """Count a try, unless *limit* are counted.

        Returns the number of this try, more than *limit* when none was left, None when the code is gone.
        """

    def give_try_back(self, code_id: UUID) -> None:
        """Take back a try that was counted and not evaluated."""

    def end(self, code_id: UUID) -> None:
        """See that the code is never right again."""


class Verdict(Enum):
    """What a comparison says."""

    RIGHT = auto()
    WRONG = auto()
    LAST_WRONG = auto()  # wrong, and by that the end of the code
    NO_TRY_LEFT = auto()  # nothing was compared
    GONE = auto()  # nothing was compared: used up or ended meanwhile


class OneTimeCodes:
    """Compares codes. Call it without a connection in hand: it computes hashes.

    *client* is whoever asks, as for `Hasher`.
    """

    def __init__(self, database: Database, *, hasher: Hasher, rows: Rows, now: Clock) -> None:
        self._database = database
        self._hasher = hasher
        self._rows = rows
        self._now = now

    def hash(self, code: str, *, client: str) -> str:
        """What is stored of a code.

        Raises:
            Overloaded: too many hashes wait to be computed.
        """
        return self._hasher.hash_passcode(code, client=client)

    def is_over(self, expires_at: datetime) -> bool:
        """Whether a code that counts until *expires_at* is too old."""
        return self._now() > expires_at

    def compare_with_none(self, code: str, *, client: str) -> None:
        """Take as long as a comparison, where no code is stored. So the time does not tell which codes exist.

        Raises:
            Overloaded: too many hashes wait to be computed.
        """
        self._hasher.verify_passcode(code, None, client=client)

    def compare(self, code: str, *, code_id: UUID, hashed: str, guess: Guess, client: str) -> Verdict:
        """Spend a try on the code that has the ID. It is counted, and that committed, before the comparison.

        *guess* counts for the account what is compared, and nothing else. A right code is not used up by
        this. The caller does that, in the transaction that the code allows.

        Raises:
            RateLimited: too many guesses at the account. The try is given back.
            Overloaded: too many hashes wait to be computed. The try is given back.
        """
        run, rows = self._database.transaction, self._rows
        number = run(lambda: rows.count_try(code_id, limit=MAX_TRIES))
        if number is None:
            return Verdict.GONE
        if number > MAX_TRIES:
            return Verdict.NO_TRY_LEFT
        try:
            guess.take()
            is_right = self._hasher.verify_passcode(code, hashed, client=client)
        except TryLater:
            run(lambda: rows.give_try_back(code_id))
            raise
        if is_right:
            return Verdict.RIGHT
        guess.note_wrong()
        if number < MAX_TRIES:
            return Verdict.WRONG
        run(lambda: rows.end(code_id))
        return Verdict.LAST_WRONG


def new_code() -> str:
    """Make up a code of six digits."""
    return random_secrets.text(LENGTH, alphabet=DIGITS)
