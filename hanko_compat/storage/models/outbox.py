"""The table ``hanko_compat_outbox``: mails that servers of an earlier release wrote."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class OutboxMail(Row):
    """A mail that waits for migration ``0008_deliveries``, which moves it to the table of deliveries."""

    id = UUIDField(primary_key=True, default=uuid4)
    kind = peewee.CharField(max_length=32)
    payload = peewee.TextField()
    attempts = peewee.IntegerField()
    next_attempt_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_outbox"


OutboxMail.add_index(OutboxMail.next_attempt_at, name="hanko_compat_outbox_next_attempt_at_idx")
