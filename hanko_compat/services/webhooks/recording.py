"""Webhooks: what happened is stored for each endpoint that subscribes to it."""

from collections.abc import Callable

from hanko_compat.clock import Clock
from hanko_compat.services.delivery.queue import Channel, DeliveryQueue
from hanko_compat.services.events import Event
from hanko_compat.services.webhooks.bodies import body, type_of
from hanko_compat.services.webhooks.endpoints import WebhookEndpoints
from hanko_compat.storage.engine.database import Database


class Webhooks:
    """Listens to events. It costs nothing while no endpoint wants them, but a look every two seconds."""

    def __init__(
        self,
        database: Database,
        *,
        endpoints: WebhookEndpoints,
        queue: DeliveryQueue,
        wake: Callable[[], None],
        now: Clock,
    ) -> None:
        """*wake* says that there is something to deliver."""
        self._database = database
        self._endpoints = endpoints
        self._queue = queue
        self._wake = wake
        self._now = now

    def wants(self, event: Event) -> bool:
        """Whether an endpoint subscribes to such events."""
        reported = type_of(event)
        return reported is not None and bool(self._endpoints.subscribers(reported))

    def record(self, event: Event) -> None:
        """Write down what is to be posted. Runs in the transaction that *event* reports."""
        type_ = type_of(event)
        subscribers = self._endpoints.subscribers(type_) if type_ else []
        if type_ is None or not subscribers or event.error is not None:
            return
        text = body(event, self._database, now=self._now())
        if text is None:
            return
        for endpoint_id in subscribers:
            self._queue.put(Channel.WEBHOOK, kind=type_, recipient=str(endpoint_id), payload=text)

    def announce(self, event: Event) -> None:
        """Have what was written down delivered now, after the commit."""
        if self.wants(event):
            self._wake()
