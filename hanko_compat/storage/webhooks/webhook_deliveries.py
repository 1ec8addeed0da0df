"""The table ``hanko_compat_webhook_deliveries``: a claim is one statement that only one caller can win."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import WebhookDelivery

_CREATE = Statement(
    WebhookDelivery,
    lambda: WebhookDelivery.insert(
        id=argument("id", WebhookDelivery.id),
        endpoint_id=argument("endpoint_id", WebhookDelivery.endpoint_id),
        type=argument("type", WebhookDelivery.type),
        body=argument("body", WebhookDelivery.body),
        attempts=0,
        failures=0,
        next_attempt_at=argument("now", WebhookDelivery.next_attempt_at),
        created_at=argument("now", WebhookDelivery.created_at),
    ),
)


def create(*, endpoint_id: UUID, type_: str, body: str, now: datetime) -> None:
    """Add what one endpoint is to be told, due at once."""
    _CREATE.count(id=uuid4(), endpoint_id=endpoint_id, type=type_, body=body, now=now)


def list_due(*, at: datetime, limit: int, but: Collection[UUID]) -> Sequence[WebhookDelivery]:
    """Up to *limit* that are due, those that wait for longest first; none for the endpoints in *but*."""
    due = WebhookDelivery.select().where(WebhookDelivery.next_attempt_at <= at)
    if but:
        due = due.where(WebhookDelivery.endpoint_id.not_in(list(but)))
    return list(due.order_by(WebhookDelivery.next_attempt_at).limit(limit))


def claim(delivery_id: UUID, *, attempts: int, until: datetime) -> bool:
    """Keep others off what was seen with so many *attempts*. Of several callers one gets True."""
    changes = {"attempts": WebhookDelivery.attempts + 1, "next_attempt_at": until}
    return WebhookDelivery.update(changes).where(_is_claim(delivery_id, attempts)).execute() == 1


def postpone(delivery_id: UUID, *, attempts: int, until: datetime) -> None:
    """Note a failure and wait, while the claim that made it *attempts* is the present one."""
    changes = {"failures": WebhookDelivery.failures + 1, "next_attempt_at": until}
    WebhookDelivery.update(changes).where(_is_claim(delivery_id, attempts)).execute()


def give_up(delivery_id: UUID, *, attempts: int) -> None:
    """Forget what can't be delivered, while the claim that made it *attempts* is the present one."""
    WebhookDelivery.delete().where(_is_claim(delivery_id, attempts)).execute()


def delete(delivery_id: UUID) -> None:
    """Forget what was delivered."""
    WebhookDelivery.delete().where(WebhookDelivery.id == delivery_id).execute()


def delete_of_endpoint(endpoint_id: UUID) -> None:
    """Forget all that one endpoint was to be told."""
    WebhookDelivery.delete().where(WebhookDelivery.endpoint_id == endpoint_id).execute()


def count() -> int:
    """How many wait or are under way."""
    return WebhookDelivery.select().count()


def _is_claim(delivery_id: UUID, attempts: int) -> Any:
    """The row as it was seen: nobody has claimed it since."""
    return (WebhookDelivery.id == delivery_id) & (WebhookDelivery.attempts == attempts)
