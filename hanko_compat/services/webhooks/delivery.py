"""Tells endpoints what waits for them: threads of ``serve`` or ``worker`` claim and post it, at least once.

A row is claimed for a while (a lease) by one thread of all processes; when that process dies, the lease ends
and somebody else posts. No endpoint keeps all threads busy, so that one which never answers does not hold up
the others.
"""

import base64
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from random import SystemRandom
from threading import Lock
from uuid import UUID

from hanko_compat import __version__
from hanko_compat.clock import Clock
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client
from hanko_compat.services.delivery.threads import DeliveryThreads
from hanko_compat.services.webhooks.endpoints import WebhookEndpoint, WebhookEndpoints
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.webhooks import webhook_deliveries as rows

logger = logging.getLogger(__name__)

THREADS_FOR_ONE = 2
"""How many of its threads one endpoint may keep busy."""
TIMEOUT = 10.0
"""Seconds until an endpoint that has not answered counts as one that failed."""
LEASE = timedelta(minutes=2)
"""How long a claim keeps others off; longer than any post takes."""
CANDIDATES = 20
PAUSES = (timedelta(seconds=10), timedelta(minutes=2))
"""Before the first and before the second retry; after that an event is given up."""
EVENT_HEADER = "X-Corbado-Webhook-Event"

_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Claim:
    """What nobody else posts at the moment."""

    delivery_id: UUID
    endpoint_id: UUID
    type: str
    body: str
    attempts: int  # this one included
    failures: int


class WebhookDelivery(DeliveryThreads[Claim]):
    """Posts what waits, by threads or at once."""

    name = "webhook"
    queue = "webhooks"
    threads = 4
    poll = 1.0

    def __init__(
        self,
        database: Database,
        *,
        endpoints: WebhookEndpoints,
        networks: tuple[IPv4Network | IPv6Network, ...],
        now: Clock,
        jitter: Callable[[float, float], float] = _random.uniform,
        timeout: float = TIMEOUT,
    ) -> None:
        """Build it without a thread, so that it survives a fork.

        *networks* are those that may be connected to although they are not public; *timeout* is in seconds.
        """
        super().__init__()
        self._database = database
        self._endpoints = endpoints
        self._client = Client(timeout=timeout, networks=networks)
        self._now = now
        self._jitter = jitter
        self._busy: Counter[UUID] = Counter()
        self._busy_lock = Lock()
        self._delivered: set[UUID] = set()

    def deliver_due(self) -> int:
        """Post what is due, in this thread; return how many posts were tried.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        number = 0
        while (claim := self._claim()) is not None:
            self._deliver(claim)
            number += 1
        return number

    def _claim(self) -> Claim | None:
        """Take what is due, and count its endpoint as busy until it is delivered."""
        with self._busy_lock:
            busy = [endpoint_id for endpoint_id, posts in self._busy.items() if posts >= THREADS_FOR_ONE]
        with self._database.connection():
            due = rows.list_due(at=self._now(), limit=CANDIDATES, but=busy)
            # Not all processes try the same one first.
            for row in _random.sample(due, len(due)):
                if rows.claim(row.id, attempts=row.attempts, until=self._now() + LEASE):
                    self._count_busy(row.endpoint_id, 1)
                    return Claim(row.id, row.endpoint_id, row.type, row.body, row.attempts + 1, row.failures)
        return None

    def _count_busy(self, endpoint_id: UUID, number: int) -> None:
        with self._busy_lock:
            self._busy[endpoint_id] += number
            if not self._busy[endpoint_id]:
                del self._busy[endpoint_id]

    def _deliver(self, claim: Claim) -> None:
        try:
            self._tell(claim)
        finally:
            self._count_busy(claim.endpoint_id, -1)
            self._woken.set()  # what waited for this endpoint to be less busy

    def _tell(self, claim: Claim) -> None:
        endpoint = self._endpoints.find(claim.endpoint_id)
        if endpoint is None or claim.delivery_id in self._delivered:
            # Deleted meanwhile; or posted before, but the database was away when it should have heard of it.
            self._forget(claim)
            return
        failure = self._post(endpoint, claim)
        if failure is not None:
            self._note_failure(claim, failure)
            return
        self._delivered.add(claim.delivery_id)
        logger.info("webhook_sent", extra=_facts(claim))
        self._forget(claim)

    def _post(self, endpoint: WebhookEndpoint, claim: Claim) -> str | None:
        """Post it; say why that failed, if it did."""
        headers = _headers(endpoint, claim.type)
        try:
            status = self._client.post_for_status(endpoint.url, claim.body.encode(), headers)
        except RequestFailed as error:
            return error.reason
        return None if 200 <= status < 300 else f"status {status}"

    def _forget(self, claim: Claim) -> None:
        with self._database.connection():
            rows.delete(claim.delivery_id)
        self._delivered.discard(claim.delivery_id)

    def _note_failure(self, claim: Claim, reason: str) -> None:
        facts = {**_facts(claim), "reason": reason}
        if claim.failures >= len(PAUSES):
            with self._database.connection():
                rows.give_up(claim.delivery_id, attempts=claim.attempts)
            logger.error("webhook_given_up", extra=facts)
            return
        until = self._now() + PAUSES[claim.failures] * self._jitter(0.75, 1.25)
        with self._database.connection():
            rows.postpone(claim.delivery_id, attempts=claim.attempts, until=until)
        logger.warning("webhook_delayed", extra=facts)


def _headers(endpoint: WebhookEndpoint, type_: str) -> dict[str, str]:
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


def _facts(claim: Claim) -> dict[str, object]:
    """What a log line may tell of a post: nothing of its body, nor of a URL that may hold a secret."""
    return {
        "delivery_id": str(claim.delivery_id),
        "endpoint_id": str(claim.endpoint_id),
        "type": claim.type,
        "attempt": claim.attempts,
    }
