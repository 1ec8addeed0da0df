"""Webhook endpoints: which servers get which events, and with which credentials."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hanko_compat.clock import Clock
from hanko_compat.errors.webhooks import WebhookEndpointNotFound
from hanko_compat.jose.encryption import decrypt_with_any, encrypt
from hanko_compat.services.delivery.queue import Channel
from hanko_compat.storage.delivery import deliveries
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import WebhookEndpoint as Row
from hanko_compat.storage.webhooks import endpoints as rows
from hanko_compat.timed_cache import TimedValue

logger = logging.getLogger(__name__)

LIFETIME = timedelta(seconds=2)
"""How long a process goes on with what it has read, and so does not know an endpoint that another made."""


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """A server that subscribes to events; both credentials are "" without basic authentication."""

    id: UUID
    url: str
    username: str
    password: str
    custom_headers: Mapping[str, str]
    events: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


class WebhookEndpoints:
    """Keeps the endpoints. Passwords and headers are stored encrypted, as both may hold secrets."""

    def __init__(self, database: Database, *, secrets: Sequence[str], now: Clock) -> None:
        """Take the secrets of the configuration: the first encrypts, any may decrypt."""
        self._database = database
        self._secrets = tuple(secrets)
        self._now = now
        self._events = TimedValue(self._read_events, lifetime=LIFETIME, clock=now)

    def create(
        self,
        *,
        url: str,
        events: Sequence[str],
        custom_headers: Mapping[str, str],
        username: str | None = None,
        password: str | None = None,
    ) -> WebhookEndpoint:
        """Add an endpoint. Other processes tell it of what happens two seconds later at the latest."""
        endpoint_id = uuid4()
        columns = self._columns(
            url=url,
            events=events,
            custom_headers=custom_headers,
            username=username or "",
            password=password or "",
        )

        def work() -> Row | None:
            rows.create(endpoint_id, **columns, now=self._now())
            return rows.find(endpoint_id)

        return self._changed(work)

    def find(self, endpoint_id: UUID) -> WebhookEndpoint | None:
        """The endpoint, or None."""
        with self._database.connection():
            row = rows.find(endpoint_id)
        return None if row is None else self._read(row)

    def update(self, endpoint_id: UUID, **changes: Any) -> WebhookEndpoint:
        """Change what is not None; the names are those of `create`.

        Raises:
            WebhookEndpointNotFound: no such endpoint.
        """
        columns = self._columns(**{name: value for name, value in changes.items() if value is not None})

        def work() -> Row | None:
            if columns:
                rows.update(endpoint_id, changes=columns, now=self._now())
            return rows.find(endpoint_id)

        return self._changed(work)

    def delete(self, endpoint_id: UUID) -> None:
        """Delete an endpoint, and the events that were not delivered to it yet.

        Raises:
            WebhookEndpointNotFound: no such endpoint.
        """

        def work() -> None:
            deliveries.delete_of_recipient(str(endpoint_id), channel=Channel.WEBHOOK)
            if not rows.delete(endpoint_id):
                raise WebhookEndpointNotFound

        self._database.transaction(work)
        self._events.forget()

    def subscribers(self, type_: str) -> list[UUID]:
        """The endpoints that subscribe to a type of event, as this process knows them."""
        return [endpoint_id for endpoint_id, events in self._events.get().items() if type_ in events]

    def list(self) -> Sequence[WebhookEndpoint]:
        """Every endpoint, the oldest first."""
        with self._database.connection():
            return [self._read(row) for row in rows.list_()]

    def _changed(self, work: Any) -> WebhookEndpoint:
        row = self._database.transaction(work)
        self._events.forget()
        if row is None:
            raise WebhookEndpointNotFound
        return self._read(row)

    def _read_events(self) -> Mapping[UUID, frozenset[str]]:
        with self._database.connection():
            return {endpoint_id: frozenset(json.loads(text)) for endpoint_id, text in rows.list_events()}

    def _columns(self, **values: Any) -> dict[str, str]:
        """The columns that hold *values*."""
        columns = dict(values)
        if "events" in values:
            columns["events"] = json.dumps(list(dict.fromkeys(values["events"])))
        if values.get("password"):
            columns["password"] = self._sealed(values["password"])
        if "custom_headers" in values:
            columns["custom_headers"] = self._sealed(json.dumps(dict(values["custom_headers"])))
        return columns

    def _sealed(self, text: str) -> str:
        return encrypt(text.encode(), secret=self._secrets[0])

    def _opened(self, row: Row, text: str) -> str:
        """What is encrypted in *text*; "" where no secret decrypts it."""
        plain = decrypt_with_any(text, secrets=self._secrets) if text else b""
        if plain is None:
            logger.error("webhook_endpoint_unreadable", extra={"endpoint_id": str(row.id)})
            return ""
        return plain.decode()

    def _read(self, row: Row) -> WebhookEndpoint:
        return WebhookEndpoint(
            id=row.id,
            url=row.url,
            username=row.username,
            password=self._opened(row, row.password),
            custom_headers=json.loads(self._opened(row, row.custom_headers) or "{}"),
            events=tuple(json.loads(row.events)),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
