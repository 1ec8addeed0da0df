"""What hooks will be told: the events that wait for them, decrypted."""

from typing import Any

from hanko_compat.services.delivery.queue import Channel, Claim
from hanko_compat.storage.models import Delivery
from hanko_compat.wiring import Services

HOOKED: dict[str, Any] = {
    "webhooks": {
        "enabled": True,
        "hooks": [{"callback": "http://127.0.0.1:9/", "events": ["user", "email.send"]}],
    }
}
"""The settings of a hook that wants everything."""


def taken(services: Services) -> list[tuple[str, dict[str, Any]]]:
    """The events that wait, in their order, with their data; then none waits any more."""
    with services.database.connection():
        rows = list(Delivery.select().where(Delivery.channel == Channel.HOOK).order_by(Delivery.turn))
        Delivery.delete().where(Delivery.channel == Channel.HOOK).execute()
    return [(row.kind, read(services, row)) for row in rows]


def read(services: Services, row: Delivery) -> dict[str, Any]:
    """The data of an event that waits."""
    claim = Claim(
        delivery_id=row.id,
        channel=Channel(row.channel),
        kind=row.kind,
        recipient=row.recipient,
        payload=row.payload,
        attempts=1,
        failures=0,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
    data = services.webhooks.hook_queue.read(claim)
    assert data is not None
    return data


def names(services: Services) -> list[str]:
    """The names of the events that wait; then none waits any more."""
    return [name for name, _ in taken(services)]
