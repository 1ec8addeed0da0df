"""What waits for hooks and what was given up, for operators: listed, and delivered again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hanko_compat.batches import batches
from hanko_compat.clock import Clock
from hanko_compat.errors import NotThere
from hanko_compat.errors.webhooks import RedeliveryRefused
from hanko_compat.services.delivery.queue import Channel, DeliveryQueue
from hanko_compat.services.webhooks.hooks import Hook, Hooks
from hanko_compat.storage.delivery import dead_letters
from hanko_compat.storage.delivery import deliveries as rows
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import DeadLetter

BATCH = 100
"""How many dead letters are put back in one transaction."""


@dataclass(frozen=True, slots=True)
class HookStatus:
    """A hook, how many events wait for it, and how many were given up. ``hook`` is None when it is gone."""

    hook_id: str
    hook: Hook | None
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class HookDelivery:
    """An event on its way to a hook; ``died_at`` is set when it was given up, for ``reason``."""

    id: UUID
    hook_id: str
    event: str
    created_at: datetime
    attempts: int
    next_attempt_at: datetime | None = None
    died_at: datetime | None = None
    reason: str = ""


class HookDeliveries:
    """Lists events for hooks and delivers them again. Nothing of their data is shown."""

    def __init__(self, database: Database, *, hooks: Hooks, queue: DeliveryQueue, now: Clock) -> None:
        self._database = database
        self._hooks = hooks
        self._queue = queue
        self._now = now

    def statuses(self) -> Sequence[HookStatus]:
        """Every hook, and those that are gone but have deliveries."""
        with self._database.connection():
            waiting = rows.count_by_recipient(channel=Channel.HOOK)
            dead = dead_letters.count_by_recipient(channel=Channel.HOOK)
        hooks: dict[str, Hook | None] = {hook.id: hook for hook in self._hooks.list()}
        for hook_id in sorted({*waiting, *dead} - set(hooks)):
            hooks[hook_id] = None
        return [
            HookStatus(hook_id, hook, waiting.get(hook_id, 0), dead.get(hook_id, 0))
            for hook_id, hook in hooks.items()
        ]

    def list(self, *, hook_id: str | None, limit: int) -> Sequence[HookDelivery]:
        """Up to *limit* that wait, the next attempts first, and as many dead letters, the latest first."""
        with self._database.connection():
            waiting = rows.list_of_channel(Channel.HOOK, recipient=hook_id, limit=limit)
            dead = dead_letters.list_(channel=Channel.HOOK, recipient=hook_id, limit=limit)
        return [
            *(
                HookDelivery(
                    row.id, row.recipient, row.kind, row.created_at, row.attempts,
                    next_attempt_at=max(row.created_at, row.next_attempt_at),
                )
                for row in waiting
            ),
            *(
                HookDelivery(
                    row.id, row.recipient, row.kind, row.created_at, row.attempts,
                    died_at=row.died_at, reason=row.reason,
                )
                for row in dead
            ),
        ]  # fmt: skip

    def redeliver(self, letter_ids: Sequence[UUID]) -> int:
        """Have dead letters delivered again by the servers, all or none; return how many.

        Raises:
            RedeliveryRefused: one is none, its code has expired, or its hook is off or gone.
        """
        with self._database.connection():
            letters = [self._letter(letter_id) for letter_id in dict.fromkeys(letter_ids)]
        for hook_id in sorted({letter.recipient for letter in letters}):
            self._require(hook_id)

        def work() -> None:
            for letter in letters:
                if not self._queue.put_again(letter.id):
                    raise RedeliveryRefused(f"{letter.id} can't be sent any more: the code in it has expired")

        self._database.transaction(work)
        return len(letters)

    def redeliver_all(self, hook_id: str) -> int:
        """Have all dead letters of a hook delivered again, the oldest first; return how many.

        Mails whose code has expired stay dead.

        Raises:
            NotThere: the hook is gone.
            RedeliveryRefused: it is off.
        """
        self._require(hook_id)
        with self._database.connection():
            letter_ids = dead_letters.list_in_order(channel=Channel.HOOK, recipient=hook_id)
        return sum(self._put_again(batch) for batch in batches(letter_ids, size=BATCH))

    def _letter(self, letter_id: UUID) -> DeadLetter:
        letter = dead_letters.find(letter_id)
        if letter is None or letter.channel != Channel.HOOK:
            raise NotThere(f"there is no dead letter {letter_id}; webhooks deliveries shows all")
        return letter

    def _put_again(self, letter_ids: Sequence[UUID]) -> int:
        return self._database.transaction(
            lambda: sum(self._queue.put_again(letter_id) for letter_id in letter_ids)
        )

    def _require(self, hook_id: str) -> None:
        hook = self._hooks.find(hook_id)
        if hook is None:
            raise NotThere(f"there is no hook {hook_id}; webhooks list shows all")
        if not hook.enabled or self._hooks.is_expired(hook):
            raise RedeliveryRefused(f"the hook {hook_id} is switched off; Hanko's admin API switches it on")
