"""Tells endpoints what waits for them: threads of ``serve`` or ``worker`` claim and post it, at least once.

A row is claimed for a while (a lease) by one thread of all processes; when that process dies, the lease ends
and somebody else posts. No endpoint keeps all threads busy, so that one which never answers does not hold up
the others.
"""

import base64
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from random import SystemRandom
from threading import Event, Lock, Thread
from uuid import UUID

from hanko_compat import __version__
from hanko_compat.backend_errors import PostFailed
from hanko_compat.clock import Clock
from hanko_compat.errors import DatabaseUnavailable
from hanko_compat.outgoing.posting import Post, post
from hanko_compat.services.webhook_endpoints import WebhookEndpoint, WebhookEndpoints
from hanko_compat.storage import webhook_deliveries as rows
from hanko_compat.storage.database import Database

logger = logging.getLogger(__name__)

THREADS = 4
"""Of each process: so many posts are under way at a time."""
THREADS_FOR_ONE = 2
"""How many of them one endpoint may keep busy."""
TIMEOUT = 10.0
"""Seconds until an endpoint that has not answered counts as one that failed."""
LEASE = timedelta(minutes=2)
"""How long a claim keeps others off; longer than any post takes, the look-up of a name included."""
CANDIDATES = 20
PAUSES = (timedelta(seconds=10), timedelta(minutes=2))
"""Before the first and before the second retry; after that an event is given up."""
POLL = 1.0
"""Seconds between two looks at what other processes wrote or left behind."""
PAUSE_WITHOUT_DATABASE = 2.0
"""Seconds."""
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


class WebhookDelivery:
    """Posts what waits, by threads or at once."""

    def __init__(
        self,
        database: Database,
        *,
        endpoints: WebhookEndpoints,
        networks: tuple[IPv4Network | IPv6Network, ...],
        now: Clock,
        jitter: Callable[[float, float], float] = _random.uniform,
    ) -> None:
        """Build it without a thread, so that it survives a fork.

        *networks* are those that may be connected to although they are not public.
        """
        self._database = database
        self._endpoints = endpoints
        self._networks = networks
        self._now = now
        self._jitter = jitter
        self._turn = Lock()
        self._woken = Event()
        self._stopping = Event()
        self._threads: list[Thread] = []
        self._busy: Counter[UUID] = Counter()
        self._busy_lock = Lock()
        self._delivered: set[UUID] = set()
        self._has_database = True

    def wake(self) -> None:
        """Look for work now: something was written."""
        self._woken.set()

    def start(self, *, threads: int = THREADS) -> None:
        """Start the threads. In a server that forks, call it in each worker."""
        names = (f"webhook-{number}" for number in range(1, threads + 1))
        self._threads = [Thread(target=self._run, name=name, daemon=True) for name in names]
        for thread in self._threads:
            thread.start()

    def stop(self, *, patience: float) -> bool:
        """Take no more work and wait up to *patience* seconds for what is under way; whether it ended."""
        self._stopping.set()
        self._woken.set()
        deadline = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

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

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._turn:
                    claim = self._next()
                if claim is not None:
                    self._deliver(claim)
            except DatabaseUnavailable as error:
                self._note_database(is_there=False, reason=str(error.__cause__ or error))
                self._stopping.wait(PAUSE_WITHOUT_DATABASE)
            except Exception:
                # The thread has to live on: nobody would start it again.
                logger.exception("webhook_delivery_failed")
                self._stopping.wait(PAUSE_WITHOUT_DATABASE)

    def _next(self) -> Claim | None:
        """Wait for something that is due; None when it is time to stop."""
        while not self._stopping.is_set():
            self._woken.clear()
            claim = self._claim()
            self._note_database(is_there=True)
            if claim is not None:
                return claim
            self._woken.wait(POLL)
        return None

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
        wanted = Post(endpoint.url, claim.body.encode(), _headers(endpoint, claim.type))
        try:
            status = post(wanted, timeout=TIMEOUT, networks=self._networks)
        except PostFailed as error:
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

    def _note_database(self, *, is_there: bool, reason: str = "") -> None:
        """Write a line when the database goes and when it comes back, not for each look at it."""
        if is_there != self._has_database:
            self._has_database = is_there
            if is_there:
                logger.info("webhooks_reachable")
            else:
                logger.warning("webhooks_unreachable", extra={"reason": reason})


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
