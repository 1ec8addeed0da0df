"""The table ``hanko_compat_webhook_endpoints``: which servers get which events."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class WebhookEndpoint(Row):
    """A server that gets events. ``password`` and ``custom_headers`` are encrypted, as both may hold secrets.

    ``custom_headers`` is an object, ``events`` a list, both JSON; "" where there is no basic authentication.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    url = peewee.TextField()
    username = peewee.CharField()
    password = peewee.TextField()
    custom_headers = peewee.TextField()
    events = peewee.TextField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_webhook_endpoints"
