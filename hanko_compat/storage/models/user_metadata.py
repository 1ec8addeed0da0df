"""The table ``user_metadata``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class UserMetadata(Row):
    """Three JSON objects, as text, that an application keeps about a user."""

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id")
    public_metadata = peewee.CharField(max_length=3000, null=True)
    private_metadata = peewee.CharField(max_length=3000, null=True)
    unsafe_metadata = peewee.CharField(max_length=3000, null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "user_metadata"


UserMetadata.add_index(UserMetadata.user, unique=True, name="user_metadata_user_id_idx")
