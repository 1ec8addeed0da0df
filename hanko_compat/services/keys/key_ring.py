"""The signing keys in memory: read again when they are old, or when a token names one that is unknown."""

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from hanko_compat.clock import Clock
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.keys import SigningKeyUnreadable
from hanko_compat.jose.signing_keys import SigningKey
from hanko_compat.timed_cache import TimedValue

logger = logging.getLogger(__name__)

# How long another process's rotation may go unseen: `keys revoke` waits for so long.
LIFETIME = timedelta(seconds=5)
# How often an unknown `kid` or a lost database may cause a read, whatever is thrown at this process.
PAUSE = timedelta(seconds=5)
# How long (seconds) a token with an unknown `kid` waits for another thread's read to end.
PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A row of ``jwks``, decrypted by the secret of that index in ``secrets.keys``."""

    row_id: int
    key_data: str
    created_at: datetime
    secret_index: int
    key: SigningKey
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every key at one moment, by row id. Never changed, only replaced as a whole.

    Those that were revoked are among ``rows`` only.
    """

    rows: tuple[StoredKey, ...]
    by_kid: Mapping[str, SigningKey]
    newest: StoredKey | None

    @classmethod
    def of(cls, rows: tuple[StoredKey, ...]) -> "Snapshot":
        """Index *rows*; the newest by ``created_at``, then by id, signs, as in the original."""
        good = [row for row in rows if not row.is_revoked]
        newest = max(good, key=lambda row: (row.created_at, row.row_id), default=None)
        return cls(rows, {row.key.kid: row.key for row in good}, newest)


class KeyRing:
    """A snapshot of the keys that threads share.

    *load* gets the last snapshot, whose parsed keys it may use again, and returns a new one.
    """

    def __init__(self, load: Callable[[Snapshot | None], Snapshot], *, now: Clock) -> None:
        self._now = now
        self._lock = Lock()
        self._kept = TimedValue(lambda: load(self._kept.last), lifetime=LIFETIME, clock=now)
        self._may_try_at = -math.inf

    def snapshot(self) -> Snapshot:
        """The keys, at most ``LIFETIME`` old while the database answers, and no thread is reading them."""
        snapshot = self._kept.last
        if snapshot is None:
            return self.reload()
        return snapshot if self._kept.is_fresh else self._refreshed(snapshot, patience=0)

    def newest(self) -> StoredKey | None:
        """The key that signs, not older than the keys of a `snapshot` may be, whatever other threads do.

        A token that was signed with a key which is revoked meanwhile would be refused at once.
        """
        snapshot = self.snapshot()
        return (snapshot if self._kept.is_fresh else self._refreshed(snapshot, patience=PATIENCE)).newest

    def find(self, kid: str) -> SigningKey | None:
        """The key of that id; an unknown one causes a read, unless there was one a moment ago."""
        snapshot = self.snapshot()
        if kid not in snapshot.by_kid:
            snapshot = self._refreshed(snapshot, patience=PATIENCE, is_extra=True)
        return snapshot.by_kid.get(kid)

    def refresh(self) -> None:
        """Read again, because the keys have changed, unless there was a read a moment ago."""
        self._refreshed(self.snapshot(), patience=0, is_extra=True)

    def reload(self) -> Snapshot:
        """Read the keys now.

        Raises:
            SigningKeyUnreadable: a key that no secret decrypts.
            DatabaseUnavailable: the database does not answer.
        """
        with self._lock:
            return self._read()

    def _read(self, *, is_extra: bool = False) -> Snapshot:
        """Replace the snapshot; the caller holds the lock.

        After a read that fails, or *is_extra* beside those that are due, the next one has to wait. Not after
        one that was due: a token may name a key that another process has made since.
        """
        is_read = False
        try:
            snapshot = self._kept.read()
            is_read = True
        finally:
            if is_extra or not is_read:
                self._may_try_at = self._now.monotonic() + PAUSE.total_seconds()
        return snapshot

    def _refreshed(self, old: Snapshot, *, patience: float, is_extra: bool = False) -> Snapshot:
        """Read again, unless that has to wait; while another thread does it or it fails, keep *old*."""
        if self._has_to_wait() or not self._lock.acquire(timeout=patience):
            return self._kept.last or old
        try:
            present = self._kept.last or old
            # Another thread may have read while this one waited.
            if present is not old or self._has_to_wait():
                return present
            return self._read(is_extra=is_extra)
        except (DatabaseUnavailable, SigningKeyUnreadable) as error:
            logger.warning("signing_keys_not_refreshed", extra={"reason": str(error)})
            return old
        finally:
            self._lock.release()

    def _has_to_wait(self) -> bool:
        return self._now.monotonic() < self._may_try_at
