"""The table ``passcodes``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.emails import Email
from hanko_compat.storage.models.users import User


class Passcode(Row):
    """A one-time code that was mailed: its bcrypt hash and how often somebody tried.

    Over when ``created_at`` plus ``ttl`` (seconds) has passed.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    user = peewee.ForeignKeyField(
        User,
        column_name="user_id",
        null=True,
        on_delete="CASCADE",
        on_update="CASCADE",
        index=False,
        backref="+",
    )
    ttl = peewee.IntegerField()
    code = peewee.CharField()
    try_count = peewee.IntegerField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    email = peewee.ForeignKeyField(
        Email,
        column_name="email_id",
        null=True,
        on_delete="CASCADE",
        on_update="CASCADE",
        constraint_name="passcodes_emails_id_fk",
        index=False,
        backref="+",
    )

    class Meta:
        table_name = "passcodes"


# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
Passcode.add_index(Passcode.user, name="passcodes_user_id_idx")
Passcode.add_index(Passcode.email, name="passcodes_email_id_idx")
