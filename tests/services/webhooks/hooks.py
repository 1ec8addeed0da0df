"""Hooks of tests: in the configuration, and in Hanko's table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from hanko_compat.services.delivery.queue import Channel
from hanko_compat.storage.models import DeadLetter, Delivery, Webhook, WebhookEvent
from hanko_compat.wiring import Services
from tests.gateway import HttpGateway


def configured(*receivers: HttpGateway, events: Sequence[str] = ("user", "email.send")) -> dict[str, Any]:
    """The settings with which these servers get events."""
    hooks = [{"callback": receiver.url, "events": list(events)} for receiver in receivers]
    return {"webhooks": {"enabled": True, "hooks": hooks}}


def add_to_table(
    services: Services,
    url: str,
    *,
    expires_at: datetime,
    events: Sequence[str | None] = ("user",),
    enabled: bool = True,
) -> UUID:
    """Write a hook as Hanko's admin API does."""
    hook_id, now = uuid4(), services.now()
    with services.database.connection():
        Webhook.insert(
            id=hook_id, callback=url, enabled=enabled, failures=0, expires_at=expires_at,
            created_at=now, updated_at=now,
        ).execute()  # fmt: skip
        for event in events:
            WebhookEvent.insert(
                id=uuid4(), webhook=hook_id, event=event, created_at=now, updated_at=now
            ).execute()
    return hook_id


def in_table(services: Services, hook_id: UUID) -> Webhook:
    """The row of a hook."""
    with services.database.connection():
        return Webhook.get_by_id(hook_id)


def put(services: Services, event: str = "user.create", *, user_id: UUID | None = None, **data: Any) -> None:
    """Write an event, as whatever causes it does."""
    expires_at = data.pop("expires_at", None)
    queue = services.webhooks.hook_queue
    services.database.transaction(lambda: queue.put(event, data, user_id=user_id, expires_at=expires_at))
    queue.wake()


def waiting(services: Services) -> list[Delivery]:
    """What waits for hooks."""
    with services.database.connection():
        return list(Delivery.select().where(Delivery.channel == Channel.HOOK).order_by(Delivery.turn))


def dead(services: Services) -> list[DeadLetter]:
    """What was given up."""
    with services.database.connection():
        return list(DeadLetter.select().order_by(DeadLetter.created_at))
