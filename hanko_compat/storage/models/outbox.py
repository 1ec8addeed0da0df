"""The table ``hanko_compat_outbox``: mails that wait to be sent."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class OutboxMail(Row):
    """A mail that nobody has delivered yet; our own table, so it is there on Hanko's database too.

    ``payload`` is encrypted, as it holds passcodes. ``attempts`` counts claims, so it also tells whose claim
    is the present one. Until ``next_attempt_at`` nobody may claim the row; after ``expires_at`` the mail is
    of no use.
    """

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
