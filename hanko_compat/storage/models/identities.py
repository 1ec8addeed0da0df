"""The table ``identities``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.emails import Email
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class Identity(Row):
    """An account at a third-party provider with which a user logs in.

    ``data`` is the user info as JSON text; older rows have no ``user_id``.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    provider_user_id = peewee.CharField()
    provider_id = peewee.CharField()
    data = peewee.TextField(null=True)
    email = reference(Email, "email_id", null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    user = reference(User, "user_id", null=True, constraint_name="identities_users_id_fk")

    class Meta:
        table_name = "identities"


Identity.add_index(
    Identity.provider_user_id,
    Identity.provider_id,
    unique=True,
    name="identities_provider_user_id_provider_id_idx",
)
# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
Identity.add_index(Identity.email, name="identities_email_id_idx")
Identity.add_index(Identity.user, name="identities_user_id_idx")
# Not in Hanko's own layout: the orders in which the backend door lists accounts, and its filters.
Identity.add_index(
    Identity.created_at,
    Identity.id,
    Identity.user,
    Identity.provider_id,
    Identity.provider_user_id,
    name="identities_created_at_id_user_id_idx",
)
Identity.add_index(
    Identity.provider_id,
    Identity.id,
    Identity.user,
    Identity.provider_user_id,
    name="identities_provider_id_id_user_id_provider_user_id_idx",
)
Identity.add_index(
    Identity.provider_user_id,
    Identity.id,
    Identity.user,
    Identity.provider_id,
    name="identities_provider_user_id_id_user_id_provider_id_idx",
)
