"""The table ``sessions``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class Session(Row):
    """A session; its id is the claim ``session_id``. A token is valid only while this row exists.

    Hanko answers 500 to a row whose ``last_used`` is NULL: fill every column but the two about the client.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id", null=True, on_update="CASCADE")
    user_agent = peewee.CharField(null=True)
    ip_address = peewee.CharField(null=True)
    expires_at = UtcDateTimeField(null=True)
    last_used = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "sessions"


# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
Session.add_index(Session.user, name="sessions_user_id_idx")
# Not in Hanko's own layout: the orders in which the backend door lists sessions, and its filters.
Session.add_index(
    Session.id,
    Session.user,
    Session.created_at,
    Session.expires_at,
    Session.last_used,
    name="sessions_id_user_id_created_at_expires_at_last_used_idx",
)
Session.add_index(
    Session.user,
    Session.id,
    Session.created_at,
    Session.expires_at,
    Session.last_used,
    name="sessions_user_id_id_created_at_expires_at_last_used_idx",
)
Session.add_index(
    Session.created_at,
    Session.id,
    Session.expires_at,
    Session.last_used,
    name="sessions_created_at_id_expires_at_last_used_idx",
)
Session.add_index(
    Session.expires_at,
    Session.id,
    Session.created_at,
    Session.last_used,
    name="sessions_expires_at_id_created_at_last_used_idx",
)
Session.add_index(
    Session.last_used,
    Session.id,
    Session.created_at,
    Session.expires_at,
    name="sessions_last_used_id_created_at_expires_at_idx",
)
