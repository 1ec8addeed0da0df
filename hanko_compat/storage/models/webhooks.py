"""The table ``webhooks``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class Webhook(Row):
    """A URL that subscribes to events.

    ``expires_at`` counts only with ``webhooks.allow_time_expiration``.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    callback = peewee.CharField()
    enabled = peewee.BooleanField(default=True, constraints=[peewee.SQL("DEFAULT true")])
    failures = peewee.IntegerField(default=0, constraints=[peewee.SQL("DEFAULT 0")])
    expires_at = UtcDateTimeField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "webhooks"
