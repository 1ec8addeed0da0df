"""Webhooks on their way: an event is posted to the endpoint that wants it, up to three times."""

import base64
import logging
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from hanko_compat import __version__
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client
from hanko_compat.services.delivery.backoff import Backoff, fixed_pauses
from hanko_compat.services.delivery.carriers import Attempt, Count, Limits, Outcome, ignore
from hanko_compat.services.delivery.queue import Channel, Claim
from hanko_compat.services.webhooks.endpoints import WebhookEndpoint, WebhookEndpoints

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds until an endpoint that has not answered counts as one that failed."""
LIMITS = Limits(
    threads=4,
    lease=timedelta(minutes=2),  # longer than any post takes
    for_recipient=2,
    patience=1.0,
    slow_threads=8,
)
PAUSES = (timedelta(seconds=10), timedelta(minutes=2))
"""Before the first and before the second retry; after that an event is given up."""
EVENT_HEADER = "X-Corbado-Webhook-Event"


class WebhookCarrier:
    """Posts events to endpoints."""

    channel = Channel.WEBHOOK
    limits = LIMITS
    name = "webhook_delivery"
    queue = "webhooks"

    def __init__(
        self,
        endpoints: WebhookEndpoints,
        *,
        client: Client,
        backoff: Backoff | None = None,
        count: Count = ignore,
    ) -> None:
        """*client* makes the requests; it should give up after `TIMEOUT`.

        *count* is told of the outcome of each attempt.
        """
        self.backoff = backoff or fixed_pauses(PAUSES)
        self._endpoints = endpoints
        self._client = client
        self._count = count

    def attempt(self, claim: Claim) -> Attempt:
        """Post an event to its endpoint; one that was deleted meanwhile gets nothing."""
        endpoint = self._endpoints.find(UUID(claim.recipient))
        if endpoint is None:
            return Attempt(Outcome.OBSOLETE)
        headers = _headers(endpoint, claim.kind)
        try:
            status = self._client.post_for_status(endpoint.url, claim.payload.encode(), headers)
        except RequestFailed as error:
            return Attempt(Outcome.DELAYED, error.reason)
        if 200 <= status < 300:
            return Attempt(Outcome.SENT)
        return Attempt(Outcome.DELAYED, f"status {status}")

    def report(self, claim: Claim, attempt: Attempt) -> None:
        """Log the outcome: nothing of the body, nor of a URL that may hold a secret."""
        facts = {
            "delivery_id": str(claim.delivery_id),
            "endpoint_id": claim.recipient,
            "type": claim.kind,
            "attempt": claim.attempts,
        }
        self._count(attempt.outcome)
        match attempt.outcome:
            case Outcome.SENT:
                logger.info("webhook_sent", extra=facts)
            case Outcome.DELAYED:
                logger.warning("webhook_delayed", extra={**facts, "reason": attempt.reason})
            case _:
                logger.error("webhook_given_up", extra={**facts, "reason": attempt.reason})

    def rest(self, *, idle_for: float) -> None:
        """Close nothing: no connection outlives its post."""


def _headers(endpoint: WebhookEndpoint, type_: str) -> Mapping[str, str]:
    """What is sent beside the body. Credentials of basic authentication win over a header of their name."""
    names = {name.lower(): name for name in endpoint.custom_headers}
    headers = dict(endpoint.custom_headers)
    if "user-agent" not in names:
        headers["User-Agent"] = f"hanko-compat/{__version__}"
    if endpoint.username or endpoint.password:
        headers.pop(names.get("authorization", ""), None)
        pair = f"{endpoint.username}:{endpoint.password}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return headers | {"Content-Type": "application/json", EVENT_HEADER: type_}
