"""Hooks on their way: an event is signed and posted, again and again for a day, and kept for a month then."""

import json
import logging
from datetime import timedelta

from hanko_compat import __version__
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client
from hanko_compat.services.delivery.backoff import Backoff, growing_pauses
from hanko_compat.services.delivery.carriers import Attempt, Limits, Outcome
from hanko_compat.services.delivery.queue import Channel, Claim
from hanko_compat.services.webhooks.hook_queue import HookQueue
from hanko_compat.services.webhooks.hook_tokens import HookTokens
from hanko_compat.services.webhooks.hooks import Hook, Hooks

logger = logging.getLogger(__name__)

# The lease is longer than any post takes. Each hook gets one event at a time.
LIMITS = Limits(threads=4, lease=timedelta(minutes=2), for_recipient=1)
TIMEOUT = 10.0
"""Seconds until a hook that has not answered counts as one that failed."""
ID_HEADER = "Webhook-Id"
"""The same in each attempt, so that a receiver knows what it has seen before."""


class HookCarrier:
    """Posts events to hooks."""

    channel = Channel.HOOK
    limits = LIMITS
    name = "hook_delivery"
    queue = "hooks"

    def __init__(
        self,
        hooks: Hooks,
        events: HookQueue,
        tokens: HookTokens,
        *,
        trusting: Client,
        guarded: Client,
        backoff: Backoff | None = None,
    ) -> None:
        """Both clients should give up after `TIMEOUT`.

        *trusting* posts to hooks of the configuration, wherever the operator has them; *guarded* to those of
        the table, which come from elsewhere.
        """
        self.backoff = backoff or growing_pauses()
        self._hooks = hooks
        self._events = events
        self._tokens = tokens
        self._trusting = trusting
        self._guarded = guarded

    def attempt(self, claim: Claim) -> Attempt:
        """Post an event to its hook; one that is gone or switched off gets nothing."""
        hook = self._hooks.find(claim.recipient)
        if hook is None or not hook.enabled:
            return Attempt(Outcome.REFUSED, "no such hook" if hook is None else "the hook is switched off")
        data = self._events.read(claim)
        if data is None:
            return Attempt(Outcome.REFUSED, "no secret decrypts it")
        body = json.dumps({"token": self._tokens.sign(claim.kind, data), "event": claim.kind})
        attempt = self._post(hook, claim, body.encode())
        if attempt.outcome == Outcome.SENT:
            self._hooks.count_success(hook)
        elif claim.failures == 0:
            self._hooks.count_failure(hook)
        return attempt

    def report(self, claim: Claim, attempt: Attempt) -> None:
        """Log the outcome: nothing of the event's data, nor of a URL that may hold a secret."""
        facts = {
            "delivery_id": str(claim.delivery_id),
            "hook_id": claim.recipient,
            "type": claim.kind,
            "attempt": claim.attempts,
        }
        match attempt.outcome:
            case Outcome.SENT:
                logger.info("hook_sent", extra=facts)
            case Outcome.DELAYED:
                logger.warning("hook_delayed", extra={**facts, "reason": attempt.reason})
            case _:
                logger.error("hook_given_up", extra={**facts, "reason": attempt.reason})

    def rest(self, *, idle_for: float) -> None:
        """Close nothing: no connection outlives its post."""

    def _post(self, hook: Hook, claim: Claim, body: bytes) -> Attempt:
        client = self._trusting if hook.row_id is None else self._guarded
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"hanko-compat/{__version__}",
            ID_HEADER: str(claim.delivery_id),
        }
        try:
            status = client.post_for_status(hook.callback, body, headers)
        except RequestFailed as error:
            return Attempt(Outcome.DELAYED, error.reason)
        if 200 <= status < 300:
            return Attempt(Outcome.SENT)
        return Attempt(Outcome.DELAYED, f"status {status}")
