"""The table ``hanko_compat_api_secrets``: who may call the backend door."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class ApiSecret(Row):
    """A secret of a server. ``secret_hash`` is SHA-256 in hexadecimal; the secret can't be shown again."""

    id = UUIDField(primary_key=True, default=uuid4)
    secret_hash = peewee.CharField(max_length=64)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_api_secrets"


ApiSecret.add_index(ApiSecret.secret_hash, unique=True, name="hanko_compat_api_secrets_secret_hash_idx")
