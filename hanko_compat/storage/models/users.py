"""The table ``users``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class User(Row):
    """A person with an account.

    The id is the ``sub`` of the tokens and, as 16 bytes, the WebAuthn user handle. A ``given_name`` of "",
    not NULL, marks a user that a server made or removed an identifier from: it is no fresh sign-up.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    name = peewee.CharField(null=True)
    family_name = peewee.CharField(null=True)
    given_name = peewee.CharField(null=True)
    picture = peewee.TextField(null=True)

    class Meta:
        table_name = "users"


# Not in Hanko's own layout: the orders in which the backend door lists users, and its filters.
# Text comes last: PostgreSQL skips an entry three times as fast when what decides comes before text.
User.add_index(
    User.id, User.created_at, User.updated_at, User.name, name="users_id_created_at_updated_at_name_idx"
)
User.add_index(
    User.name, User.id, User.created_at, User.updated_at, name="users_name_id_created_at_updated_at_idx"
)
User.add_index(
    User.created_at, User.id, User.updated_at, User.name, name="users_created_at_id_updated_at_name_idx"
)
User.add_index(
    User.updated_at, User.id, User.created_at, User.name, name="users_updated_at_id_created_at_name_idx"
)
