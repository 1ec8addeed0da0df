"""Hooks on their way: an event is signed and posted, again and again for a day, and kept for a month then."""

import json
import logging
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from hanko_compat import __version__
from hanko_compat.clock import Clock
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client
from hanko_compat.services.delivery.backoff import Backoff, growing_pauses_for
from hanko_compat.services.delivery.carriers import Attempt, Count, Limits, Outcome, ignore
from hanko_compat.services.delivery.queue import Channel, Claim
from hanko_compat.services.webhooks.hook_queue import HookQueue
from hanko_compat.services.webhooks.hook_tokens import HookTokens
from hanko_compat.services.webhooks.hooks import MOST_FAILURES, Hook, Hooks, is_configured

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds until a hook that has not answered counts as one that failed."""
LIMITS = Limits(
    threads=4,
    lease=timedelta(minutes=2),  # longer than any post takes
    for_recipient=2,
    patience=1.0,
    slow_threads=8,
    longest_rest=30.0,
    keeps=True,
)
LIFETIME = timedelta(days=1)
"""How long an event is tried."""
LONGEST_PAUSE = timedelta(hours=1)
BURIES_EVERY = timedelta(minutes=5)
"""Between two looks for all that is too old: each reads everything that waits for the hook."""
UNKNOWN_FOR = timedelta(minutes=10)
"""A process that is started again soon may not know a new hook of the configuration for so long."""
GONE, SWITCHED_OFF, EXPIRED = "no such hook", "the hook is switched off", "the hook has expired"
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
        now: Clock,
        backoff: Backoff | None = None,
        count: Count = ignore,
    ) -> None:
        """Both clients should give up after `TIMEOUT`. *count* is told of the outcome of each attempt.

        *trusting* posts to hooks of the configuration, wherever the operator has them; *guarded* to those of
        the table, which come from elsewhere.
        """
        self.backoff = backoff or growing_pauses_for(LIFETIME, longest_pause=LONGEST_PAUSE, now=now)
        self._now = now
        self._count = count
        self._hooks = hooks
        self._events = events
        self._tokens = tokens
        self._trusting = trusting
        self._guarded = guarded
        self._failures: Counter[str] = Counter()  # of each hook in a row, as this process knows them
        self._buried_at: dict[str, datetime] = {}  # when all that was as old as an event was given up

    def attempt(self, claim: Claim) -> Attempt:
        """Post an event to its hook; one that is gone or switched off gets nothing."""
        hook = self._hooks.find(claim.recipient)
        if hook is None:
            return self._without_hook(claim)
        if self._hooks.is_expired(hook):
            self._hooks.switch_off_expired(hook)
            return self._end(claim, EXPIRED)
        if not hook.enabled:
            return self._end(claim, SWITCHED_OFF)
        data = self._events.read(claim)
        if data is None:
            return Attempt(Outcome.REFUSED, "no secret decrypts it")
        body = json.dumps({"token": self._tokens.sign(claim.kind, data), "event": claim.kind})
        attempt = self._post(hook, claim, body.encode())
        self._note(hook, attempt)
        if attempt.outcome == Outcome.DELAYED and claim.failures == 0 and self._hooks.count_failure(hook):
            return self._end(claim, attempt.reason)
        return attempt

    def report(self, claim: Claim, attempt: Attempt) -> None:
        """Log the outcome: nothing of the event's data, nor of a URL that may hold a secret."""
        facts = {
            "delivery_id": str(claim.delivery_id),
            "hook_id": claim.recipient,
            "type": claim.kind,
            "attempt": claim.attempts,
        }
        self._count(attempt.outcome)
        match attempt.outcome:
            case Outcome.SENT:
                logger.info("hook_sent", extra=facts)
                self._hooks.count_success(claim.recipient)
            case Outcome.DELAYED:
                logger.warning("hook_delayed", extra={**facts, "reason": attempt.reason})
            case _:
                logger.error("hook_given_up", extra={**facts, "reason": attempt.reason})
                if attempt.outcome == Outcome.EXPIRED:
                    self._bury_old(claim.recipient, attempt.reason)

    def rest(self, *, idle_for: float) -> None:
        """Close nothing: no connection outlives its post."""

    def _without_hook(self, claim: Claim) -> Attempt:
        """What becomes of an event whose hook is not there."""
        may_be_new = is_configured(claim.recipient) and self._now() - claim.created_at < UNKNOWN_FOR
        return Attempt(Outcome.DELAYED, GONE) if may_be_new else self._end(claim, GONE)

    def _note(self, hook: Hook, attempt: Attempt) -> None:
        if attempt.outcome == Outcome.DELAYED:
            self._failures[hook.id] += 1
        else:
            self._failures.pop(hook.id, None)

    def _bury_old(self, hook_id: str, reason: str) -> None:
        """Give up all that is as old as an event that was given up.

        One by one a long queue would outlive its time, as a hook that fails gets little. One that takes
        others gets each of them once at least: a single event may be what it can't take.
        """
        now = self._now()
        if self._failures[hook_id] <= MOST_FAILURES:
            return
        if now - self._buried_at.get(hook_id, now - BURIES_EVERY) >= BURIES_EVERY:
            self._buried_at[hook_id] = now
            self._events.bury_all(hook_id, reason=reason, created_before=now - LIFETIME)

    def _end(self, claim: Claim, reason: str) -> Attempt:
        """Give up the event, and with it all that waits for its hook."""
        self._events.bury_all(claim.recipient, reason=reason)
        return Attempt(Outcome.REFUSED, reason)

    def _post(self, hook: Hook, claim: Claim, body: bytes) -> Attempt:
        client = self._trusting if hook.row_id is None else self._guarded
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"hanko-compat/{__version__}",
            ID_HEADER: str(claim.delivery_id),
            **_credentials(hook.callback),
        }
        try:
            status = client.post_for_status(hook.callback, body, headers)
        except RequestFailed as error:
            return Attempt(Outcome.DELAYED, error.reason)
        if 200 <= status < 300:
            return Attempt(Outcome.SENT)
        return Attempt(Outcome.DELAYED, f"status {status}")


def _credentials(callback: str) -> Mapping[str, str]:
    """Basic authentication with the user information of a URL (RFC 7617), as Go's client sends it."""
    try:
        url = urlsplit(callback)
    except ValueError:
        return {}
    if not (url.username or url.password):
        return {}
    pair = f"{unquote(url.username or '')}:{unquote(url.password or '')}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
