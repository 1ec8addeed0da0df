"""The table ``flows``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class Flow(Row):
    """The state of a flow of Hanko's flow API; this server has no use for it."""

    id = UUIDField(primary_key=True, default=uuid4)
    version = peewee.IntegerField()
    expires_at = UtcDateTimeField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    csrf_token = peewee.CharField(max_length=32)
    data = peewee.TextField()

    class Meta:
        table_name = "flows"
