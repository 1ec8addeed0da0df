"""Hanko's tables ``webhooks`` and ``webhook_events``: hooks that its admin API has made."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from hanko_compat.storage.models import Webhook, WebhookEvent


class HookRow(NamedTuple):
    """A row of ``webhooks``."""

    id: UUID
    callback: str
    enabled: bool
    failures: int
    expires_at: datetime


def list_() -> Sequence[HookRow]:
    """Every hook, the oldest first."""
    query = Webhook.select(*_columns()).order_by(Webhook.created_at, Webhook.id)
    return [HookRow(*row) for row in query.tuples()]


def find(hook_id: UUID) -> HookRow | None:
    """The hook, or None."""
    row = Webhook.select(*_columns()).where(Webhook.id == hook_id).tuples().first()
    return None if row is None else HookRow(*row)


def list_events() -> list[tuple[UUID, str]]:
    """The events that each hook subscribes to, in the order of their names."""
    query = WebhookEvent.select(WebhookEvent.webhook, WebhookEvent.event).order_by(WebhookEvent.event)
    return [(hook_id, event) for hook_id, event in query.tuples() if hook_id and event]


def count_failure(hook_id: UUID, *, most: int, now: datetime) -> bool:
    """Count a failure in a row; True when it is the one after *most*, with which the hook is switched off."""
    changes = {Webhook.failures: Webhook.failures + 1, Webhook.updated_at: now}
    Webhook.update(changes).where(Webhook.id == hook_id).execute()
    return _switch_off((Webhook.id == hook_id) & (Webhook.failures > most), now=now)


def count_success(hook_id: UUID, *, expires_at: datetime, now: datetime) -> None:
    """Note that there is no failure in a row, and when the hook expires unless it is used again."""
    changes = {Webhook.failures: 0, Webhook.expires_at: expires_at, Webhook.updated_at: now}
    Webhook.update(changes).where((Webhook.id == hook_id) & Webhook.enabled).execute()


def switch_off_expired(hook_id: UUID, *, now: datetime) -> bool:
    """Switch a hook off that has expired; False when it has not, or was off before."""
    return _switch_off((Webhook.id == hook_id) & (Webhook.expires_at <= now), now=now)


def _switch_off(condition: object, *, now: datetime) -> bool:
    changes = {Webhook.enabled: False, Webhook.updated_at: now}
    return bool(Webhook.update(changes).where(condition, Webhook.enabled).execute())


def _columns() -> tuple[object, ...]:
    return Webhook.id, Webhook.callback, Webhook.enabled, Webhook.failures, Webhook.expires_at
