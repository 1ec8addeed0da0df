"""The table ``webhook_events``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.webhooks import Webhook


class WebhookEvent(Row):
    """The name of an event that a webhook subscribes to."""

    id = UUIDField(primary_key=True, default=uuid4)
    webhook = reference(Webhook, "webhook_id", null=True, on_update="CASCADE")
    event = peewee.CharField(null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "webhook_events"


WebhookEvent.add_index(
    WebhookEvent.webhook, WebhookEvent.event, unique=True, name="webhook_events_webhook_id_event_idx"
)
