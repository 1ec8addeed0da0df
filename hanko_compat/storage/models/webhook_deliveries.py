"""The table ``hanko_compat_webhook_deliveries``: webhooks that servers of an earlier release wrote."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class WebhookDelivery(Row):
    """A webhook that waits for migration ``0008_deliveries``, which moves it to the table of deliveries."""

    id = UUIDField(primary_key=True, default=uuid4)
    endpoint_id = UUIDField()
    type = peewee.CharField(max_length=32)
    body = peewee.TextField()
    attempts = peewee.IntegerField()
    failures = peewee.IntegerField()
    next_attempt_at = UtcDateTimeField()
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_webhook_deliveries"


WebhookDelivery.add_index(
    WebhookDelivery.next_attempt_at, name="hanko_compat_webhook_deliveries_next_attempt_at_idx"
)
WebhookDelivery.add_index(WebhookDelivery.endpoint_id, name="hanko_compat_webhook_deliveries_endpoint_id_idx")
