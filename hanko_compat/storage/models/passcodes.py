"""The table ``passcodes``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.emails import Email
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class Passcode(Row):
    """A one-time code that was mailed: its bcrypt hash and the number of tries.

    It expires ``ttl`` seconds after ``created_at``.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id", null=True, on_update="CASCADE")
    ttl = peewee.IntegerField()
    code = peewee.CharField()
    try_count = peewee.IntegerField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    email = reference(
        Email, "email_id", null=True, on_update="CASCADE", constraint_name="passcodes_emails_id_fk"
    )

    class Meta:
        table_name = "passcodes"


# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
Passcode.add_index(Passcode.user, name="passcodes_user_id_idx")
Passcode.add_index(Passcode.email, name="passcodes_email_id_idx")
# Not in Hanko's own layout: old ones are deleted.
Passcode.add_index(Passcode.created_at, name="passcodes_created_at_idx")
