"""The table ``usernames``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class Username(Row):
    """The name under which a user may log in, besides the addresses.

    Written by the flow API of Hanko; shown in tokens and in ``/me``.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id", null=True, on_update="CASCADE")
    username = peewee.CharField(null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "usernames"


Username.add_index(Username.user, unique=True, name="usernames_user_id_idx")
Username.add_index(Username.username, unique=True, name="usernames_username_idx")
# Not in Hanko's own layout: the orders in which the backend door lists usernames.
Username.add_index(
    Username.created_at,
    Username.id,
    Username.user,
    Username.username,
    name="usernames_created_at_id_user_id_username_idx",
)
Username.add_index(Username.username, Username.id, Username.user, name="usernames_username_id_user_id_idx")
Username.add_index(Username.user, Username.id, Username.username, name="usernames_user_id_id_username_idx")
