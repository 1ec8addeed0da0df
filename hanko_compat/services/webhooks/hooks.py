"""Hooks: which servers get Hanko's events, by ``webhooks.hooks`` and by the table ``webhooks``.

Those of the table are read whether or not ``webhooks.enabled`` is set, and count their failures in a row.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from hanko_compat.clock import Clock
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.webhooks import hooks as rows
from hanko_compat.timed_cache import TimedValue

logger = logging.getLogger(__name__)

LIFETIME = timedelta(seconds=2)
"""How long a process goes on with what it has read of the table."""
USED_FOR = timedelta(days=30)
"""How long after a success a hook of the table expires (webhooks.md)."""
CONFIGURED = "config-"
"""What the names of hooks of the configuration begin with; those of the table are UUIDs."""
MOST_FAILURES = 5
"""So many failures in a row leave a hook of the table on."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A server that subscribes to events. ``id`` names it among what waits, and stays over restarts.

    The other values are those of the table; a hook of the configuration is on and never expires.
    """

    id: str
    callback: str
    events: tuple[str, ...]
    row_id: UUID | None = None
    enabled: bool = True
    failures: int = 0
    expires_at: datetime | None = None

    def subscribes_to(self, event: str) -> bool:
        """Whether one of its events is *event* or the begin of its name, as ``user`` of ``user.create``."""
        return any(event.startswith(each) for each in self.events)


class Configured(Protocol):
    """An entry of ``webhooks.hooks``."""

    @property
    def callback(self) -> str:
        """The URL."""

    @property
    def events(self) -> tuple[str, ...]:
        """What is sent there."""


class Hooks:
    """Keeps the hooks. Threads share it."""

    def __init__(
        self, database: Database, *, configured: Sequence[Configured], may_expire: bool, now: Clock
    ) -> None:
        """*configured* are those of the configuration; *may_expire*: those of the table do."""
        self._database = database
        self._configured = tuple(_of_configuration(configured))
        self._may_expire = may_expire
        self._now = now
        self._cache = TimedValue(self._read, lifetime=LIFETIME, clock=now)

    def list(self) -> Sequence[Hook]:
        """Every hook, read afresh: those of the configuration first."""
        return self._cache.read()

    def find(self, hook_id: str) -> Hook | None:
        """The hook, read afresh where it is one of the table; None when there is none."""
        for hook in self._configured:
            if hook.id == hook_id:
                return hook
        return next((hook for hook in self._of_table() if hook.id == hook_id), None)

    def subscribers(self, event: str) -> Sequence[Hook]:
        """The hooks that are on and subscribe to *event*, as this process knows them; expired ones, too."""
        return [hook for hook in self._cache.get() if hook.enabled and hook.subscribes_to(event)]

    def is_expired(self, hook: Hook) -> bool:
        """Whether a hook is to be switched off because it has not been used for long."""
        return self._may_expire and hook.expires_at is not None and hook.expires_at <= self._now()

    def switch_off_expired(self, hook: Hook) -> bool:
        """Switch off a hook that has expired. It may be part of a transaction.

        False when it was off already, or when another process has renewed it: *hook* is what this one knows.
        """
        hook_id = hook.row_id
        if hook_id is None or not self._database.transaction(
            lambda: rows.switch_off_expired(hook_id, now=self._now())
        ):
            return False
        self._tell_off(hook, "expired")
        return True

    def count_failure(self, hook: Hook) -> bool:
        """Count a delivery whose first attempt failed; whether that has switched off a hook of the table."""
        hook_id = hook.row_id
        if hook_id is None or not self._database.transaction(
            lambda: rows.count_failure(hook_id, most=MOST_FAILURES, now=self._now())
        ):
            return False
        self._tell_off(hook, f"{MOST_FAILURES + 1} failures in a row")
        return True

    def count_success(self, hook_id: str) -> None:
        """Note that a hook has taken an event, where it is one of the table."""
        now = self._now()
        if not is_configured(hook_id):
            expires_at, row_id = now + USED_FOR, UUID(hook_id)
            self._database.transaction(lambda: rows.count_success(row_id, expires_at=expires_at, now=now))

    def _tell_off(self, hook: Hook, reason: str) -> None:
        self._cache.forget()
        logger.error("hook_switched_off", extra={"hook_id": hook.id, "reason": reason})

    def _read(self) -> Sequence[Hook]:
        return (*self._configured, *self._of_table())

    def _of_table(self) -> Iterator[Hook]:
        with self._database.connection():
            found, events = rows.list_(), rows.list_events()
        for row in found:
            yield Hook(
                str(row.id),
                row.callback,
                tuple(event for hook_id, event in events if hook_id == row.id),
                row_id=row.id,
                enabled=row.enabled,
                failures=row.failures,
                expires_at=row.expires_at,
            )


def is_configured(hook_id: str) -> bool:
    """Whether it names a hook of a configuration, this one's or another one's."""
    return hook_id.startswith(CONFIGURED)


def _of_configuration(configured: Sequence[Configured]) -> Iterator[Hook]:
    """Name each hook by its URL, so that what waits for it finds it when others come or go."""
    seen: Counter[str] = Counter()
    for each in configured:
        seen[each.callback] += 1
        digest = sha256(f"{seen[each.callback]} {each.callback}".encode()).hexdigest()
        yield Hook(f"{CONFIGURED}{digest[:32]}", each.callback, each.events)
