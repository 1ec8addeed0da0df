"""The table ``emails``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class Email(Row):
    """An e-mail address.

    ``user_id`` is NULL while the address is not verified: such a row is shared by every attempt to
    claim it and gets its user when a passcode is confirmed.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id", null=True, on_update="CASCADE")
    address = peewee.CharField()
    verified = peewee.BooleanField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "emails"


Email.add_index(Email.address, unique=True, name="emails_address_idx")
# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
Email.add_index(Email.user, name="emails_user_id_idx")
# Not in Hanko's own layout: the orders in which the backend door lists addresses of users.
Email.add_index(
    Email.created_at, Email.id, Email.user, Email.address, name="emails_created_at_id_user_id_address_idx"
)
Email.add_index(Email.address, Email.id, Email.user, name="emails_address_id_user_id_idx")
Email.add_index(Email.user, Email.id, Email.address, name="emails_user_id_id_address_idx")
