"""Events for hooks: written in the transaction that causes them, encrypted, for each hook that wants them."""

import json
import logging
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hanko_compat.jose.encryption import decrypt_with_any, encrypt
from hanko_compat.services.delivery.queue import Channel, Claim, DeliveryQueue
from hanko_compat.services.webhooks.hooks import Hooks

logger = logging.getLogger(__name__)

ORDERED = "user"
"""Events of a user are delivered in their order; ``email.send`` waits for nothing."""
LONGEST = 65_000  # characters; a column of MySQL holds 65,535


class HookQueue:
    """Writes events for hooks, and reads those that were claimed. Threads share it."""

    def __init__(self, queue: DeliveryQueue, hooks: Hooks, *, secrets: Sequence[str]) -> None:
        """Take the secrets of the configuration: the first encrypts, any may decrypt."""
        self._queue = queue
        self._hooks = hooks
        self._secrets = tuple(secrets)

    def wants(self, event: str) -> bool:
        """Whether a hook subscribes to *event*; a query every two seconds."""
        return bool(self._hooks.subscribers(event))

    def put(
        self,
        event: str,
        data: Mapping[str, Any],
        *,
        user_id: UUID | None,
        expires_at: datetime | None = None,
        shorter: Mapping[str, Any] | None = None,
    ) -> None:
        """Write *event* for each hook that subscribes to it. Call it in the transaction that causes it.

        *data* is what JSON can say, and *shorter* what is told instead where no column holds it. Events of
        one user reach a hook in the order in which they are put. After *expires_at* it is not sent.
        """
        subscribers = self._hooks.subscribers(event)
        if not subscribers:
            return
        payload = self._fitting(event, data, shorter)
        if payload is None:
            return
        is_ordered = user_id is not None and event.partition(".")[0] == ORDERED
        for hook in subscribers:
            if self._hooks.is_expired(hook) and self._hooks.switch_off_expired(hook):
                continue
            self._queue.put(
                Channel.HOOK,
                kind=event,
                payload=payload,
                recipient=hook.id,
                lane=f"{hook.id}:{user_id}" if is_ordered else "",
                expires_at=expires_at,
                # A code is good for minutes; a receiver that was down may have much to catch up on.
                is_urgent=expires_at is not None,
            )

    def wake(self) -> None:
        """Have what was put in delivered at once. Call it after the commit."""
        self._queue.wake()

    def bury_all(self, hook_id: str, *, reason: str, created_before: datetime | None = None) -> None:
        """Make dead letters of all that waits for a hook, but of what is under way."""
        self._queue.bury_all(Channel.HOOK, hook_id, reason=reason, created_before=created_before)

    def read(self, claim: Claim) -> dict[str, Any] | None:
        """The data of the event of *claim*; None when no secret decrypts it."""
        plain = decrypt_with_any(claim.payload, secrets=self._secrets)
        if plain is None:
            return None
        data: dict[str, Any] = json.loads(zlib.decompress(plain))
        return data

    def _fitting(self, event: str, data: Mapping[str, Any], shorter: Mapping[str, Any] | None) -> str | None:
        """What is stored; None where no column holds it: no request fails for what a hook is told."""
        payload = self._sealed(data)
        if len(payload) <= LONGEST:
            return payload
        logger.error("hook_event_too_long", extra={"event_type": event, "characters": len(payload)})
        return None if shorter is None else self._fitting(event, shorter, None)

    def _sealed(self, data: Mapping[str, Any]) -> str:
        """Compressed, as mails are long, and encrypted, as they hold codes."""
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return encrypt(zlib.compress(text.encode()), secret=self._secrets[0])
