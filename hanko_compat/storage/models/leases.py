"""The table ``hanko_compat_leases``: work that one process of all does at a time."""

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField
from hanko_compat.storage.models.base import Row


class Lease(Row):
    """A piece of work: when it is due, and who does it until when; ``holder`` is "" when nobody does."""

    name = peewee.CharField(max_length=64, primary_key=True)
    holder = peewee.CharField(max_length=128)
    ends_at = UtcDateTimeField()
    due_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_leases"
