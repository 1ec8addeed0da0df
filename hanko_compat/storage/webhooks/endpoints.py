"""The table ``hanko_compat_webhook_endpoints``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from hanko_compat.storage.models import WebhookEndpoint


def create(
    endpoint_id: UUID,
    *,
    url: str,
    username: str,
    password: str,
    custom_headers: str,
    events: str,
    now: datetime,
) -> None:
    """Write an endpoint. *password* and *custom_headers* are encrypted, *events* is JSON."""
    WebhookEndpoint.insert(
        id=endpoint_id,
        url=url,
        username=username,
        password=password,
        custom_headers=custom_headers,
        events=events,
        created_at=now,
        updated_at=now,
    ).execute()


def find(endpoint_id: UUID) -> WebhookEndpoint | None:
    """The endpoint, or None."""
    return WebhookEndpoint.select().where(WebhookEndpoint.id == endpoint_id).first()


def list_() -> Sequence[WebhookEndpoint]:
    """Every endpoint, the oldest first."""
    return list(WebhookEndpoint.select().order_by(WebhookEndpoint.created_at, WebhookEndpoint.id))


def list_events() -> list[tuple[UUID, str]]:
    """The events that each endpoint subscribes to, as JSON."""
    return list(WebhookEndpoint.select(WebhookEndpoint.id, WebhookEndpoint.events).tuples())


def update(endpoint_id: UUID, *, changes: Mapping[str, str], now: datetime) -> None:
    """Change some columns."""
    WebhookEndpoint.update({**changes, "updated_at": now}).where(WebhookEndpoint.id == endpoint_id).execute()


def delete(endpoint_id: UUID) -> bool:
    """Delete an endpoint; False when there is none."""
    return WebhookEndpoint.delete().where(WebhookEndpoint.id == endpoint_id).execute() == 1
