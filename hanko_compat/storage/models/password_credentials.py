"""The table ``password_credentials``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class PasswordCredential(Row):
    """A user's password hash: bcrypt, or after an import any that `hanko_compat.hashing` reads."""

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id", on_update="CASCADE")
    password = peewee.CharField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "password_credentials"


PasswordCredential.add_index(PasswordCredential.user, unique=True, name="password_credentials_user_id_idx")
